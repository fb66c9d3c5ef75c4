"""What a report card prints of a result, in few queries: rows and rubrics, without the ticks behind the scores."""
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import FilteredRelation, Q

from indicators.models import Indicator
from scoring.engine import formula
from scoring.models import CriterionResult, Mark, Result
from scoring.queries.results import CriterionSheet, ResultSheet
from scoring.queries.summary import FINALITY


def load_printed(result: Result, stage: str = Mark.Stage.SELF) -> ResultSheet:
    """A result's mark of one stage for print, in three queries. `items` and `data` are None on every sheet: what was
    ticked and the base data are not read, so nothing can be scored anew from these."""
    rows = list(
        CriterionResult.objects.filter(mark__result=result, mark__stage=stage)
        .select_related("criterion")
        .prefetch_related("criterion__levels", "criterion__items")
        .order_by("criterion__order")
    )
    agreement = result.indicator.agreement
    return ResultSheet(result, [CriterionSheet(row.criterion, row, None, None, agreement) for row in rows])


def share_of(result: Result, score: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """The weight of a result's indicator in its round, and the share W x S / T of the agreement that `score` is worth
    (T: the declared total less the weights that don't apply in the round); None where the definition has none. One
    query."""
    indicators = _round_indicators(result)
    tops = [i for i in indicators.values() if i.parent is None]
    for each in tops:
        parts = [i for i in indicators.values() if i.parent == each.pk]
        each.applies = each.applies and (not parts or any(part.applies for part in parts))
    total = formula.applicable_total(
        result.indicator.agreement.total_weight,
        [formula.Part(i.weight, None, i.applies) for i in tops if i.weight],
    )
    own = indicators[result.indicator_id].weight
    return own, None if own is None or score is None else formula.share(own, score, total)


@dataclass
class _RoundIndicator:
    pk: int
    parent: int | None
    weight: Decimal | None
    applies: bool


def _round_indicators(result: Result) -> dict[int, _RoundIndicator]:
    """The agreement's indicators in the result's round; one applies if it runs and its final mark has an applicable
    criterion, or none yet."""
    unit = result.indicator.agreement.unit_id
    final: dict[int, dict[int, tuple[int, str]]] = {}
    indicators: dict[int, _RoundIndicator] = {}
    for pk, parent, weight, now, first, end, lead, reporter, stage, criterion, status in _round_rows(result):
        runs = (first or 0) <= result.round.months and (end is None or result.round.months < end)
        indicators[pk] = _RoundIndicator(pk, parent, weight if now is None else now, runs)
        marks = final.setdefault(pk, {})
        if criterion is not None and reporter == (lead or unit):
            marks[criterion] = max(marks.get(criterion, (-1, "")), (FINALITY[stage], status))
    for pk, marks in final.items():
        statuses = {status for _, status in marks.values()}
        indicators[pk].applies &= statuses != {CriterionResult.Status.NOT_APPLICABLE}
    return indicators


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
