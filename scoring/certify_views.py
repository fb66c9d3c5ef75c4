"""Certifying many results of an agreement at once: each its own decision, snapshot and entry in the trail."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST

from indicators.models import Agreement
from kpiportal.audit.once import once
from scoring.models import Result
from scoring.services import NotAllowed, NotReady, certify


@require_POST
@once
def certify_many(request: HttpRequest, pk: int) -> HttpResponse:
    """Certify the ticked results (`result`: its key and the version that was seen, '7:3'); those that can't be are
    told with the reason."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    seen = dict(_seen(ticked) for ticked in request.POST.getlist("result"))
    found = Result.objects.visible_to(request.user).filter(indicator__agreement=agreement, pk__in=seen)
    done = 0
    for result in found.select_related("indicator").order_by("indicator__order"):
        try:
            certify(result, by=request.user, version=seen[result.pk])
            done += 1
        except NotReady as refusal:
            _tell(request, result, "; ".join(_said(problem.message) for problem in refusal.problems))
        except NotAllowed as refusal:
            _tell(request, result, _said(refusal.message))
    if done:
        messages.success(request, ngettext("%(n)s result certified.", "%(n)s results certified.", done) % {"n": done})
    elif not seen:
        messages.warning(request, gettext("Tick the results to certify first."))
    months = request.POST.get("round", "")
    query = f"?round={months}" if months in ("6", "9", "12") else ""
    return redirect(f"{reverse('agreement', args=[pk])}{query}")


def _seen(ticked: str) -> tuple[int, int]:
    pk, _, version = ticked.partition(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (pk, version)):
        raise BadRequest("no such result")
    return int(pk), int(version)


def _said(message) -> str:
    return message.text(get_language() or "th")


def _tell(request: HttpRequest, result: Result, why: str) -> None:
    values = {"indicator": result.indicator, "why": why}
    messages.warning(request, gettext("Not certified: %(indicator)s. %(why)s") % values)
