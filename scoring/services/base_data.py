"""Base data of operating units: each saves its own, and the lead unit's criterion is scored anew from the sums."""
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from indicators.models import Criterion
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import EDIT_RESULTS
from kpiportal.audit.services import record
from scoring.engine import workflow
from scoring.engine.text import EngineError, Message, clean_text
from scoring.models import BaseDatum, Result, UnitReport
from scoring.queries.results import CriterionSheet, load_sheet
from scoring.queries.units import UnitData, sums
from scoring.services.entry import TOO_LARGE, recompute
from scoring.services.rules import NotAllowed, locked, roles_on, touch
from scoring.values import UnitEntry

Status = UnitReport.Status
Fields = Mapping[str, object]

_NOT_ASKED = Message(
    "หน่วยนี้ไม่ต้องรายงานข้อมูลพื้นฐานของประเด็นนี้ หรือท่านไม่มีสิทธิ์รายงานแทน: กลับไปที่หน้าแรกแล้วเลือกรายการใหม่",
    "This unit is not asked for base data here, or it is not yours to report: go to the home page and choose again.",
)
_CLOSED = Message(
    "แก้ไขข้อมูลพื้นฐานไม่ได้เพราะส่งผลแล้วหรือปิดรอบแล้ว: แจ้งหน่วยรับผิดชอบหลักให้ขอส่งคืนก่อน",
    "The result is handed in or the round closed: ask the lead unit to have it returned before you change base data.",
)
_HAS_REPORTED = Message(
    "หน่วยนี้รายงานข้อมูลพื้นฐานแล้ว: โหลดหน้านี้ใหม่เพื่อดูข้อมูลล่าสุด",
    "This unit has reported its base data: reload the page to see it.",
)
_NO_REASON = Message(
    "ระบุเหตุผลที่ไม่รายงาน เพื่อให้หน่วยรับผิดชอบหลักส่งผลต่อได้",
    "Give the reason for not reporting, so that the lead unit can hand in the result.",
)


