"""Base data from many units: what each operating unit reports for the formulas of an indicator."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.models import Criterion, Responsibility, Round
from indicators.models.agreement import is_past
from indicators.queries import reporters_of
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import units_with
from kpiportal.accounts.roles import EDIT_RESULTS
from scoring.engine import basedata, workflow
from scoring.models import BaseDatum, Result, UnitReport

Values = dict[str, Decimal | None]
MISSING = "missing"


@dataclass
class UnitData:
    """What one operating unit reports for a formula: its values by the variable's name, None where not given yet."""

    unit: Unit
    values: Values
    report: UnitReport | None

    @property
    def state(self) -> str:
        """'missing' while nothing was said, else the status of its report."""
        if self.report is None:
            return MISSING
        # A definition that asks for more than when the unit reported makes its report incomplete.
        if self.report.status == UnitReport.Status.REPORTED and None in self.values.values():
            return UnitReport.Status.BEGUN
        return self.report.status

    @property
    def counts(self) -> bool:
        """Whether its values stand in the sums."""
        return self.state == UnitReport.Status.REPORTED

    @property
    def is_missing(self) -> bool:
        """Whether the unit has still to report, or somebody to state that it doesn't."""
        return self.state in (MISSING, UnitReport.Status.BEGUN)


def load_units(result: Result, criteria: Iterable[Criterion]) -> tuple[dict[int, Values], dict[int, list[UnitData]]]:
    """The base data behind a result's formulas, by criterion: what its own unit gave where it alone reports, and what
    the operating units gave where there are any. One query, two with operating units."""
    formulas = [criterion for criterion in criteria if criterion.formula]
    reporters = reporters_of(result.indicator) if formulas else ()
    data: dict[tuple[int, int], Values] = {}
    rows = BaseDatum.objects.filter(
        round=result.round_id, variable__criterion__indicator=result.indicator_id,
        unit__in=[unit.pk for unit in reporters] or [result.unit_id],
    )
    for criterion, unit, name, value in rows.values_list("variable__criterion", "unit", "variable__name", "value"):
        data.setdefault((criterion, unit), {})[name] = value
    if not reporters:
        return {criterion: values for (criterion, _), values in data.items()}, {}
    reports = _reports(result, formulas)
    units: dict[int, list[UnitData]] = {}
    for criterion in formulas:
        for unit in reporters:
            key = criterion.pk, unit.pk
            given = UnitData(unit, _all_of(criterion, data.get(key, {})), reports.get(key))
            units.setdefault(criterion.pk, []).append(given)
    return {}, units


def _reports(result: Result, criteria: Iterable[Criterion]) -> dict[tuple[int, int], UnitReport]:
    found = UnitReport.objects.filter(round=result.round_id, criterion__in=[criterion.pk for criterion in criteria])
    return {(report.criterion_id, report.unit_id): report for report in found.select_related("saved_by")}


def _all_of(criterion: Criterion, given: Mapping[str, Decimal | None]) -> Values:
    return {variable.name: given.get(variable.name) for variable in criterion.variables.all()}


def sums(criterion: Criterion, units: Iterable[UnitData]) -> Values:
    """ΣA, ΣB … over the units that reported (domain.md, rubric 6)."""
    names = [variable.name for variable in criterion.variables.all()]
    return basedata.sum_values([unit.values for unit in units if unit.counts], names)


class AskedOf(NamedTuple):
    """A formula's base data in an open round that is asked of a unit, as plain values."""

    result: int
    criterion: int
    round: int
    unit: int
    code: str
    unit_name: str
    state: str
    number: str
    name: str
    months: int
    due_on: date | None
    year: int


@dataclass(frozen=True)
class BaseDataTask:
    """Base data that a unit reports on one indicator: of how many formulas it has said everything."""

    asked: AskedOf
    formulas: int
    said: int

    @property
    def indicator(self) -> str:
        """Number and name of the indicator."""
        return f"{self.asked.number} {self.asked.name}".strip()

    @property
    def open(self) -> bool:
        """Whether it can still be changed: until the lead unit hands the result in."""
        return workflow.allowed(self.asked.state, "save", workflow.COLLECTOR) is not None

    @property
    def waits(self) -> bool:
        """Whether something is still to be reported."""
        return self.open and self.said < self.formulas

    @property
    def late(self) -> bool:
        """Whether something is still to be reported though the round's due date is over."""
        return self.waits and is_past(self.asked.due_on)


_CELL = "responsibility__indicator__"
_ASKED = (
    f"{_CELL}results", f"{_CELL}criteria", f"{_CELL}results__round", "unit", "unit__code", "unit__name",
    f"{_CELL}results__state", f"{_CELL}number", f"{_CELL}name", f"{_CELL}results__round__months",
    f"{_CELL}results__round__due_on", f"{_CELL}agreement__fiscal_year__year",
)


def base_data_tasks(user: User) -> list[BaseDataTask]:
    """What the operating units in which a person edits results are asked for in open rounds, what waits first. No query
    without such a unit, one where nothing is asked of it, else two."""
    units = [unit.pk for unit in units_with(user, EDIT_RESULTS)]
    if not units:
        return []
    cells = Responsibility.units.through.objects.filter(
        **{
            "unit__in": units, "responsibility__role": Responsibility.Role.OPERATING,
            f"{_CELL}criteria__formula__gt": "", f"{_CELL}results__round__state": Round.State.OPEN,
        }
    )
    in_order = (f"{_CELL}agreement", f"{_CELL}order", f"{_CELL}results__round__months", "pk")
    asked = [AskedOf(*row) for row in cells.values_list(*_ASKED).order_by(*in_order)]
    said = _said(asked) if asked else set()
    tasks: dict[tuple[int, int], list[AskedOf]] = {}
    for one in asked:
        tasks.setdefault((one.result, one.unit), []).append(one)
    made = [BaseDataTask(ones[0], len(ones), sum(_key(one) in said for one in ones)) for ones in tasks.values()]
    return sorted(made, key=lambda task: not task.waits)


def _key(asked: AskedOf) -> tuple[int, int, int]:
    return asked.criterion, asked.round, asked.unit


def _said(asked: list[AskedOf]) -> set[tuple[int, int, int]]:
    found = UnitReport.objects.filter(
        criterion__in={one.criterion for one in asked}, unit__in={one.unit for one in asked}
    ).exclude(status=UnitReport.Status.BEGUN)
    return set(found.values_list("criterion", "round", "unit"))
