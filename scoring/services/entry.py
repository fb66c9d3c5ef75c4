"""Saving what a collector typed: rows, score and audit entry in one transaction."""
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine import rubric as rubrics
from scoring.engine.text import EngineError, Message, clean_text, round4
from scoring.models import TEXTS, BaseDatum, CriterionResult, ItemResult, Result
from scoring.queries.results import CriterionSheet, ResultSheet, load_sheet, result_data
from scoring.services.merge import Change, Merge, merge
from scoring.services.rules import locked, require
from scoring.services.trail import difference, fields_of, state_of
from scoring.values import CriterionEntry, OthersChange, ResultEntry, Value

TOO_LARGE = Decimal(10) ** 15
NOT_SCORED = (CriterionResult.Status.NOT_REPORTED, CriterionResult.Status.NOT_APPLICABLE)


class Saved(NamedTuple):
    """A save's outcome: the new sheet; by field, what was not saved because others changed it to something else;
    and what now differs from what was posted because it stayed as others made it."""

    sheet: ResultSheet
    conflicts: dict[str, OthersChange] = {}
    taken: dict[str, OthersChange] = {}


@transaction.atomic
def save_draft(result: Result, data: ResultEntry, *, by: User, version: int | None = None) -> Saved:
    """Save what was typed of a result that is still open to its collectors, and score it.

    Only what `data` holds is changed. `version` is the one that the page was drawn from: what others saved since is
    kept field by field, and where both changed a field to different values, theirs stays and a conflict tells of it
    (scoring/services/merge.py). Raises NotAllowed when the state or the person doesn't permit it, EngineError when a
    value can't be scored (a level outside the scale); then nothing is saved.
    """
    result = locked(result)
    require(result, "save", by)
    sheet = load_sheet(result)
    touched = [s for s in sheet.criteria if s.criterion.pk in data.criteria]
    before = state_of(result, touched)
    merged = merge(result, data, version, before, touched)
    for name, text in merged.data.texts.items():
        setattr(result, name, clean_text(text))
    for criterion_sheet in touched:
        _apply(criterion_sheet, merged.data.criteria[criterion_sheet.criterion.pk])
    _write(result, touched, merged.data)
    after = state_of(result, touched)
    if after != before:
        _touch(result, *difference(before, after), page=data.page, by=by)
    return _saved(sheet, merged, fields_of(after), by)


def _saved(sheet: ResultSheet, merged: Merge, now: Mapping[str, Value], by: User) -> Saved:
    differing = {
        field: _others_change(field, now.get(field), sheet.result.version, merged.changes.get(field), by)
        for field, typed in merged.typed.items() if now.get(field) != typed or field in merged.data.take
    }
    conflicts = {field: change for field, change in differing.items() if field in merged.conflicts}
    return Saved(sheet, conflicts, {field: c for field, c in differing.items() if field not in conflicts})


def _others_change(field: str, now: Value, version: int, change: Change | None, by: User) -> OthersChange:
    if change is None:
        return OthersChange(field, now, version)
    return OthersChange(field, now, version, change.who, change.at, own=change.who_id == by.pk)


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
    sheet.data |= entry.get("data", {})
    row.status = _status(sheet, entry)
    sheet.__dict__.pop("outcome", None)
    if sheet.rubric and row.status in NOT_SCORED and entry.keys() & {"value", "count", "data"}:
        _refuse_unscorable(sheet)
    row.score = sheet.outcome.value if sheet.rubric else None
    if sheet.criterion.formula:
        row.value = _figure(sheet, sheet.outcome)


def _refuse_unscorable(sheet: CriterionSheet) -> None:
    """A number beside 'not reported' must be fit to be scored too: it counts once the tick is taken back."""
    status, sheet.row.status = sheet.row.status, CriterionResult.Status.REPORTED
    outcome = rubrics.score(sheet.rubric, rubrics.parse_result(result_data(sheet), sheet.rubric))
    _figure(sheet, outcome)
    sheet.row.status = status


def _figure(sheet: CriterionSheet, outcome: rubrics.Score) -> Decimal | None:
    """What the formula gave, to four places, to stand beside the score; the score is taken from the exact quotient."""
    used = outcome.value_used
    if sheet.criterion.formula and used is not None and abs(used) >= TOO_LARGE:
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
            for s in touched if "data" in data.criteria[s.criterion.pk]
            for v in s.criterion.variables.all()
        ],
        update_conflicts=True, unique_fields=["variable", "round", "unit"], update_fields=["value"],
    )


def _touch(result: Result, before: dict, after: dict, *, page: str, by: User) -> None:
    """Raise the version and leave the entry. Its `after` names the version, and the page that saved where one did."""
    result.version += 1
    result.saved_at, result.saved_by = timezone.now(), by
    result.save(update_fields=[*TEXTS, "version", "saved_at", "saved_by"])
    result.makers.add(by)
    source = {"version": result.version} | ({"page": page} if page else {})
    record("result.saved", by=by, target=result, unit_id=result.unit_id, before=before, after=after | source)
