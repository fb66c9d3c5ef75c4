"""Saving what a collector typed: rows, score and audit entry in one transaction."""
from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine import rubric as rubrics
from scoring.engine.text import EngineError, Message, clean_text, round4
from scoring.models import TEXTS, BaseDatum, CriterionResult, ItemResult, Result
from scoring.models.result import STILL_OPEN
from scoring.queries.results import CriterionSheet, ResultSheet, load_sheet, result_data
from scoring.services.merge import Change, Merge, merge
from scoring.services.rules import NotAllowed, held, made_by, present, require, wrong_state
from scoring.services.trail import CRITERION, ITEMS, ROW, difference, fields_of, state_of
from scoring.values import CriterionEntry, OthersChange, ResultEntry, Value

TOO_LARGE = Decimal(10) ** 15
MOST_TRIES = 3  # of a save that others overtake; from the second one on it holds the result
NOT_SCORED = (CriterionResult.Status.NOT_REPORTED, CriterionResult.Status.NOT_APPLICABLE)


class Saved(NamedTuple):
    """A save's outcome: the new sheet; by field, what was not saved because others changed it to something else;
    and what now differs from what was posted because it stayed as others made it."""

    sheet: ResultSheet
    conflicts: dict[str, OthersChange] = {}
    taken: dict[str, OthersChange] = {}


class _Overtaken(Exception):
    """Someone else saved the result between its reading and its writing."""


def save_draft(result: Result, data: ResultEntry, *, by: User, version: int | None = None) -> Saved:
    """Save what was typed of a result that is still open to its collectors, and score it.

    Only what `data` holds is changed. `version` is the one that the page was drawn from: what others saved since is
    kept field by field, and where both changed a field to different values, theirs stays and a conflict tells of it
    (scoring/services/merge.py). The sheet holds the criteria that were typed whole, of the others the rows alone.
    Raises NotAllowed when the state or the person doesn't permit it, EngineError when a value can't be scored (a
    level outside the scale); then nothing is saved.
    """
    if getattr(result, "actor", None) != by.pk:
        result = present(result, by)
    for tries in range(MOST_TRIES):
        try:
            with transaction.atomic():
                # On a copy: what is refused must leave the caller's result as it was read.
                return _save(held(result, by) if tries else copy(result), data, version, by)
        except _Overtaken:
            continue
    raise NotAllowed(wrong_state(present(result, by)))


def _save(result: Result, data: ResultEntry, version: int | None, by: User) -> Saved:
    require(result, "save", by)
    sheet = load_sheet(result, touched=data.criteria.keys())
    touched = [s for s in sheet.criteria if s.criterion.pk in data.criteria]
    before = state_of(result, touched)
    merged = merge(result, data, version, before, touched)
    for name, text in merged.data.texts.items():
        setattr(result, name, clean_text(text))
    for criterion_sheet in touched:
        _apply(criterion_sheet, merged.data.criteria[criterion_sheet.criterion.pk])
    after = state_of(result, touched)
    if after != before:
        old, new = difference(before, after)
        _touch(result, old, new, page=data.page, by=by)
        _write(result, touched, new)
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
    if sheet.units is None:
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
        item_result.declared = item_result.done and item.code in entry.get("complete", ())
        item_result.complete = item_result.done and (item_result.declared or item_result.shown)
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


def _write(result: Result, touched: list[CriterionSheet], changes: Mapping) -> None:
    """Write the rows of what changed, by the keys of the criteria's states."""
    changed = {s.criterion.pk: changes.get(f"{CRITERION}{s.criterion.pk}", {}).keys() for s in touched}
    rows = [s.row for s in touched if changed[s.criterion.pk] & ROW]
    if len(rows) == 1:  # as one types: putting a bulk together would take longer than all the rest
        rows[0].save(update_fields=ROW)
    elif rows:
        CriterionResult.objects.bulk_update(rows, ROW)
    ticked = [
        ItemResult(
            criterion_result=s.row, item=i.item, done=i.done, complete=i.complete, declared=i.declared, shown=i.shown,
            reason=i.reason,
        )
        for s in touched if changed[s.criterion.pk] & ITEMS
        for i in s.items.values()
    ]
    ItemResult.objects.bulk_create(
        ticked, update_conflicts=True, unique_fields=["criterion_result", "item"],
        update_fields=["done", "complete", "declared", "reason"],
    )
    data = [
        BaseDatum(variable=v, round=result.round, unit=result.unit, value=s.data.get(v.name))
        for s in touched if "data" in changed[s.criterion.pk]
        for v in s.criterion.variables.all()
    ]
    BaseDatum.objects.bulk_create(
        data, update_conflicts=True, unique_fields=["variable", "round", "unit"], update_fields=["value"]
    )


def _touch(result: Result, before: dict, after: dict, *, page: str, by: User) -> None:
    """Raise the version, if nobody else did since the result was read, and leave the entry. Its `after` names the
    version, and the page that saved where one did."""
    texts = {name: getattr(result, name) for name in TEXTS}
    seen = Result.objects.filter(STILL_OPEN, pk=result.pk, version=result.version, state=result.state)
    result.version += 1
    result.saved_at, result.saved_by = timezone.now(), by
    if not seen.update(version=result.version, saved_at=result.saved_at, saved_by=by, **texts):
        raise _Overtaken
    if not made_by(result, by):
        result.makers.add(by)
    source = {"version": result.version} | ({"page": page} if page else {})
    record("result.saved", by=by, target=result, unit_id=result.unit_id, before=before, after=after | source)


def recompute(sheet: CriterionSheet) -> None:
    """Score a criterion anew from the base data in its sheet, and keep status, figure and SM; the caller's transaction
    and audit entry. Raises EngineError for a figure of more than 15 digits."""
    _apply(sheet, CriterionEntry(nothing=False, data={}))
    sheet.row.save(update_fields=["status", "value", "score"])
