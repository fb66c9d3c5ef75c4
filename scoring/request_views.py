"""Asking to leave a criterion out, deciding on that, and beginning with the report of an earlier round."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from kpiportal.audit.once import once
from scoring.drawing import entry_context, find_result
from scoring.models import Result
from scoring.services import (
    NotAllowed, copy_from_earlier, decide_not_applicable, request_not_applicable, take_back_not_applicable,
    withdraw_request,
)


@require_POST
@once
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A collector asks to leave a criterion out of the round."""
    result = find_result(request, pk)
    number = request.POST.get("criterion", "")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise BadRequest("no criterion")
    criterion = get_object_or_404(result.indicator.criteria, pk=number)
    reason = request.POST.get("reason", "")
    try:
        request_not_applicable(result, criterion, reason=reason, by=request.user)
    except NotAllowed as refusal:
        return _refused(request, result, refusal, f"c{criterion.pk}-ask_reason", reason)
    messages.success(request, gettext("The request was sent to the performance office."))
    return _back(result, criterion.pk)


@require_POST
@once
def withdraw(request: HttpRequest, pk: int, asked: int) -> HttpResponse:
    """A collector takes a waiting request back."""
    result = find_result(request, pk)
    found = get_object_or_404(result.not_applicable_requests, pk=asked)
    try:
        withdraw_request(found, by=request.user)
    except NotAllowed as refusal:
        return _refused(request, result, refusal)
    messages.success(request, gettext("The request was withdrawn."))
    return _back(result, found.criterion_id)


DECIDED = {
    "grant": gettext_lazy("Granted: the criterion does not count in this round."),
    "refuse": gettext_lazy("Refused; the collectors see your answer."),
    "take_back": gettext_lazy("Taken back: the criterion counts again, with what was reported of it."),
}


@require_POST
@once
def decide(request: HttpRequest, pk: int, asked: int) -> HttpResponse:
    """The office grants a request, refuses it with an answer, or takes a grant back with a reason."""
    result = find_result(request, pk)
    found = get_object_or_404(result.not_applicable_requests.select_related("criterion"), pk=asked)
    decision, answer = request.POST.get("decision"), request.POST.get("answer", "")
    if decision not in DECIDED:
        raise BadRequest("neither granted nor refused nor taken back")
    try:
        if decision == "take_back":
            take_back_not_applicable(found, reason=answer, by=request.user)
        else:
            decide_not_applicable(found, granted=decision == "grant", answer=answer, by=request.user)
    except NotAllowed as refusal:
        return _refused(request, result, refusal, f"c{found.criterion_id}-answer", answer)
    messages.success(request, DECIDED[decision])
    return _back(result, found.criterion_id)


@require_POST
@once
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A collector begins with the report of the earlier round."""
    result = find_result(request, pk)
    try:
        result = copy_from_earlier(result, by=request.user)
    except NotAllowed as refusal:
        return _refused(request, result, refusal)
    months = result.copied_from.round.months
    messages.success(request, gettext("Copied from the %(months)s-month round. Change what is different.") % {
        "months": months})
    return redirect("result", pk=result.pk)


def _refused(
    request: HttpRequest, result: Result, refusal: NotAllowed, field: str = "", typed: str = ""
) -> HttpResponse:
    """At the field, if that was left empty; else a page that says why not, with what was typed."""
    context = entry_context(request, result.pk)
    shown = {f"c{page.criterion.pk}-answer" for page in context["criteria"] if page.asked and page.asked.may_decide}
    if context["editable"]:
        shown |= {f"c{page.criterion.pk}-ask_reason" for page in context["criteria"]}
    if field in shown and not typed.strip():
        context |= {"errors": {field: refusal.message}}
        return render(request, "scoring/result.html", context, status=422)
    refused = {"message": refusal.message, "result": result, "reason": typed}
    return render(request, "scoring/refused.html", refused, status=409)


def _back(result: Result, criterion: int) -> HttpResponse:
    return redirect(f"{reverse('result', args=[result.pk])}#c{criterion}-not_applicable")
