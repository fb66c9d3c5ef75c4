"""The entry page of a result, and the agreement's summary."""
import secrets

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Agreement
from indicators.queries import criteria_of
from scoring.engine.text import EngineError
from scoring.entry_pages import asked_of, beside, copy_months, since_source
from scoring.forms import read_entry, read_version, typed_again
from scoring.models import TEXTS, Result
from scoring.pages import criterion_page, evidence_list, score_panel, taken_rows
from scoring.queries import ResultSheet, load_summary
from scoring.queries.earlier import shows_source, with_surroundings
from scoring.queries.planner import best_steps
from scoring.queries.results import load_with_source
from scoring.queries.summary import NoSuchRound, scores_hidden
from scoring.services import NotAllowed, NotReady, approve, return_, save_draft, submit
from scoring.services.entry import Saved
from scoring.services.rules import WITH, may, with_actor
from scoring.summary_pages import summary_page
from scoring.values import ResultEntry


def find_result(request: HttpRequest, pk: int, *, whole: bool = False) -> Result:
    """The result, if this person may see it; `whole`: with everything that its page prints. A save needs the least:
    it runs with every pause of somebody's typing."""
    needed = (*WITH, "saved_by", "decided_by") if whole else ("indicator__agreement", "round", "unit")
    results = Result.objects.visible_to(request.user).select_related(*needed)
    if whole:
        results = with_surroundings(results)
    return get_object_or_404(with_actor(results, request.user), pk=pk)


def _scores(request: HttpRequest, sheet: ResultSheet, evidence: dict[int, list[str]]) -> dict:
    """What the entry page prints of a sheet, and a fragment of it: the criteria that were read whole, the panel."""
    result = sheet.result
    agreement = result.indicator.agreement
    hidden = scores_hidden(agreement, request.user, result.unit.path, result.state)
    return {
        "result": result,
        "agreement": agreement,
        "criteria": [criterion_page(one, evidence, hidden) for one in sheet.criteria if one.items is not None],
        "panel": None if hidden else score_panel(sheet),
        "hidden": hidden,
    }


def entry_context(request: HttpRequest, pk: int) -> dict:
    """What the whole entry page prints."""
    result = find_result(request, pk, whole=True)
    sheet, source = load_with_source(result)
    people = list(
        result.indicator.assignments.filter(round=result.round_id, unit=result.unit_id).select_related("person")
    )
    uses = list(result.evidence_uses.select_related("evidence"))
    listed, by_item = evidence_list(uses)
    actions = may(result, request.user)
    editable = "save" in actions
    shown = _scores(request, sheet, by_item)
    since = since_source(sheet, source) if shows_source(result, request.user, editable) else {}
    asked = asked_of(sheet, request.user, shown["hidden"])
    return shown | {
        "criteria": beside(shown["criteria"], asked, since),
        "since": since,
        "copy_months": copy_months(sheet, editable),
        "plan": [] if shown["hidden"] else best_steps(sheet),
        "people": people,
        "evidence": listed,
        "actions": actions,
        "editable": editable,
        "errors": {},
        "typed": {},
        "page": request.POST.get("page") or secrets.token_hex(4),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The entry page: shows a result, and saves what its collectors type (the whole page, or one part by htmx)."""
    if request.method == "POST":
        return _save(request, find_result(request, pk))
    return render(request, "scoring/result.html", entry_context(request, pk))


def _save(request: HttpRequest, result: Result) -> HttpResponse:
    if request.POST.get("person", str(request.user.pk)) != str(request.user.pk):
        return HttpResponse(status=401)  # typed by someone else, whose session ended before this one began
    data = read_entry(request.POST, list(criteria_of(result.indicator)))
    try:
        saved = _save_what_can_be(request, result, data)
    except NotAllowed as refusal:
        return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=409)
    if "silent" in request.POST:  # sent while the page was left: nobody reads an answer
        return HttpResponse(status=204)
    errors = {**data.errors, **saved.conflicts}
    if not request.htmx and not errors:
        messages.success(request, gettext("Saved."))
        for row in taken_rows(saved.taken, saved.sheet):
            messages.info(request, row.sentence)
        return redirect("result", pk=result.pk)
    if request.htmx:
        context = _fragments(request, saved) | {"errors": errors}
        return render(request, "scoring/_saved.html", context, status=422 if errors else 200)
    context = entry_context(request, result.pk) | _refused(request, saved)
    return render(request, "scoring/result.html", context | {"errors": errors}, status=422)


def _fragments(request: HttpRequest, saved: Saved) -> dict:
    """What the answer to a page that stands already prints: nothing that would grow with the number of criteria but
    the panel's lines."""
    return _scores(request, saved.sheet, {}) | {
        "text_fields": TEXTS,
        "taken": taken_rows(saved.taken, saved.sheet),
        "editable": True,
        "page": request.POST.get("page", ""),
    }


def _refused(request: HttpRequest, saved: Saved) -> dict:
    """The fields of a refused form show what was typed, but where others' changes stand. The form is still of the
    version that it was typed over, those fields of the present one."""
    typed = typed_again(request.POST, [sheet.criterion for sheet in saved.sheet.criteria])
    version = request.POST.get("version", str(saved.sheet.result.version))
    parts = [f"c{criterion}" for criterion in request.POST.getlist("criterion")] or ["texts"]
    shown = {field: value for field, value in typed.items() if field not in saved.taken}
    seen = [f"{change.field}:{change.version}" for change in saved.taken.values()]
    return {
        "typed": shown | {f"{part}-version": version for part in parts},
        "typed_parts": parts,
        "seen": [*request.POST.getlist("keep"), *seen],
    }


def _save_what_can_be(request: HttpRequest, result: Result, data: ResultEntry) -> Saved:
    """Save all of it; when a number or tick can't be scored, say so at its field and save the texts."""
    version = read_version(request.POST)
    try:
        return save_draft(result, data, by=request.user, version=version)
    except EngineError as error:
        data.errors[_field(request, error)] = error.message
        return save_draft(result, data.texts_only(), by=request.user, version=version)


def _field(request: HttpRequest, error: EngineError) -> str:
    criterion = request.POST.get("criterion", "")
    name = error.field.removeprefix("result.").replace(".", "-")
    return f"c{criterion}-{name or 'value'}"


@require_POST
def submit_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a result to its supervisor, or list everything that is missing."""
    result = find_result(request, pk)
    try:
        submit(result, by=request.user)
    except NotReady as refusal:
        context = entry_context(request, pk) | {"problems": refusal.problems}
        return render(request, "scoring/result.html", context, status=422)
    except NotAllowed as refusal:
        return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=409)
    messages.success(request, gettext("Submitted to the KPI supervisor."))
    return redirect("result", pk=result.pk)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The supervisor's decision: approve, or return with a reason."""
    result = find_result(request, pk)
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
