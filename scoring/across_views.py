"""One indicator across units: a table, and one form that decides on many results, each by itself."""
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from indicators.models import Agreement, Criterion, Indicator
from indicators.queries import criteria_of
from kpiportal.audit.once import once
from scoring.across_pages import across_context
from scoring.engine.text import EngineError, parse_number
from scoring.forms import read_seen
from scoring.models import Result
from scoring.queries.across import results_across, rounds_of
from scoring.review_forms import read_numbers
from scoring.services import NotAllowed, NotReady, approve, mark_criterion
from scoring.services.marks import OF_ANOTHER
from scoring.services.rules import WITH

LONGEST = 12  # the months of the round of an agreement that has none yet


def _indicator(request: HttpRequest, pk: int) -> tuple[Indicator, int]:
    """The indicator, if this person may read its agreement, and the round that is asked for."""
    indicators = Indicator.objects.filter(agreement__in=Agreement.objects.visible_to(request.user))
    indicator = get_object_or_404(indicators.select_related("agreement__unit", "agreement__fiscal_year"), pk=pk)
    asked, known = request.GET.get("round") or request.POST.get("round", ""), rounds_of(indicator)
    months = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else (known or [LONGEST])[0]
    if asked and (str(months) != asked or months not in known):
        raise Http404("no such round")
    return indicator, months


@require_GET
def across(request: HttpRequest, pk: int) -> HttpResponse:
    """What all units report on one indicator in a round, in one table."""
    indicator, months = _indicator(request, pk)
    return render(request, "scoring/review/across.html", across_context(request.user, indicator, months))


@require_POST
@once
def decide_many(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, or mark a criterion of, each ticked result: one decision and one audit entry each; what is refused is
    said row by row, the others stand."""
    indicator, months = _indicator(request, pk)
    keys = read_numbers(request.POST, "result")
    found = results_across(indicator, months, user=request.user).filter(pk__in=keys).select_related(*WITH)
    ticked = list(found)
    refused = [(one, sentence) for one in ticked if (sentence := _decide(request, indicator, one))]
    if len(refused) == len(ticked):
        back = f"{reverse('across_units', args=[pk])}?round={months}"
        context = across_context(request.user, indicator, months, request.POST) | {"refused": refused, "back": back}
        return render(request, "scoring/review/across.html", context, status=422)
    done = len(ticked) - len(refused)
    told = gettext("%(done)s of %(all)s results decided.") % {"done": done, "all": len(ticked)}
    messages.success(request, told, extra_tags="saved")
    for one, sentence in refused:
        messages.error(request, f"{one.unit.name}: {sentence}")
    return redirect(f"{reverse('across_units', args=[pk])}?round={months}")


def _decide(request: HttpRequest, indicator: Indicator, result: Result) -> str:
    """Decide on one result; why not, in a sentence, or ''."""
    seen = request.POST.copy()
    seen["version"] = seen.get(f"v{result.pk}", "")
    try:
        if request.POST.get("decision") == "mark":
            criterion = _criterion(request, indicator, result)
            score, reason = parse_number(request.POST.get("score", "")), request.POST.get("reason", "")
            mark_criterion(
                result, criterion, score=score, reason=reason, by=request.user, version=read_seen(seen)
            )
        else:
            approve(result, by=request.user, version=read_seen(seen))
    except NotReady as refusal:
        return "; ".join(problem.message.text(get_language() or "th") for problem in refusal.problems)
    except (NotAllowed, EngineError) as refusal:
        return refusal.message.text(get_language() or "th")
    return ""


def _criterion(request: HttpRequest, indicator: Indicator, result: Result) -> Criterion:
    """The criterion of this result that stands where the chosen one stands in the indicator; its only one where both
    have one, or where the indicator consists of sub-indicators. Raises NotAllowed for a result without it."""
    chosen, every = read_numbers(request.POST, "criterion"), criteria_of(indicator)
    named = {(one.number, one.name) for one in every if [one.pk] == chosen}
    if chosen and not named:
        raise Http404("no such criterion")
    own = criteria_of(result.indicator)
    found = [one for one in own if (one.number, one.name) in named]
    if not found and len(own) == 1 and len(every) < 2:
        found = list(own)
    if not found:
        raise NotAllowed(OF_ANOTHER)
    return found[0]
