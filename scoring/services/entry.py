"""Saving what a collector typed: rows, score and audit entry in one transaction."""
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import EngineError, Message, clean_text, round4
from scoring.models import TEXTS, BaseDatum, CriterionResult, ItemResult, Result
from scoring.queries.results import CriterionSheet, ResultSheet, load_sheet
from scoring.services.rules import locked, require
from scoring.values import CriterionEntry, ResultEntry

TOO_LARGE = Decimal(10) ** 15


@transaction.atomic
def save_draft(result: Result, data: ResultEntry, *, by: User) -> ResultSheet:
    """Save what was typed of a result that is still open to its collectors, score it, and give the new sheet.

    Only what `data` holds is changed. Raises NotAllowed when the state or the person doesn't permit it, EngineError
    when a value can't be scored (a level outside the scale); then nothing is saved.
    """
    result = locked(result)
    require(result, "save", by)
    sheet = load_sheet(result)
    changes = _save_texts(result, data)
    touched = [s for s in sheet.criteria if s.criterion.pk in data.criteria]
    before = {s.criterion.pk: _state(s) for s in touched}
    for criterion_sheet in touched:
        _apply(criterion_sheet, data.criteria[criterion_sheet.criterion.pk])
    _write(result, touched, data)
    for s in touched:
        after = _state(s)
        if after != before[s.criterion.pk]:
            changes[f"criterion {s.criterion.pk}"] = (before[s.criterion.pk], after)
    if changes:
        _touch(result, changes, by)
    return sheet


def _save_texts(result: Result, data: ResultEntry) -> dict[str, tuple]:
    changes = {}
    for name in TEXTS:
        new = clean_text(data.texts[name]) if name in data.texts else getattr(result, name)
        if new != getattr(result, name):
            changes[name] = (getattr(result, name), new)
            setattr(result, name, new)
    return changes


def _apply(sheet: CriterionSheet, entry: CriterionEntry) -> None:
    """Put the typed fields into the rows (in memory) and let the engine score them."""
    row = sheet.row
    for name in ("value", "count"):
        if name in entry:
            setattr(row, name, entry[name])
    for name in ("text", "reason"):
        if name in entry:
            setattr(row, name, clean_text(entry[name]))
    if "done" in entry:
        _apply_items(sheet, entry)
    if sheet.units is None:
        sheet.data |= entry.get("data", {})
    row.status = _status(sheet, entry)
    sheet.__dict__.pop("outcome", None)
    row.score = sheet.outcome.value if sheet.rubric else None
    if sheet.criterion.formula:
        row.value = _figure(sheet)


def _figure(sheet: CriterionSheet) -> Decimal | None:
    """What the formula gave, to four places, to stand beside the score; the score is taken from the exact quotient."""
    used = sheet.outcome.value_used
    if used is not None and abs(used) >= TOO_LARGE:
        formula = sheet.criterion.formula
        raise EngineError(
            Message(
                f"สูตร {formula} ให้ผลเกิน 15 หลัก: ตรวจข้อมูลพื้นฐานว่ากรอกหน่วยถูกต้อง",
                f"The formula {formula} gives more than 15 digits: check the units of the base data.",
            ),
            f"data-{next(iter(sheet.data))}",
        )
    return None if used is None else round4(used)


def _apply_items(sheet: CriterionSheet, entry: CriterionEntry) -> None:
    unknown = (entry["done"] | entry.get("complete", frozenset())) - {i.code for i in sheet.criterion.items.all()}
    if unknown:
        raise EngineError(_unknown_items(unknown), "done")
    reasons = entry.get("item_reasons", {})
    for item in sheet.criterion.items.all():
        item_result = sheet.items.setdefault(item.code, ItemResult(criterion_result=sheet.row, item=item))
        item_result.done = item.code in entry["done"]
        item_result.complete = item_result.done and item.code in entry.get("complete", ())
        if item.code in reasons:
            item_result.reason = clean_text(reasons[item.code])


def _unknown_items(codes: frozenset[str]) -> Message:
    listed = ", ".join(sorted(codes))
    return Message(
        f"เกณฑ์นี้ไม่มีข้อ {listed}: โหลดหน้านี้ใหม่แล้วเลือกอีกครั้ง",
        f"This criterion has no item {listed}: reload the page and choose again.",
    )


def _status(sheet: CriterionSheet, entry: CriterionEntry) -> str:
    """Open until something is said: an untouched checklist has no score, 'nothing done yet' is an explicit choice."""
    status = CriterionResult.Status
    if sheet.row.status == status.NOT_APPLICABLE:
        return status.NOT_APPLICABLE
    if entry.get("not_reported", sheet.row.status == status.NOT_REPORTED):
        return status.NOT_REPORTED
    said = (
        entry.get("nothing", sheet.row.status == status.REPORTED and "done" not in entry)
        or any(item.done for item in sheet.items.values())
        or (sheet.row.value is not None and not sheet.criterion.formula)
        or sheet.row.count is not None
        or any(value is not None for value in sheet.data.values())
    )
    return status.REPORTED if said else status.OPEN


def _write(result: Result, touched: list[CriterionSheet], data: ResultEntry) -> None:
    CriterionResult.objects.bulk_update(
        [s.row for s in touched], ["status", "value", "count", "text", "reason", "score"]
    )
    ItemResult.objects.bulk_create(
        [
            ItemResult(
                criterion_result=s.row, item=i.item, done=i.done, complete=i.complete, reason=i.reason
            )
            for s in touched if "done" in data.criteria[s.criterion.pk]
            for i in s.items.values()
        ],
        update_conflicts=True, unique_fields=["criterion_result", "item"], update_fields=["done", "complete", "reason"],
    )
    BaseDatum.objects.bulk_create(
        [
            BaseDatum(variable=v, round=result.round, unit=result.unit, value=s.data.get(v.name))
            for s in touched if "data" in data.criteria[s.criterion.pk] and s.units is None
            for v in s.criterion.variables.all()
        ],
        update_conflicts=True, unique_fields=["variable", "round", "unit"], update_fields=["value"],
    )


def _touch(result: Result, changes: dict[str, tuple], by: User) -> None:
    result.version = F("version") + 1
    result.saved_at, result.saved_by = timezone.now(), by
    result.save(update_fields=[*TEXTS, "version", "saved_at", "saved_by"])
    result.refresh_from_db(fields=["version"])
    result.makers.add(by)
    record(
        "result.saved", by=by, target=result, unit_id=result.unit_id,
        before={name: old for name, (old, _) in changes.items()},
        after={name: new for name, (_, new) in changes.items()},
    )


def _state(sheet: CriterionSheet) -> dict:
    """A criterion's report as the audit trail keeps it."""
    row = sheet.row
    return {
        "status": str(row.status), "value": row.value, "count": row.count, "text": row.text, "reason": row.reason,
        "done": sorted(code for code, item in sheet.items.items() if item.done),
        "complete": {code: item.reason for code, item in sheet.items.items() if item.complete},
        "data": {name: value for name, value in sheet.data.items() if value is not None},
        "score": row.score,
    }


def recompute(sheet: CriterionSheet) -> None:
    """Score a criterion anew from the base data in its sheet, and keep status, figure and SM; the caller's transaction
    and audit entry. Raises EngineError for a figure of more than 15 digits."""
    _apply(sheet, CriterionEntry(nothing=False))
    sheet.row.save(update_fields=["status", "value", "score"])
