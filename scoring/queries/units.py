"""Base data from many units: what each operating unit reports for the formulas of an indicator."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q

from indicators.models import Criterion, Responsibility, Round, runs_in
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
    the operating units gave where there are any. One query, none without formulas."""
    formulas = [criterion for criterion in criteria if criterion.formula]
    reporters = reporters_of(result.indicator) if formulas else ()
    if not reporters:
        return _of_its_own_unit(result, formulas), {}
    given, reports = _of_units(result, formulas)
    units: dict[int, list[UnitData]] = {}
    for criterion in formulas:
        for unit in reporters:
            key = criterion.pk, unit.pk
            units.setdefault(criterion.pk, []).append(
                UnitData(unit, _all_of(criterion, given.get(key, {})), reports.get(key))
            )
    return {}, units


def _of_its_own_unit(result: Result, formulas: list[Criterion]) -> dict[int, Values]:
    data: dict[int, Values] = {}
    rows = BaseDatum.objects.filter(
        round=result.round_id, unit=result.unit_id, variable__criterion__in=[criterion.pk for criterion in formulas]
    )
    for criterion, name, value in rows.values_list("variable__criterion", "variable__name", "value"):
        data.setdefault(criterion, {})[name] = value
    return data


def _of_units(
    result: Result, formulas: list[Criterion]
) -> tuple[dict[tuple[int, int], Values], dict[tuple[int, int], UnitReport]]:
    """Values and reports by criterion and unit; no unit's values are saved without its report."""
    path = "criterion__variables__data"
    own = FilteredRelation(path, condition=Q(**{f"{path}__unit": F("unit"), f"{path}__round": F("round")}))
    reports = UnitReport.objects.filter(round=result.round_id, criterion__in=[criterion.pk for criterion in formulas])
    rows = reports.annotate(own=own, variable=F("own__variable__name"), value=F("own__value"))
    given: dict[tuple[int, int], Values] = {}
    found: dict[tuple[int, int], UnitReport] = {}
    for row in rows.select_related("saved_by"):
        key = row.criterion_id, row.unit_id
        found[key] = row
        given.setdefault(key, {})[row.variable] = row.value
    return given, found


def _all_of(criterion: Criterion, given: Mapping[str, Decimal | None]) -> Values:
    return {variable.name: given.get(variable.name) for variable in criterion.variables.all()}


def sums(criterion: Criterion, units: Iterable[UnitData]) -> Values:
    """ΣA, ΣB … over the units that reported (domain.md, rubric 6)."""
    names = [variable.name for variable in criterion.variables.all()]
    return basedata.sum_values([unit.values for unit in units if unit.counts], names)


class Asked(NamedTuple):
    """A formula of an open round whose base data are asked for, as plain values, beside one of the reports on it (if
    there is any, maybe of another round)."""

    indicator_id: int
    result: int
    state: str
    number: str
    name: str
    round: int
    months: int
    due_on: date | None
    year: int
    criterion: int
    reported_round: int | None
    reported_unit: int | None
    status: str | None


_ASKED = (
    "indicator", "indicator__results", "indicator__results__state", "indicator__number", "indicator__name",
    "indicator__results__round", "indicator__results__round__months", "indicator__results__round__due_on",
    "indicator__agreement__fiscal_year__year", "pk", "own__round", "own__unit", "own__status",
)


@dataclass
class BaseDataTask:
    """Base data that a unit reports on one indicator in one round: for which formulas, and of which it said all."""

    asked: Asked
    unit: Unit
    formulas: set[int] = field(default_factory=set)
    said: set[int] = field(default_factory=set)

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

    def take(self, row: Asked) -> None:
        """Count a formula, and the unit's report on it in this round."""
        self.formulas |= {row.criterion}
        own = (row.reported_round, row.reported_unit) == (row.round, self.unit.pk)
        if own and row.status != UnitReport.Status.BEGUN:
            self.said |= {row.criterion}


def base_data_tasks(user: User) -> list[BaseDataTask]:
    """What the operating units in which a person edits results are asked for in open rounds, what waits first. No query
    without such a unit, a small one where nothing is ever asked of it (nearly everyone), else two."""
    return base_data_of({user.pk: units_with(user, EDIT_RESULTS)})[user.pk]


def base_data_of(units_of: Mapping[int, Iterable[Unit]]) -> dict[int, list[BaseDataTask]]:
    """The same for many people, by person, from the units in which each edits results; two queries at most."""
    units = {unit.pk: unit for own in units_of.values() for unit in own}
    tasks = _tasks_of(units) if units else []
    mine = {person: {unit.pk for unit in own} for person, own in units_of.items()}
    return {person: [task for task in tasks if task.unit.pk in own] for person, own in mine.items()}


def _tasks_of(units: Mapping[int, Unit]) -> list[BaseDataTask]:
    asked = Responsibility.units.through.objects.filter(
        unit__in=list(units), responsibility__role=Responsibility.Role.OPERATING
    )
    by_indicator: dict[int, list[Unit]] = {}
    for indicator, unit in asked.values_list("responsibility__indicator", "unit"):
        by_indicator.setdefault(indicator, []).append(units[unit])
    tasks: dict[tuple[int, int], BaseDataTask] = {}
    for row in _asked(by_indicator, units) if by_indicator else ():
        for unit in by_indicator[row.indicator_id]:
            tasks.setdefault((row.result, unit.pk), BaseDataTask(row, unit)).take(row)
    return sorted(tasks.values(), key=lambda task: not task.waits)


def _asked(indicators: Iterable[int], units: Iterable[int]) -> list[Asked]:
    """The formulas of these indicators in open rounds, beside the reports of these units."""
    own = FilteredRelation("unit_reports", condition=Q(unit_reports__unit__in=list(units)))
    formulas = Criterion.objects.annotate(own=own).filter(
        Q(indicator__results__round__state=Round.State.OPEN) | Q(indicator__results__reopened=True),
        runs_in("indicator", "indicator__results__round__months"),
        indicator__in=list(indicators), formula__gt="",
    )
    in_order = ("indicator__agreement", "indicator__order", "indicator__results__round__months", "order")
    return [Asked(*row) for row in formulas.values_list(*_ASKED).order_by(*in_order)]
