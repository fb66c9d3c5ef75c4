"""What an assignment in bulk, or a copy of an earlier round's, would change, and what it would skip and why."""
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from indicators.holders import Holders
from indicators.models import Assignment, Indicator, Responsibility, Round
from kpiportal.accounts.models import Unit, User
from scoring.engine.text import Message

Role = Assignment.Role
ADD, REPLACE, CHANGE, REMOVE, SKIP = "add", "replace", "change", "remove", "skip"
_Key = tuple[int, int]  # indicator, unit

_NOT_IN_THE_ROUND = Message("ไม่ได้วัดในรอบนี้", "not measured in this round")
_NO_PART = Message(
    "หน่วยนี้ไม่ใช่หน่วยรับผิดชอบหลักหรือหน่วยปฏิบัติของตัวชี้วัดนี้",
    "the unit neither leads this indicator nor operates for it",
)
_ALREADY = Message("มอบหมายไว้แล้ว", "assigned already")
_HAS_SUPERVISOR = Message("มีผู้กำกับดูแลแล้ว", "there is a supervisor already")
_HOLDS_NO_MORE = Message(
    "ไม่มีสิทธิ์ในหน่วยนี้แล้ว หรือบัญชีถูกปิด", "has no longer the right in this unit, or the account is closed"
)
_NO_PERSON = Message("ยังไม่ได้เลือกผู้ใด", "nobody is chosen")
_TWO_SUPERVISORS = Message(
    "ผู้กำกับดูแลมีได้คนเดียวต่อตัวชี้วัดและหน่วย: เลือกคนเดียว คนอื่นมอบหมายเป็นผู้แทนได้",
    "There is one supervisor for an indicator and unit: choose one; others can be substitutes.",
)


class Choice(NamedTuple):
    """What the office chose: these people (by unit) for these indicators in this role. Without units each indicator's
    lead unit is meant. `instead`: those who are there in this role and aren't chosen are taken off."""

    indicators: tuple[Indicator, ...]
    role: str
    units: tuple[Unit, ...] = ()
    people: Mapping[int, tuple[User, ...]] = {}
    is_substitute: bool = False
    instead: bool = False


class Line(NamedTuple):
    """One line of a plan. `old` is the assignment that is replaced, changed or taken off; `why` a skip's reason."""

    kind: str
    indicator: Indicator
    unit: Unit
    role: str = ""
    is_substitute: bool = False
    person: User | None = None
    old: Assignment | None = None
    why: Message | None = None

    @property
    def key(self) -> tuple:
        """What makes two lines the same."""
        person, old = self.person and self.person.pk, self.old and (self.old.pk, self.old.is_substitute)
        return self.kind, self.indicator.pk, self.unit.pk, self.role, self.is_substitute, person, old


