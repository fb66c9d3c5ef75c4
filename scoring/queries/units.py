"""Base data from many units: what each operating unit reports for the formulas of an indicator."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from indicators.models import Criterion
from indicators.queries import reporters_of
from kpiportal.accounts.models import Unit
from scoring.engine import basedata
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
    return {}, {
        criterion.pk: [
            UnitData(unit, _all_of(criterion, data.get((criterion.pk, unit.pk), {})), reports.get((criterion.pk, unit.pk)))
            for unit in reporters
        ]
        for criterion in formulas
    }


def _reports(result: Result, criteria: Iterable[Criterion]) -> dict[tuple[int, int], UnitReport]:
    found = UnitReport.objects.filter(round=result.round_id, criterion__in=[criterion.pk for criterion in criteria])
    return {(report.criterion_id, report.unit_id): report for report in found.select_related("saved_by")}


def _all_of(criterion: Criterion, given: Mapping[str, Decimal | None]) -> Values:
    return {variable.name: given.get(variable.name) for variable in criterion.variables.all()}


def sums(criterion: Criterion, units: Iterable[UnitData]) -> Values:
    """ΣA, ΣB … over the units that reported (domain.md, rubric 6)."""
    names = [variable.name for variable in criterion.variables.all()]
    return basedata.sum_values([unit.values for unit in units if unit.counts], names)
