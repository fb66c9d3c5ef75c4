"""Beginning a round's report with that of an earlier round."""
from django.db import transaction

from indicators.models import Criterion
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import Message
from scoring.models import TEXTS, CriterionResult, Result
from scoring.queries.evidence import documents
from scoring.queries.results import CriterionSheet, load_sheet
from scoring.services.entry import save_draft
from scoring.services.evidence import use_evidence
from scoring.services.rules import NotAllowed, locked, require
from scoring.values import CriterionEntry, ResultEntry

_NOTHING = Message(
    "ไม่มีรายงานของรอบก่อนหน้าให้คัดลอก: กรอกผลของรอบนี้ได้เลย",
    "There is no report of an earlier round to copy: enter this round's results.",
)


def earlier_report(result: Result) -> Result | None:
    """The same unit's report on the indicator in the latest earlier round in which something was saved."""
    return (
        Result.objects.filter(
            indicator=result.indicator_id, unit=result.unit_id, round__agreement=result.indicator.agreement_id,
            round__months__lt=result.round.months, saved_at__isnull=False,
        )
        .select_related("indicator__agreement__unit", "round", "unit")
        .order_by("-round__months")
        .first()
    )


@transaction.atomic
def copy_from_earlier(result: Result, *, by: User) -> Result:
    """Take over what the earlier round reported: criteria that are still open here, texts that are still empty, and
    evidence that isn't listed yet. What was typed already stays. Raises NotAllowed without an earlier report, or when
    the result is not open to this collector."""
    result = locked(result)
    require(result, "save", by)
    source = earlier_report(result)
    if source is None:
        raise NotAllowed(_NOTHING)
    old, new = load_sheet(source), load_sheet(result)
    open_ones = {s.criterion.pk: s for s in new.criteria if s.row.status == CriterionResult.Status.OPEN}
    entries = {
        s.criterion.pk: _entry(s, open_ones[s.criterion.pk])
        for s in old.criteria if s.criterion.pk in open_ones and _said(s)
    }
    texts = {name: getattr(source, name) for name in TEXTS if getattr(source, name) and not getattr(result, name)}
    result = save_draft(result, ResultEntry(texts=texts, criteria=entries), by=by).sheet.result
    _copy_evidence(source, result, by)
    result.copied_from = source
    result.save(update_fields=["copied_from"])
    record(
        "result.copied", by=by, target=result, unit_id=result.unit_id,
        after={"from": source.pk, "round": source.round.months, "criteria": sorted(entries), "texts": sorted(texts)},
    )
    return result


def _said(sheet: CriterionSheet) -> bool:
    """Whether there is something to take over; what didn't apply then has to be asked for anew."""
    return sheet.row.status in (CriterionResult.Status.REPORTED, CriterionResult.Status.NOT_REPORTED)


def _entry(sheet: CriterionSheet, here: CriterionSheet) -> CriterionEntry:
    """The earlier report of a criterion that is open `here`: a text that was typed here already stays."""
    row = sheet.row
    entry = CriterionEntry(text=here.row.text or row.text, reason=here.row.reason or row.reason)
    entry["not_reported"] = row.status == CriterionResult.Status.NOT_REPORTED
    if sheet.criterion.items.all() and sheet.criterion.counted == Criterion.Counted.ITEMS:
        entry["done"] = frozenset(code for code, item in sheet.items.items() if item.done)
        entry["complete"] = frozenset(code for code, item in sheet.items.items() if item.declared)
        typed = {code for code, item in here.items.items() if item.reason}
        entry["item_reasons"] = {
            code: item.reason for code, item in sheet.items.items() if item.reason and code not in typed
        }
        entry["nothing"] = row.status == CriterionResult.Status.REPORTED and not entry["done"]
    if sheet.criterion.formula:
        entry["data"] = dict(sheet.data)
    elif row.value is not None:
        entry["value"] = row.value
    if row.count is not None:
        entry["count"] = row.count
    return entry


def _copy_evidence(source: Result, result: Result, by: User) -> None:
    """List the earlier round's evidence behind what is listed already, for the same items and points."""
    listed = set(result.evidence_uses.listed().values_list("evidence", flat=True))
    for document in documents(source):
        if document.evidence.pk not in listed:
            points = [use.requirement for use in document.uses if use.requirement]
            items = [use.item for use in document.uses if use.item and not use.requirement]
            use_evidence(result, document.evidence, items=items, requirements=points, by=by)
