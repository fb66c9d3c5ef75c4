"""Who supervises and who collects, per indicator, round and unit."""
from django.db import transaction
from django.db.models import Max

from indicators.assigning import ADD, CHANGE, REMOVE, REPLACE, Choice, Line, Plan, plan_assignment, plan_copy
from indicators.models import Assignment, Round
from indicators.services.refusal import NotAllowed, Unfit
from indicators.services.rounds import locked_round
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import Message

_CHANGED = Message(
    "การมอบหมายเปลี่ยนไปหลังจากที่แสดงรายการนี้: ตรวจรายการใหม่ด้านล่าง แล้วบันทึกอีกครั้ง",
    "The assignments have changed since this list was shown: look at the new list below, then save again.",
)


@transaction.atomic
def assign(round_: Round, choice: Choice, *, seen: str, by: User) -> Plan:
    """Do what plan_assignment says; `seen` is the stamp of the plan that the person saw. Raises NotAllowed for a closed
    round and for a plan that has changed since, Unfit for people who don't hold the role in the unit."""
    round_ = locked_round(round_)
    plan = plan_assignment(round_, choice)
    if plan.problems:
        raise Unfit({str(number): problem for number, problem in enumerate(plan.problems)})
    if plan.stamp != seen:
        raise NotAllowed(_CHANGED)
    _carry_out(round_, plan, by)
    return plan


@transaction.atomic
def copy_assignments(round_: Round, *, seen: str, by: User) -> Plan:
    """Take over the assignments of the latest earlier round as plan_copy says; `seen` is the stamp of the plan that the
    person saw. Raises NotAllowed for a closed round and for a plan that has changed since."""
    round_ = locked_round(round_)
    plan = plan_copy(round_)
    if plan.stamp != seen:
        raise NotAllowed(_CHANGED)
    _carry_out(round_, plan, by)
    return plan


@transaction.atomic
def remove_assignment(assignment: Assignment, *, by: User) -> None:
    """Take a person off an indicator; what they could do by it ends with their next request. Nothing happens to one
    who is off already. Raises NotAllowed in a closed round."""
    round_ = locked_round(assignment.round)
    found = Assignment.objects.select_related("person", "unit", "indicator").filter(pk=assignment.pk)
    for row in found:
        _remove(row, round_, by)


def _carry_out(round_: Round, plan: Plan, by: User) -> None:
    last = round_.assignments.aggregate(last=Max("order"))["last"] or 0
    for line in plan.changes:
        last += 1
        _DO[line.kind](line, round_, last, by)


def _add(line: Line, round_: Round, order: int, by: User, action: str = "assignment.added") -> None:
    row = Assignment(
        indicator=line.indicator, round=round_, unit=line.unit, person=line.person, role=line.role,
        is_substitute=line.is_substitute, order=order,
    )
    row.save()
    before = _told(line.old, round_) if line.old else None
    record(action, by=by, target=row, unit_id=row.unit_id, before=before, after=_told(row, round_))


def _replace(line: Line, round_: Round, order: int, by: User) -> None:
    """The old one goes, the new one comes or, as a substitute until now, takes the place."""
    Assignment.objects.filter(pk=line.old.pk).delete()
    round_.assignments.filter(
        indicator=line.indicator, unit=line.unit, person=line.person, role=line.role
    ).delete()
    _add(line, round_, order, by, "assignment.replaced")


def _change(line: Line, round_: Round, order: int, by: User) -> None:
    row, before = line.old, _told(line.old, round_)
    row.is_substitute = line.is_substitute
    row.save(update_fields=["is_substitute"])
    record("assignment.changed", by=by, target=row, unit_id=row.unit_id, before=before, after=_told(row, round_))


def _take_off(line: Line, round_: Round, order: int, by: User) -> None:
    _remove(line.old, round_, by)


def _remove(row: Assignment, round_: Round, by: User) -> None:
    record("assignment.removed", by=by, target=row, unit_id=row.unit_id, before=_told(row, round_))
    row.delete()


def _told(row: Assignment, round_: Round) -> dict[str, object]:
    """An assignment as the trail keeps it, readable without the rows."""
    return {
        "indicator": str(row.indicator), "round": round_.months, "unit": row.unit.code, "person": row.person.username,
        "name": str(row.person), "role": row.role, "substitute": row.is_substitute,
    }


_DO = {ADD: _add, REPLACE: _replace, CHANGE: _change, REMOVE: _take_off}
