"""What a report card prints of a result, in few queries: rows and rubrics, without the ticks behind the scores."""
from decimal import Decimal
from typing import NamedTuple

from django.db.models import FilteredRelation, Q

from indicators.models import Indicator
from scoring.engine import formula
from scoring.models import FINALITY, CriterionResult, Mark, Result, counting
from scoring.queries.results import CriterionSheet, ResultSheet, marking_of
from scoring.queries.summary import NOT_APPLICABLE


def load_printed(result: Result, stage: str | None = None) -> ResultSheet:
    """A result's final marks (or those up to one stage) for print, in three queries. `items` and `data` are None on
    every sheet: what was ticked and the base data are not read, so nothing can be scored anew from these."""
    return _printed(result, _rows(result, stage))


class PrintedMarks(NamedTuple):
    """A result's marks side by side for print: the collectors' own, those that count, and everything that reviewers
    marked otherwise, in the order of the criteria and the stages."""

    own: ResultSheet
    final: ResultSheet
    otherwise: list[CriterionResult]


def load_printed_marks(result: Result) -> PrintedMarks:
    """As load_printed, in the same three queries, with what the final marks differ from."""
    rows = _rows(result, None)
    own = [row for row in rows if row.mark.stage == Mark.Stage.SELF]
    otherwise = [row for row in rows if row.mark.stage != Mark.Stage.SELF]
    return PrintedMarks(
        _printed(result, own), _printed(result, rows), sorted(otherwise, key=lambda row: row.criterion.order)
    )


def _rows(result: Result, stage: str | None) -> list[CriterionResult]:
    found = CriterionResult.objects.of(result, stage).select_related("criterion")
    return list(found.prefetch_related("criterion__levels", "criterion__items"))


def _printed(result: Result, rows: list[CriterionResult]) -> ResultSheet:
    agreement = result.indicator.agreement
    return ResultSheet(result, [
        CriterionSheet(row.criterion, row, None, None, agreement, marking=marking_of(row))
        for row in sorted(counting(rows).values(), key=lambda row: row.criterion.order)
    ])


def share_of(result: Result, score: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """The weight of a result's indicator in its round, and the share W x S / T of the agreement that `score` is worth
    (T: see formula.applicable_total); None where the definition has none. One query."""
    weight, total = placed_in(result)
    return weight, None if weight is None or score is None else formula.share(weight, score, total)


def placed_in(result: Result) -> tuple[Decimal | None, Decimal]:
    """The weight of a result's indicator in its round, and T. One query."""
    placed, own_weights = _placed(result)
    total = formula.applicable_total(result.indicator.agreement.total_weight, list(placed.values()), own_weights)
    return placed[result.indicator_id].weight, total


def _placed(result: Result) -> tuple[dict[int, formula.Placed], bool]:
    """The agreement's indicators in the result's round, and whether the round has weights of its own."""
    months, unit = result.round.months, result.indicator.agreement.unit_id
    placed: dict[int, formula.Placed] = {}
    final: dict[int, dict[int, tuple[int, str]]] = {}
    own_weights = False
    for pk, parent, weight, now, first, end, lead, reporter, stage, criterion, status in _round_rows(result):
        runs = (first or 0) <= months and (end is None or months < end)
        placed[pk] = formula.Placed(pk, parent, weight if now is None else now, runs)
        own_weights |= now is not None
        marks = final.setdefault(pk, {})
        if criterion is not None and reporter == (lead or unit):
            marks[criterion] = max(marks.get(criterion, (-1, "")), (FINALITY[stage], status))
    for pk, marks in final.items():
        if {status for _, status in marks.values()} == NOT_APPLICABLE:
            placed[pk] = placed[pk]._replace(applies=False)
    return placed, own_weights


def _round_rows(result: Result):
    return (
        Indicator.objects.filter(agreement=result.indicator.agreement_id)
        .annotate(
            now=FilteredRelation("round_weights", condition=Q(round_weights__round=result.round_id)),
            report=FilteredRelation("results", condition=Q(results__round=result.round_id)),
        )
        .values_list(
            "pk", "parent", "weight", "now__weight", "first_round", "cancelled_from", "lead_unit", "report__unit",
            "report__marks__stage", "report__marks__criteria__criterion", "report__marks__criteria__status",
        )
        .order_by()
    )
