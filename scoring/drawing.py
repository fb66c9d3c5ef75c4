"""What the entry page and the fragments of it are drawn from, for every view that answers with them."""
import secrets
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS
from scoring.certifying import certifying
from scoring.engine.text import score_text
from scoring.entry_pages import asked_of, beside, copy_months, since_source
from scoring.evidence_pages import ACCEPTED, ItemEvidence, document_rows, evidence_of_items
from scoring.freezing.report import SealedReport, snapshot_of, thaw
from scoring.models import TEXTS, Mark, Result, Snapshot
from scoring.pages import criterion_page, score_panel
from scoring.queries import ResultSheet
from scoring.queries.earlier import shows_source, with_surroundings
from scoring.queries.evidence import as_of_today, documents
from scoring.queries.planner import best_steps
from scoring.queries.results import load_with_source
from scoring.queries.summary import scores_hidden
from scoring.services.rules import WITH, NotAllowed, may, present, with_actor
from scoring.talk_pages import shown_talk

# Each other field would be fetched when it is asked for.
NEEDED_TO_SAVE = (
    "state", "version", "reopened", *TEXTS, "saved_at", "submitted_at", "indicator__agreement__definition_stamp",
    "indicator__agreement__hide_scores", "indicator__agreement__scale_min", "indicator__agreement__scale_max",
    "indicator__number", "indicator__name", "indicator__agreement__wording", "round__months", "round__state",
    "unit__path", "unit__name", "unit__short_name",
)


def find_result(request: HttpRequest, pk: int, *, whole: bool = False) -> Result:
    """The result, if this person may see it; `whole`: with everything that its page prints. A save needs the least:
    it runs with every pause of somebody's typing."""
    needed = (*WITH, "decided_by") if whole else ("indicator__agreement", "round", "unit")
    results = Result.objects.visible_to(request.user).select_related(*needed)
    results = with_surroundings(results) if whole else results.only(*NEEDED_TO_SAVE)
    return get_object_or_404(with_actor(results, request.user), pk=pk)


def shown_scores(request: HttpRequest, sheet: ResultSheet, evidence: Mapping[int, ItemEvidence]) -> dict:
    """What the entry page prints of a sheet, and a fragment of it: the criteria that were read whole, the panel."""
    result = sheet.result
    agreement = result.indicator.agreement
    hidden = scores_hidden(agreement, request.user, result.unit.path, result.state)
    return {
        "result": result,
        "agreement": agreement,
        "stamp": agreement.definition_stamp,
        "criteria": [criterion_page(one, evidence, hidden) for one in sheet.criteria if one.items is not None],
        "panel": None if hidden else score_panel(sheet),
        "hidden": hidden,
    }


def shown_evidence(request: HttpRequest, sheet: ResultSheet, sealed: SealedReport | None = None) -> dict:
    """The scores of a whole sheet together with the evidence behind them. What the documents of a sealed one showed
    stays, but nobody is led to a file that is gone."""
    listed = sealed.documents if sealed else documents(sheet.result)
    rows = document_rows(listed, request.user)
    items = [item for one in sheet.criteria for item in one.criterion.items.all()]
    shown = evidence_of_items(rows, items)
    if sealed:
        as_of_today(listed)
    return shown_scores(request, sheet, shown) | {
        "evidence": rows,
        "accepted": ACCEPTED,
        "takes_down": holds(request.user, CERTIFY_RESULTS, sheet.result.unit.path),
    }


def entry_context(request: HttpRequest, pk: int) -> dict:
    """What the whole entry page prints."""
    result = find_result(request, pk, whole=True)
    actions = may(result, request.user)
    snapshot = snapshot_of(result) if result.state == Result.State.CERTIFIED else None
    if snapshot:
        return _sealed_context(request, result, snapshot, actions)
    sheet, source = load_with_source(result)
    people = list(
        result.indicator.assignments.filter(round=result.round_id, unit=result.unit_id).select_related("person")
    )
    editable = "save" in actions
    shown = shown_evidence(request, sheet)
    since = since_source(sheet, source) if shows_source(result, request.user, editable) else {}
    asked = asked_of(sheet, request.user, shown["hidden"])
    return shown | shown_talk(result, request.user, actions, shown["hidden"]) | {
        "snapshot": None,
        "certifying": certifying(result) if "certify" in actions else None,
        "criteria": beside(shown["criteria"], asked, since),
        "since": since,
        "copy_months": copy_months(sheet, editable),
        "plan": [] if shown["hidden"] else best_steps(sheet),
        "people": people,
        "actions": actions,
        "editable": editable,
        "errors": {},
        "typed": {},
        "page": request.POST.get("page") or secrets.token_hex(4),
    }


def _sealed_context(request: HttpRequest, result: Result, snapshot: Snapshot, actions: frozenset[str]) -> dict:
    """What the page of a certified result prints: all of it as it was certified."""
    talk = shown_talk(result, request.user, actions, hidden=False)  # of today, so before the result is as it was
    report = thaw(snapshot.content)
    sheet = report.sheet(Mark.Stage.SELF)
    sheet.result = report.put_into(result, snapshot.sha256[:32])
    shown = shown_evidence(request, sheet, report)
    return shown | talk | {
        "criteria": beside(shown["criteria"], report.asked, {}),
        "snapshot": snapshot,
        "certified_by": report.name_of(result.certified_by_id),
        "final": score_text(report.figures.score),
        "people": report.people,
        "actions": actions,
        "editable": False,
        "errors": {},
        "typed": {},
        "page": "",
    }


def refused(request: HttpRequest, result: Result, refusal: NotAllowed, typed: str = "") -> HttpResponse:
    """The page of a refusal (409): why, what one saw and what stands now, and what was typed."""
    now = present(result, request.user)
    context = {"message": refusal.message, "result": now, "reason": typed, "seen": getattr(refusal, "seen", None)}
    return render(request, "scoring/refused.html", context, status=409)
