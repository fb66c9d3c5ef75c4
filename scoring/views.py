"""The entry page of a result, and the agreement's summary."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Agreement
from indicators.queries import criteria_of
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS
from kpiportal.audit.once import once
from scoring.drawing import entry_context, find_result, refused, shown_scores
from scoring.engine.text import EngineError
from scoring.forms import read_entry, read_seen, read_version, typed_again
from scoring.freezing.rounds import load_shown
from scoring.models import TEXTS, Result
from scoring.pages import taken_rows
from scoring.queries.summary import NoSuchRound
from scoring.services import NotAllowed, NotReady, approve, certify, reopen, return_, save_draft, submit, withdraw
from scoring.services.entry import Saved
from scoring.summary_pages import summary_page
from scoring.values import ResultEntry


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
        return refused(request, result, refusal)
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
        # Without the request: nothing in it asks for the visitor, and a save comes with every pause of the typing.
        return HttpResponse(render_to_string("scoring/_saved.html", context), status=422 if errors else 200)
    context = entry_context(request, result.pk) | _refused(request, saved)
    return render(request, "scoring/result.html", context | {"errors": errors}, status=422)


def _fragments(request: HttpRequest, saved: Saved) -> dict:
    """What the answer to a page that stands already prints: nothing that would grow with the number of criteria but
    the panel's lines."""
    return shown_scores(request, saved.sheet, {}) | {
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
@once
def submit_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a result to its supervisor, or list everything that is missing."""
    result = find_result(request, pk)
    try:
        submit(result, by=request.user)
    except NotReady as refusal:
        return _not_ready(request, pk, refusal)
    except NotAllowed as refusal:
        return refused(request, result, refusal)
    messages.success(request, gettext("Submitted to the KPI supervisor."))
    return redirect("result", pk=result.pk)


def _not_ready(request: HttpRequest, pk: int, refusal: NotReady) -> HttpResponse:
    """The page with the list of what is to be settled first, each linked to its place."""
    context = entry_context(request, pk) | {"problems": refusal.problems}
    return render(request, "scoring/result.html", context, status=422)


@require_POST
@once
def withdraw_result(request: HttpRequest, pk: int) -> HttpResponse:
    """A collector takes a submission back."""
    result = find_result(request, pk)
    try:
        withdraw(result, by=request.user, version=read_seen(request.POST))
    except NotAllowed as refusal:
        return refused(request, result, refusal)
    messages.success(request, gettext("Taken back: correct it and submit it again."))
    return redirect("result", pk=result.pk)


DECISIONS = {
    "approve": (approve, gettext_lazy("Approved.")),
    "certify": (certify, gettext_lazy("Certified.")),
    "return": (return_, gettext_lazy("Returned to the data collectors.")),
    "reopen": (reopen, gettext_lazy("Opened again.")),
}


@require_POST
@once
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer's decision on the version that was seen: approve, certify, return or reopen (both with a reason)."""
    result = find_result(request, pk)
    if request.POST.get("decision") not in DECISIONS:
        raise BadRequest("no such decision")
    service, done = DECISIONS[request.POST["decision"]]
    reason = request.POST.get("reason", "")
    try:
        given = {} if service in (approve, certify) else {"reason": reason}
        service(result, **given, by=request.user, version=read_seen(request.POST))
    except NotReady as refusal:
        return _not_ready(request, pk, refusal)
    except NotAllowed as refusal:
        return refused(request, result, refusal, reason)
    messages.success(request, done, extra_tags="saved")
    return redirect("result", pk=result.pk)


@require_GET
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """An agreement's summary table of one round."""
    agreement = get_object_or_404(
        Agreement.objects.visible_to(request.user).select_related("unit", "fiscal_year"), pk=pk
    )
    months = request.GET.get("round", "")
    try:
        loaded = load_shown(agreement, int(months) if months else None, user=request.user)
    except (ValueError, NoSuchRound) as error:
        raise Http404("no such round") from error
    context = {
        "agreement": loaded.agreement,
        "summary": loaded,
        "table": summary_page(loaded, get_language() or "th"),
        "certifies": holds(request.user, CERTIFY_RESULTS, agreement.unit.path),
    }
    return render(request, "scoring/summary.html", context)
