"""Questions and objections about a result, from its own page and from the review page."""
from collections.abc import Callable
from functools import partial

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
from scoring.models import Objection, Question, Result
from scoring.services import NotAllowed, answer_objection, answer_question, ask_question, object_to
from scoring.talk_pages import may_review


@require_POST
@once
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer asks the collectors, about a criterion or the whole."""
    result = find_result(request, pk)
    criterion, text = _criterion(request, result), request.POST.get("text", "")
    asked = partial(ask_question, result, criterion=criterion, text=text)
    return _said(request, result, asked, text, gettext("Asked; the collectors see it on their first page."))


@require_POST
@once
def answer(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """A collector answers a question."""
    result = find_result(request, pk)
    found = get_object_or_404(result.questions, pk=question)
    text = request.POST.get("answer", "")
    answered = partial(answer_question, found, answer=text)
    return _said(request, result, answered, text, gettext("Answered; whoever asked sees it."))


@require_POST
@once
def object_to_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """A collector objects to a mark that differs from the unit's own, or to all of them."""
    result = find_result(request, pk)
    criterion, text = _criterion(request, result), request.POST.get("text", "")
    objected = partial(object_to, result, criterion=criterion, text=text)
    return _said(request, result, objected, text, gettext("The objection was sent to the performance office."))


@require_POST
@once
def answer_to(request: HttpRequest, pk: int, objection: int) -> HttpResponse:
    """The office upholds or refuses an objection."""
    result = find_result(request, pk)
    found = get_object_or_404(result.objections, pk=objection)
    decision, text = request.POST.get("decision"), request.POST.get("answer", "")
    if decision not in ("uphold", "refuse"):
        raise BadRequest("neither upheld nor refused")
    answered = partial(answer_objection, found, upheld=decision == "uphold", answer=text)
    told = gettext("Answered. If it was upheld, mark the criterion, return or reopen the report.")
    return _said(request, result, answered, text, told)


def _criterion(request: HttpRequest, result: Result) -> Criterion | None:
    number = request.POST.get("criterion", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise BadRequest("no criterion")
    return get_object_or_404(result.indicator.criteria, pk=number)


def _said(
    request: HttpRequest, result: Result, act: Callable[..., Question | Objection], text: str, told: str
) -> HttpResponse:
    """Do it, and lead back to what was said, on the page that it came from; or why not, with what was typed."""
    try:
        said = act(by=request.user)
    except NotAllowed as refusal:
        return refused(request, result, refusal, text)
    messages.success(request, told, extra_tags="saved")
    on_review = request.POST.get("back") == "review" and may_review(result, request.user)
    place = f"{'q' if isinstance(said, Question) else 'o'}{said.pk}"
    return redirect(f"{reverse('review' if on_review else 'result', args=[result.pk])}#{place}")
