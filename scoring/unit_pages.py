"""What the pages of base data from many units print: the lead unit's table, and the form of one unit."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from indicators.models import Criterion, Variable
from scoring.engine.rubric import Score
from scoring.engine.text import Message, number_text, round4, score_text
from scoring.models import UnitReport
from scoring.queries.results import CriterionSheet
from scoring.queries.units import UnitData, Values

DASH = "–"


@dataclass(frozen=True)
class Cell:
    """The value of one variable, as printed."""

    variable: Variable
    value: str


@dataclass(frozen=True)
class UnitRow:
    """One operating unit in the lead unit's table."""

    code: str
    name: str
    cells: list[Cell]
    figure: str
    why: Message | None  # why it has no figure of its own, though it reported
    state: str
    report: UnitReport | None

    @property
    def asked(self) -> bool:
        """Whether the lead unit may state that it doesn't report, or ask it again."""
        return self.state != UnitReport.Status.REPORTED


@dataclass(frozen=True)
class UnitTable:
    """The operating units with their base data, the sums, and the formula with the sums put in ('' without)."""

    variables: list[Variable]
    rows: list[UnitRow]
    sums: list[Cell]
    figure: str
    calculation: str
    said: int  # how many reported, or were stated not to
    reported: int

    @property
    def stated(self) -> int:
        """How many don't report."""
        return self.said - self.reported


def unit_table(sheet: CriterionSheet) -> UnitTable | None:
    """The table of a criterion that operating units report for; None where the lead unit alone does."""
    if sheet.units is None:
        return None
    variables = list(sheet.criterion.variables.all())
    figure = sheet.outcome.value_used
    return UnitTable(
        variables=variables,
        rows=[_row(sheet, unit, variables) for unit in sheet.units],
        sums=_cells(sheet.data, variables),
        figure=_figure(sheet.outcome),
        calculation="" if figure is None else calculation(sheet, sheet.data, sheet.outcome),
        said=sum(not unit.is_missing for unit in sheet.units),
        reported=sum(unit.counts for unit in sheet.units),
    )


def calculation(sheet: CriterionSheet, values: Values, score: Score) -> str:
    """The formula with numbers put in, and what it gives: 'A / B * 100 = 42 / 50 * 100 = 84.0000'."""
    formula = sheet.rubric.formula
    sign = "=" if round4(score.value_used) == score.value_used else "≈"
    return f"{formula.text} = {formula.with_numbers(values)} {sign} {_figure(score)}"


def _row(sheet: CriterionSheet, unit: UnitData, variables: list[Variable]) -> UnitRow:
    own = sheet.own_figure(unit) if unit.counts else None
    return UnitRow(
        unit.unit.code, str(unit.unit), _cells(unit.values, variables),
        _figure(own), own.reason if own else None, unit.state, unit.report,
    )


def _cells(values: Values, variables: list[Variable]) -> list[Cell]:
    given = [(variable, values.get(variable.name)) for variable in variables]
    return [Cell(variable, DASH if value is None else number_text(value)) for variable, value in given]


def _figure(score: Score | None) -> str:
    return DASH if score is None or score.value_used is None else score_text(score.value_used)


@dataclass(frozen=True)
class Field:
    """One field of a unit's form: what to show in it, what the page was made from, and what stands there now where
    somebody else changed it meanwhile."""

    prefix: str
    key: str
    variable: Variable | None
    value: str
    was: str
    now: str | None = None

    @property
    def name(self) -> str:
        return f"{self.prefix}-{self.key}"


@dataclass(frozen=True)
class UnitForm:
    """A criterion's base data as one unit fills it in."""

    criterion: Criterion
    fields: list[Field]
    not_reported: Field
    reason: Field
    state: str
    report: UnitReport | None
    calculation: str
    why: Message | None  # why its numbers give no figure
    saved_at: datetime | None

    @property
    def prefix(self) -> str:
        return f"c{self.criterion.pk}"


def unit_form(
    sheet: CriterionSheet, unit: UnitData, typed: Mapping[str, str] | None = None, clashes: frozenset[str] = frozenset()
) -> UnitForm:
    """The form of one criterion: as stored, or with what was typed (by field name) where it couldn't be saved."""
    own = sheet.own_figure(unit) if unit.counts else None
    stored = form_values(unit)

    def field(name: str, variable: Variable | None = None) -> Field:
        shown = stored[name] if typed is None else typed.get(name, "")
        # After a clash the person has seen what stands there now: the next save goes over it knowingly.
        was = stored[name] if typed is None or name in clashes else typed.get(f"was-{name}", stored[name])
        return Field(f"c{sheet.criterion.pk}", name, variable, shown, was, stored[name] if name in clashes else None)

    return UnitForm(
        criterion=sheet.criterion,
        fields=[field(f"data-{variable.name}", variable) for variable in sheet.criterion.variables.all()],
        not_reported=field("not_reported"),
        reason=field("reason"),
        state=unit.state,
        report=unit.report,
        calculation=calculation(sheet, unit.values, own) if own and own.value_used is not None else "",
        why=own.reason if own else None,
        saved_at=unit.report.saved_at if unit.report else None,
    )


def form_values(unit: UnitData) -> dict[str, str]:
    """A unit's stored report as the form writes it, by the field's name."""
    values = {f"data-{name}": "" if value is None else number_text(value) for name, value in unit.values.items()}
    not_reported = "on" if unit.state == UnitReport.Status.NOT_REPORTED else ""
    return values | {"not_reported": not_reported, "reason": unit.report.reason if unit.report else ""}
