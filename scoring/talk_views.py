"""Questions and objections about a result, from its own page and from the review page."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from indicators.models import Criterion
from kpiportal.audit.once import once
from scoring.drawing import find_result, refused
from scoring.models import Result
from scoring.talk_pages import may_review
from scoring.services import NotAllowed, answer_objection, answer_question, ask_question, object_to


@require_POST
@once
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer asks the collectors, about a criterion or the whole."""
    result = find_result(request, pk)
    criterion, text = _criterion(request, result), request.POST.get("text", "")
    try:
        question = ask_question(result, criterion=criterion, text=text, by=request.user)
    except NotAllowed as refusal:
        return refused(request, result, refusal, text)
    messages.success(request, gettext("Asked; the collectors see it on their first page."))
    return _back(request, result, f"q{question.pk}")


@require_POST
@once
def answer(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """A collector answers a question."""
    result = find_result(request, pk)
    found = get_object_or_404(result.questions, pk=question)
    text = request.POST.get("answer", "")
    try:
        answer_question(found, answer=text, by=request.user)
    except NotAllowed as refusal:
        return refused(request, result, refusal, text)
    messages.success(request, gettext("Answered; whoever asked sees it."))
    return _back(request, result, f"q{found.pk}")


@require_POST
@once
def object_to_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """A collector objects to a mark that differs from the unit's own, or to all of them."""
    result = find_result(request, pk)
    criterion, text = _criterion(request, result), request.POST.get("text", "")
    try:
        objection = object_to(result, criterion=criterion, text=text, by=request.user)
    except NotAllowed as refusal:
        return refused(request, result, refusal, text)
    messages.success(request, gettext("The objection was sent to the performance office."))
    return _back(request, result, f"o{objection.pk}")


@require_POST
@once
def answer_to(request: HttpRequest, pk: int, objection: int) -> HttpResponse:
    """The office upholds or refuses an objection."""
    result = find_result(request, pk)
    found = get_object_or_404(result.objections, pk=objection)
    decision, text = request.POST.get("decision"), request.POST.get("answer", "")
    if decision not in ("uphold", "refuse"):
        raise BadRequest("neither upheld nor refused")
    try:
        answer_objection(found, upheld=decision == "uphold", answer=text, by=request.user)
    except NotAllowed as refusal:
        return refused(request, result, refusal, text)
    messages.success(request, gettext("Answered. If it was upheld, mark the criterion, return or reopen the report."))
    return _back(request, result, f"o{found.pk}")


def _criterion(request: HttpRequest, result: Result) -> Criterion | None:
    number = request.POST.get("criterion", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise BadRequest("no criterion")
    return get_object_or_404(result.indicator.criteria, pk=number)


def _back(request: HttpRequest, result: Result, place: str) -> HttpResponse:
    on_review = request.POST.get("back") == "review" and may_review(result, request.user)
    return redirect(f"{reverse('review' if on_review else 'result', args=[result.pk])}#{place}")
