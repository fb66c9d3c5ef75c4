"""What the entry page and the fragments of it are drawn from, for every view that answers with them."""
import secrets
from collections.abc import Mapping

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS
from scoring.evidence_pages import ACCEPTED, ItemEvidence, document_rows, evidence_of_items
from scoring.models import Result
from scoring.pages import criterion_page, score_panel
from scoring.queries import ResultSheet
from scoring.queries.evidence import documents
from scoring.queries.summary import scores_hidden
from scoring.services.rules import WITH, may, with_actor


def load_result(request: HttpRequest, pk: int) -> Result:
    """The result of an address, if the visitor may see it; raises Http404 otherwise."""
    # A save needs the least: it runs with every pause of somebody's typing.
    whole = (*WITH, "saved_by", "decided_by")
    needed = ("indicator__agreement", "round", "unit") if request.method == "POST" else whole
    results = Result.objects.visible_to(request.user).select_related(*needed)
    return get_object_or_404(with_actor(results, request.user), pk=pk)


def shown_scores(request: HttpRequest, sheet: ResultSheet, evidence: Mapping[int, ItemEvidence]) -> dict:
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


def shown_evidence(request: HttpRequest, sheet: ResultSheet) -> dict:
    """The scores of a whole sheet together with the evidence behind them."""
    rows = document_rows(documents(sheet.result), request.user)
    items = [item for one in sheet.criteria for item in one.criterion.items.all()]
    return shown_scores(request, sheet, evidence_of_items(rows, items)) | {
        "evidence": rows,
        "accepted": ACCEPTED,
        "takes_down": holds(request.user, CERTIFY_RESULTS, sheet.result.unit.path),
    }


def entry_context(request: HttpRequest, result: Result, sheet: ResultSheet) -> dict:
    """What the whole entry page prints."""
    people = list(
        result.indicator.assignments.filter(round=result.round_id, unit=result.unit_id).select_related("person")
    )
    actions = may(result, request.user)
    return shown_evidence(request, sheet) | {
        "people": people,
        "actions": actions,
        "editable": "save" in actions,
        "errors": {},
        "typed": {},
        "page": request.POST.get("page") or secrets.token_hex(4),
    }
