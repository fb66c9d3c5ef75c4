"""The planner of an agreement, and the what-if of a result: both only read."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.models import Agreement
from scoring.engine.text import Message
from scoring.forms import read_entry
from scoring.models import Result
from scoring.planner_pages import plan_rows, planned_indicators
from scoring.queries.planner import load_plan
from scoring.freezing.report import sheet_of
from scoring.queries.results import ResultSheet
from scoring.queries.standing import Standing, standing_around
from scoring.queries.summary import NoSuchRound, scores_hidden
from scoring.what_if import trial_rows, tried

WITH = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")


@require_GET
def planner(request: HttpRequest, pk: int) -> HttpResponse:
    """What raises the scores of an agreement's round most; of one indicator by `?indicator=`."""
    agreement = get_object_or_404(
        Agreement.objects.visible_to(request.user).select_related("unit", "fiscal_year"), pk=pk
    )
    months, chosen = _number(request, "round"), _number(request, "indicator")
    try:
        plan = load_plan(agreement, months, user=request.user)
    except NoSuchRound as error:
        raise Http404("no such round") from error
    context = {
        "agreement": agreement,
        "plan": plan,
        "summary": plan.standing.summary,
        "standing": plan.standing,
        "rows": plan_rows(plan, chosen),
        "indicators": planned_indicators(plan),
        "chosen": chosen,
    }
    return render(request, "scoring/planner.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    typed = request.GET.get(name, "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 16):
        raise Http404(f"{name} is not a number")
    return int(typed)


@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """The inputs of a result to play with: a POST works out SM, indicator and agreement, and saves nothing."""
    result = get_object_or_404(Result.objects.visible_to(request.user).select_related(*WITH), pk=pk)
    agreement = result.indicator.agreement
    context = {"result": result, "agreement": agreement}
    if scores_hidden(agreement, request.user, result.unit.path, result.state):
        return render(request, "scoring/what_if.html", context | {"hidden": True})
    sheet = sheet_of(result)
    shown, status = _worked_out(request, sheet, standing_around(result, request.user))
    template = "scoring/_what_if_worked.html" if request.htmx else "scoring/what_if.html"
    return render(request, template, context | shown, status=status)


def _worked_out(request: HttpRequest, sheet: ResultSheet, standing: Standing | None) -> tuple[dict, int]:
    typed = request.POST if request.method == "POST" else None
    entries, errors = {}, {}
    if typed is not None:
        read = read_entry(typed, [one.criterion for one in sheet.criteria])
        entries, errors = read.criteria, dict(read.errors)
    trial = tried(sheet, entries, standing)
    errors: dict[str, Message] = errors | trial.errors
    shown = {
        "rows": trial_rows(sheet, trial, typed),
        "trial": trial,
        "standing": standing,
        "errors": errors,
        "is_tried": typed is not None,
    }
    return shown, 422 if errors else 200
