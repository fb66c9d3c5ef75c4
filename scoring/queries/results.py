"""One result with its criteria, as the entry page, the services and the card read it."""
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import F

from indicators.models import Agreement, ChecklistItem, Criterion
from indicators.queries import criteria_of, rubric_of
from scoring.engine import explain, formula
from scoring.engine import rubric as rubrics
from scoring.engine.text import Message
from scoring.models import CriterionResult, ItemResult, Mark, Marking, Result, counting
from scoring.queries.units import UnitData, Values, load_units, sums


@dataclass
class CriterionSheet:
    """One criterion with what a mark says of it. `row` and `items` are database rows; the rest is computed."""

    criterion: Criterion
    row: CriterionResult
    items: dict[str, ItemResult] | None  # by the item's code; None where the ticks weren't read
    data: dict[str, Decimal | None] | None  # base data by the variable's name; None where it wasn't read
    agreement: Agreement
    # Where operating units report the base data: each of them, and `data` are the sums over those that did.
    units: list[UnitData] | None = None
    # Of a mark that a reviewer made: by whom, why, and whether the score was given without the rubric.
    marking: Marking | None = None

    @cached_property
    def rubric(self) -> rubrics.Rubric | None:
        """The engine's rubric; None while the definition has none."""
        return rubric_of(self.criterion, self.agreement)

    @property
    def scored_by(self) -> rubrics.Rubric | None:
        """The rubric as this mark is read: a reviewer gives a formula's figure, not its base data."""
        return rubrics.without_formula(self.rubric) if self.rubric and self.marking else self.rubric

    @property
    def is_fixed(self) -> bool:
        """Whether a reviewer gave the score or the figure itself: what is ticked or reported doesn't change it."""
        return self.marking is not None and (self.marking.given or bool(self.criterion.formula))

    @cached_property
    def outcome(self) -> rubrics.Score:
        """The engine's score of what stands in the rows now, or the score that a reviewer gave."""
        if self.marking and self.marking.given:
            return rubrics.Score(self.row.score)
        return rubrics.score(self.scored_by, rubrics.parse_result(result_data(self), self.scored_by))

    def own_figure(self, unit: UnitData) -> rubrics.Score:
        """What the formula gives of one unit's own numbers (`value_used`), or why it gives nothing."""
        return rubrics.score(self.rubric, rubrics.parse_result({"data": _as_read(unit.values)}, self.rubric))

    def working(self) -> list[Message]:
        """The score explained step by step."""
        if self.rubric is None:
            return []
        said = [explain.marked(str(self.marking.marked_by), self.marking.reason)] if self.marking else []
        if self.marking and self.marking.given:
            return [*said, explain.given(self.row.score)]
        result = rubrics.parse_result(result_data(self), self.scored_by)
        names = {item.code: _item_label(item) for item in self.criterion.items.all()}
        return said + explain.working(self.scored_by, result, self.outcome, names)

    @property
    def part(self) -> formula.Part:
        """Weight and stored score, as the weighted average takes them."""
        applicable = self.row.status != CriterionResult.Status.NOT_APPLICABLE
        return formula.Part(self.criterion.weight, self.row.score, applicable)


@dataclass
class ResultSheet:
    """A result with the sheets of its criteria in the order of the definition."""

    result: Result
    criteria: list[CriterionSheet]

    @property
    def scorable(self) -> bool:
        """Whether the definition has weights and rubrics for all criteria."""
        return bool(self.criteria) and all(s.criterion.weight and s.criterion.kind for s in self.criteria)

    @cached_property
    def average(self) -> formula.Average | None:
        """The indicator's weighted average; None while the definition is unfinished."""
        return formula.weighted_average([sheet.part for sheet in self.criteria]) if self.scorable else None

    def working(self) -> list[Message]:
        """The average explained, with the numbers put in."""
        return explain.average_working([sheet.part for sheet in self.criteria], self.average) if self.scorable else []


def _item_label(item: ChecklistItem) -> str:
    """An item in the working: by its number where it has one, else by the start of its name."""
    return f"({item.number})" if item.number else item.name[:60] + ("…" if len(item.name) > 60 else "")


