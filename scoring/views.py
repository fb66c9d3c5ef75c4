"""The entry page of a result, and the agreement's summary."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Agreement, Criterion
from scoring.engine.text import EngineError
from scoring.forms import read_entry
from scoring.models import TEXTS, Result
from scoring.pages import criterion_page, evidence_list, score_panel
from scoring.queries import ResultSheet, load_sheet, load_summary
from scoring.queries.summary import NoSuchRound, scores_hidden
from scoring.services import NotAllowed, NotReady, approve, return_, save_draft, submit
from scoring.services.rules import may, roles_from
from scoring.summary_pages import summary_page
from scoring.values import ResultEntry

WITH = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit", "saved_by", "decided_by")


def _result(request: HttpRequest, pk: int) -> Result:
    return get_object_or_404(Result.objects.visible_to(request.user).select_related(*WITH), pk=pk)


def _context(request: HttpRequest, result: Result, sheet: ResultSheet, entry: ResultEntry | None = None) -> dict:
    """What the entry page and its fragments print."""
    people = list(
        result.indicator.assignments.filter(round=result.round_id, unit=result.unit_id).select_related("person")
    )
    uses = list(result.evidence_uses.select_related("evidence"))
    listed, by_item = evidence_list(uses)
    agreement = result.indicator.agreement
    actions = may(result, request.user, roles_from(people, result, request.user))
    hidden = scores_hidden(agreement, request.user, result.unit.path, result.state)
    return {
        "result": result,
        "agreement": agreement,
        "people": people,
        "criteria": [criterion_page(criterion, by_item, hidden) for criterion in sheet.criteria],
        "panel": None if hidden else score_panel(sheet),
        "evidence": listed,
        "actions": actions,
        "editable": "save" in actions,
        "hidden": hidden,
        "errors": entry.errors if entry else {},
        "typed": request.POST if entry else {},
    }


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The entry page: shows a result, and saves what its collectors type (the whole page, or one part by htmx)."""
    result = _result(request, pk)
    if request.method == "POST":
        return _save(request, result)
    return render(request, "scoring/result.html", _context(request, result, load_sheet(result)))


def _save(request: HttpRequest, result: Result) -> HttpResponse:
    criteria = Criterion.objects.filter(indicator=result.indicator_id).prefetch_related("variables")
    data = read_entry(request.POST, list(criteria))
    try:
        sheet = _save_what_can_be(request, result, data)
    except NotAllowed as refusal:
        return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=409)
    status = 422 if data.errors else 200
    context = _context(request, sheet.result, sheet, data)
    if request.htmx:
        touched = set(request.POST.getlist("criterion"))
        context["text_fields"] = TEXTS
        context["criteria_touched"] = [page for page in context["criteria"] if str(page.criterion.pk) in touched]
        return render(request, "scoring/_saved.html", context, status=status)
    if data.errors:
        return render(request, "scoring/result.html", context, status=status)
    messages.success(request, gettext("Saved."))
    return redirect("result", pk=result.pk)


def _save_what_can_be(request: HttpRequest, result: Result, data: ResultEntry) -> ResultSheet:
    """Save all of it; when a number or tick can't be scored, say so at its field and save the texts."""
    try:
        return save_draft(result, data, by=request.user)
    except EngineError as error:
        data.errors[_field(request, error)] = error.message
        return save_draft(result, data.texts_only(), by=request.user)


def _field(request: HttpRequest, error: EngineError) -> str:
    criterion = request.POST.get("criterion", "")
    name = error.field.removeprefix("result.").replace(".", "-")
    return f"c{criterion}-{name or 'value'}"


@require_POST
def submit_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a result to its supervisor, or list everything that is missing."""
    result = _result(request, pk)
    try:
        submit(result, by=request.user)
    except NotReady as refusal:
        context = _context(request, result, load_sheet(result)) | {"problems": refusal.problems}
        return render(request, "scoring/result.html", context, status=422)
    except NotAllowed as refusal:
        return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=409)
    messages.success(request, gettext("Submitted to the KPI supervisor."))
    return redirect("result", pk=result.pk)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The supervisor's decision: approve, or return with a reason."""
    result = _result(request, pk)
    decision = request.POST.get("decision")
    if decision not in ("approve", "return"):
        raise BadRequest("neither approved nor returned")
    try:
        if decision == "approve":
            approve(result, by=request.user)
            messages.success(request, gettext("Approved."))
        else:
            return_(result, reason=request.POST.get("reason", ""), by=request.user)
            messages.success(request, gettext("Returned to the data collectors."))
    except NotAllowed as refusal:
        context = {"message": refusal.message, "result": result, "reason": request.POST.get("reason", "")}
        return render(request, "scoring/refused.html", context, status=409)
    return redirect("result", pk=result.pk)


@require_GET
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """An agreement's summary table of one round."""
    agreement = get_object_or_404(
        Agreement.objects.visible_to(request.user).select_related("unit", "fiscal_year"), pk=pk
    )
    months = request.GET.get("round", "")
    try:
        loaded = load_summary(agreement, int(months) if months else None, user=request.user)
    except (ValueError, NoSuchRound) as error:
        raise Http404("no such round") from error
    return render(
        request, "scoring/summary.html",
        {"agreement": agreement, "summary": loaded, "table": summary_page(loaded, get_language() or "th")},
    )