@dataclass
class Plan:
    """What would be done, line by line; with problems nothing can be saved."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Message] = field(default_factory=list)

    @property
    def changes(self) -> list[Line]:
        """The lines that change something."""
        return [line for line in self.lines if line.kind != SKIP]

    @property
    def stamp(self) -> str:
        """The same for the same changes: what is saved is what was shown."""
        return hashlib.sha256(repr([line.key for line in self.changes]).encode()).hexdigest()[:32]


def units_asked(choice: Choice, agreement_unit: Unit) -> list[Unit]:
    """The units for which people are chosen, each once."""
    if choice.units:
        return list(choice.units)
    return list(dict.fromkeys(indicator.lead_unit or agreement_unit for indicator in choice.indicators))


def plan_assignment(round_: Round, choice: Choice) -> Plan:
    """What saving a choice would do now; four queries, whatever is chosen."""
    plan, state = Plan(), _State(round_, choice.indicators)
    holders = Holders(person for people in choice.people.values() for person in people)
    for unit in units_asked(choice, round_.agreement.unit):
        people = choice.people.get(unit.pk, ())
        refused = [person for person in people if not holders.may(person, unit, choice.role)]
        plan.problems += [holders.refusal(person, unit, choice.role) for person in refused]
        if choice.role == Role.SUPERVISOR and not choice.is_substitute and len(people) > 1:
            plan.problems.append(_TWO_SUPERVISORS)
        for indicator in choice.indicators:
            if choice.units or unit == (indicator.lead_unit or round_.agreement.unit):
                plan.lines += _lines(state, choice, indicator, unit)
    return plan


def _lines(state: "_State", choice: Choice, indicator: Indicator, unit: Unit) -> Iterable[Line]:
    why = state.no_part(indicator, unit)
    people = choice.people.get(unit.pk, ())
    if why or not people:
        yield Line(SKIP, indicator, unit, choice.role, choice.is_substitute, why=why or _NO_PERSON)
        return
    there = state.there(indicator, unit, choice.role)
    for person in people:
        yield _one(there, indicator, unit, choice.role, choice.is_substitute, person)
    single = choice.role == Role.SUPERVISOR and not choice.is_substitute
    for old in there if choice.instead and not single else ():
        if old.person not in people and old.is_substitute == choice.is_substitute:
            yield Line(REMOVE, indicator, unit, old.role, old.is_substitute, old.person, old)


def _one(
    there: list[Assignment], indicator: Indicator, unit: Unit, role: str, is_substitute: bool, person: User
) -> Line:
    """What becomes of one person in a role that `there` are in now."""
    own = next((old for old in there if old.person_id == person.pk), None)
    head = (indicator, unit, role, is_substitute, person)
    if own and own.is_substitute == is_substitute:
        return Line(SKIP, *head, why=_ALREADY)
    taken = role == Role.SUPERVISOR and not is_substitute
    old = next((old for old in there if not old.is_substitute), None) if taken else None
    if old:
        return Line(REPLACE, *head, old)
    return Line(CHANGE, *head, own) if own else Line(ADD, *head)


def plan_copy(round_: Round) -> Plan:
    """What copying the latest earlier round's assignments would do now: nobody who is there is taken off."""
    earlier = (
        Assignment.objects.filter(round__agreement=round_.agreement_id, round__months__lt=round_.months)
        .select_related("indicator", "unit", "person", "round")
        .order_by("-round__months", "indicator__order", "role", "order", "pk")
    )
    found = list(earlier)
    found = [one for one in found if one.round_id == found[0].round_id]
    state, holders = _State(round_, {one.indicator for one in found}), Holders(one.person for one in found)
    return Plan([_copied(state, holders, one) for one in found])


def _copied(state: "_State", holders: Holders, one: Assignment) -> Line:
    head = (one.indicator, one.unit, one.role, one.is_substitute, one.person)
    there = state.there(one.indicator, one.unit, one.role)
    why = None if one.indicator.runs_in(state.round.months) else _NOT_IN_THE_ROUND
    if any(old.person_id == one.person_id for old in there):
        why = why or _ALREADY
    if not holders.may(one.person, one.unit, one.role):
        why = why or _HOLDS_NO_MORE
    single = one.role == Role.SUPERVISOR and not one.is_substitute
    if single and any(not old.is_substitute for old in there):
        why = why or _HAS_SUPERVISOR
    return Line(SKIP, *head, why=why) if why else Line(ADD, *head)


class _State:
    """What stands in the round about some indicators: who is assigned, which units operate; two queries."""

    def __init__(self, round_: Round, indicators: Iterable[Indicator]) -> None:
        self.round = round_
        keys = [indicator.pk for indicator in indicators]
        self.assigned: dict[tuple[_Key, str], list[Assignment]] = {}
        rows = Assignment.objects.filter(round=round_, indicator__in=keys).select_related("person", "unit", "indicator")
        for row in rows:
            self.assigned.setdefault(((row.indicator_id, row.unit_id), row.role), []).append(row)
        cells = Responsibility.units.through.objects.filter(
            responsibility__indicator__in=keys, responsibility__role=Responsibility.Role.OPERATING
        )
        self.operating = set(cells.values_list("responsibility__indicator", "unit"))

    def there(self, indicator: Indicator, unit: Unit, role: str) -> list[Assignment]:
        """Who has the role there now."""
        return self.assigned.get(((indicator.pk, unit.pk), role), [])

    def no_part(self, indicator: Indicator, unit: Unit) -> Message | None:
        """Why nobody is needed there, if so."""
        if not indicator.runs_in(self.round.months):
            return _NOT_IN_THE_ROUND
        leads = unit.pk == (indicator.lead_unit_id or self.round.agreement.unit_id)
        return None if leads or (indicator.pk, unit.pk) in self.operating else _NO_PART