def result_data(sheet: CriterionSheet) -> dict:
    """What was reported, in the form that the engine reads; an open criterion is `{}`: no result."""
    row, kind, status = sheet.row, sheet.criterion.kind, CriterionResult.Status
    if row.status in (status.NOT_REPORTED, status.NOT_APPLICABLE):
        return {"status": row.status}
    if row.status == status.OPEN:
        return {}
    if kind == "count" and sheet.criterion.counted == Criterion.Counted.NUMBER:
        return {} if row.count is None else {"count": row.count}
    if kind in ("milestones", "count", "complete_count"):
        data = {"done": [code for code, item in sheet.items.items() if item.done]}
        if kind == "complete_count":
            data["complete"] = [code for code, item in sheet.items.items() if item.complete]
        return data
    if sheet.criterion.formula and not sheet.marking:
        typed = {variable.name: sheet.data.get(variable.name) for variable in sheet.criterion.variables.all()}
        return {"data": _as_read(typed)}
    return {} if row.value is None else {"value": f"{row.value:f}"}


def _as_read(values: Values) -> dict[str, str | None]:
    return {name: None if value is None else f"{value:f}" for name, value in values.items()}


def load_sheet(
    result: Result, stage: str | None = Mark.Stage.SELF, touched: Collection[int] | None = None
) -> ResultSheet:
    """Read a result as its marks up to one stage leave it (None: the final mark of each criterion) with everything it
    needs, in a constant number of queries. Of criteria that aren't in `touched` (None: all are) only the rows are
    read."""
    rows = counting(CriterionResult.objects.of(result, stage))
    return _sheets([result], {result.pk: rows}, touched)[0]


def load_with_source(result: Result) -> tuple[ResultSheet, ResultSheet | None]:
    """A result as load_sheet reads it and, with one query more, the report of the earlier round that it was begun
    with, as its collectors left that."""
    if result.copied_from_id is None:
        return load_sheet(result), None
    source = Result.objects.select_related("round").get(pk=result.copied_from_id)
    source.indicator, source.unit, result.copied_from = result.indicator, result.unit, source
    both = [result, result.copied_from]
    rows: dict[int, dict[int, CriterionResult]] = {one.pk: {} for one in both}
    found = CriterionResult.objects.filter(mark__result__in=both, mark__stage=Mark.Stage.SELF)
    for row in found.annotate(report=F("mark__result")):
        rows[row.report][row.criterion_id] = row
    return tuple(_sheets(both, rows))


def _sheets(
    results: list[Result], rows: dict[int, dict[int, CriterionResult]], touched: Collection[int] | None = None
) -> list[ResultSheet]:
    """The sheets of reports of one indicator by the same unit, from their rows by result and criterion."""
    agreement, criteria = results[0].indicator.agreement, criteria_of(results[0].indicator)
    whole = {criterion.pk for criterion in criteria if touched is None or criterion.pk in touched}
    listed = {criterion.pk for criterion in criteria if criterion.pk in whole and criterion.items.all()}
    said = _item_results([row for each in rows.values() for pk, row in each.items() if pk in listed])
    sheets = []
    for result in results:
        own = rows[result.pk]
        given = load_units(result, [criterion for criterion in criteria if criterion.pk in whole])
        sheets.append(ResultSheet(result, [
            criterion_sheet(criterion, own[criterion.pk], said, given, agreement) if criterion.pk in whole
            else CriterionSheet(criterion, own[criterion.pk], None, None, agreement)
            for criterion in criteria
        ]))
    return sheets


def criterion_sheet(
    criterion: Criterion, row: CriterionResult, said: Mapping[int, Mapping[int, ItemResult]],
    given: tuple[Mapping[int, Values], Mapping[int, list[UnitData]]], agreement: Agreement,
) -> CriterionSheet:
    items = {}
    for item in criterion.items.all():
        item_result = said.get(row.pk, {}).get(item.pk)
        if item_result:
            item_result.item = item
            items[item.code] = item_result
    data, reported = given
    units = reported.get(criterion.pk)
    values = data.get(criterion.pk, {}) if units is None else sums(criterion, units)
    return CriterionSheet(criterion, row, items, values, agreement, units, marking_of(row))


def marking_of(row: CriterionResult) -> Marking | None:
    """What a reviewer said of a row that was read with its marking; None of the collectors' own."""
    return getattr(row, "marking", None) if CriterionResult.marking.is_cached(row) else None


def _item_results(rows: list[CriterionResult]) -> dict[int, dict[int, ItemResult]]:
    """What was said of the items, by criterion result and item."""
    said: dict[int, dict[int, ItemResult]] = {}
    for row in ItemResult.objects.filter(criterion_result__in=[row.pk for row in rows]) if rows else ():
        said.setdefault(row.criterion_result_id, {})[row.item_id] = row
    return said