class ChangedMeanwhile(Exception):
    """Somebody else changed the same fields since the page was shown; nothing was saved. `stored` is what stands in
    the database now, `fields` are the names of the fields in question."""

    def __init__(self, stored: UnitData, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.stored = stored
        self.fields = fields


def rights_on(result: Result, unit: Unit, user: User) -> frozenset[str]:
    """'report' for whoever may edit results in an operating unit; 'state' for the result's own collectors, who may
    only say that a unit doesn't report. Whether they may now is another question: see open_to_units."""
    rights = {"report"} if holds(user, EDIT_RESULTS, unit.path) else set()
    return frozenset(rights | ({"state"} if workflow.COLLECTOR in roles_on(result, user) else set()))


def open_to_units(result: Result) -> bool:
    """Whether base data can be changed: the round is open and the result still with its collectors."""
    return workflow.allowed(result.state, "save", workflow.COLLECTOR, result.phase) is not None


@transaction.atomic
def save_base_data(
    result: Result, unit: Unit, criterion: Criterion, *, entry: UnitEntry, was: UnitEntry | None = None, by: User
) -> CriterionSheet:
    """Save what an operating unit reports for a formula, or that it doesn't with the reason; the lead unit's criterion
    follows. `was` is what the page showed: what the person left as it was stays as it is now.

    Raises NotAllowed for a unit that isn't asked, anyone without the right, or a result handed in; ChangedMeanwhile
    when somebody else changed the same field; EngineError for a missing reason or sums of more than 15 digits.
    """
    result = locked(result)
    sheet, unit_data = _asked(load_sheet(result).criteria, unit, criterion)
    rights = rights_on(result, unit, by)
    if not rights:
        raise NotAllowed(_NOT_ASKED)
    if not open_to_units(result):
        raise NotAllowed(_CLOSED)
    if "report" not in rights:
        entry = _statement(unit_data, entry)
    old = fields_of(unit_data)
    new = _merged(unit_data, old, entry.fields(), was.fields() if was else None)
    changes = {name: (old[name], new[name]) for name in new if new[name] != old[name]}
    if changes:
        changes |= _store(result, sheet, unit_data, new, by)
        _note(result, unit, criterion, changes, by)
    return sheet


def _asked(sheets: list[CriterionSheet], unit: Unit, criterion: Criterion) -> tuple[CriterionSheet, UnitData]:
    for sheet in sheets:
        if sheet.criterion.pk == criterion.pk:
            for unit_data in sheet.units or ():
                if unit_data.unit.pk == unit.pk:
                    return sheet, unit_data
    raise NotAllowed(_NOT_ASKED)


def _statement(unit_data: UnitData, entry: UnitEntry) -> UnitEntry:
    """What a collector of the lead unit may say of another one: that it doesn't report, or to ask it again."""
    if unit_data.counts:
        raise NotAllowed(_HAS_REPORTED)
    return UnitEntry(not_reported=entry.not_reported, reason=entry.reason)


def fields_of(unit_data: UnitData) -> dict[str, object]:
    """What is stored, by the names of UnitEntry.fields."""
    report = unit_data.report
    not_reported = unit_data.state == Status.NOT_REPORTED
    return UnitEntry(unit_data.values, not_reported, report.reason if report else "").fields()


def _merged(unit_data: UnitData, old: Fields, typed: Fields, was: Fields | None) -> dict[str, object]:
    """The fields to store: what was typed where the person changed it, else what stands there now."""
    new = dict(old)
    clashes = []
    for name, value in typed.items():
        value = clean_text(value).strip() if name == "reason" else value
        if name not in old or (was is not None and value == was.get(name)):
            continue
        if was is not None and old[name] != was.get(name) and old[name] != value:
            clashes.append(name)
        new[name] = value
    clashes += _silenced(old, typed, was, new) if was is not None and not clashes else []
    if clashes:
        raise ChangedMeanwhile(unit_data, clashes)
    if not new["not_reported"]:
        new["reason"] = ""
    elif not new["reason"]:
        raise EngineError(_NO_REASON, "reason")
    return new


def _silenced(old: Fields, typed: Fields, was: Fields, new: Fields) -> list[str]:
    """The fields by which numbers would silently not count: one of two people typed them while the other stated that
    the unit doesn't report."""
    if not new["not_reported"]:
        return []
    numbers = [name for name in typed if name.startswith("data-") and name in old]
    if was.get("not_reported"):
        return []
    if old["not_reported"]:
        return ["not_reported"] if any(typed[name] != was.get(name) for name in numbers) else []
    return [name for name in numbers if old[name] != was.get(name)]


def _store(result: Result, sheet: CriterionSheet, unit_data: UnitData, new: Fields, by: User) -> dict[str, tuple]:
    """Write the unit's rows and score the criterion; what changed with that of status, figure and score."""
    before = _follows(sheet, unit_data)
    unit_data.values = {name: new[f"data-{name}"] for name in unit_data.values}
    BaseDatum.objects.bulk_create(
        [
            BaseDatum(variable=variable, round=result.round, unit=unit_data.unit, value=unit_data.values[variable.name])
            for variable in sheet.criterion.variables.all()
        ],
        update_conflicts=True, unique_fields=["variable", "round", "unit"], update_fields=["value"],
    )
    said = Status.BEGUN if None in unit_data.values.values() else Status.REPORTED
    unit_data.report, _ = UnitReport.objects.update_or_create(
        criterion=sheet.criterion, round=result.round, unit=unit_data.unit,
        defaults={
            "status": Status.NOT_REPORTED if new["not_reported"] else said,
            "reason": new["reason"], "saved_at": timezone.now(), "saved_by": by,
        },
    )
    sheet.data = sums(sheet.criterion, sheet.units)
    _refuse_too_large(sheet)
    recompute(sheet)
    after = _follows(sheet, unit_data)
    return {name: (before[name], after[name]) for name in after if after[name] != before[name]}


def _follows(sheet: CriterionSheet, unit_data: UnitData) -> dict[str, object]:
    return {"state": str(unit_data.state), "figure": sheet.row.value, "score": sheet.row.score}


def _refuse_too_large(sheet: CriterionSheet) -> None:
    for name, total in sheet.data.items():
        if total is not None and abs(total) >= TOO_LARGE:
            raise EngineError(
                Message(
                    f"ผลรวม {name} ของทุกหน่วยเกิน 15 หลัก: ตรวจว่ากรอกตามหน่วยนับที่กำหนด",
                    f"The sum of {name} over the units has more than 15 digits: check the unit of measure.",
                ),
                f"data-{name}",
            )


def _note(result: Result, unit: Unit, criterion: Criterion, changes: Mapping[str, tuple], by: User) -> None:
    """The result has a new version and one more maker; the audit entry says which unit's data changed."""
    touch(result, maker=by)
    about = {"criterion": criterion.pk, "unit": unit.code}
    record(
        "base_data.saved", by=by, target=result, unit_id=unit.pk, reason=str(changes.get("reason", ("", ""))[1]),
        before=about | {name: old for name, (old, _) in changes.items()},
        after=about | {name: new for name, (_, new) in changes.items()},
    )
