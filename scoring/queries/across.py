"""One indicator in one round across the units that report it, and the outliers among them."""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from indicators.models import ChecklistItem, Indicator, Round
from kpiportal.accounts.models import User
from scoring.engine import formula
from scoring.engine.outliers import Spread, spread
from scoring.models import FINALITY, CriterionResult, ItemResult, Mark, Result
from scoring.queries.summary import scores_hidden


@dataclass(frozen=True)
class AcrossRow:
    """One unit's result beside the others; `value` where its one criterion has a figure."""

    result: Result
    rows: tuple[CriterionResult, ...]  # the mark that counts, in the order of the definition
    complete: int
    items: int
    hidden: bool
    is_outlier: bool = False

    @property
    def value(self) -> Decimal | None:
        return self.rows[0].value if len(self.rows) == 1 else None

    @property
    def score(self) -> Decimal | None:
        applies = CriterionResult.Status.NOT_APPLICABLE
        parts = [
            formula.Part(row.criterion.weight, row.score, row.status != applies)
            for row in self.rows if row.criterion.weight
        ]
        return formula.weighted_average(parts).score if parts and not self.hidden else None


@dataclass(frozen=True)
class Across:
    """The table: its rows in the order of the units' tree, and how far the figures lie apart."""

    rows: list[AcrossRow]
    by_value: bool
    spread: Spread | None


def rounds_of(indicator: Indicator) -> list[int]:
    """The months of the rounds of its agreement, the latest first."""
    return sorted({one.months for one in indicator.agreement.rounds.all()}, reverse=True)


def same_indicator(indicator: Indicator) -> Q:
    """The results of the same indicator: its own, its parts', and those of the agreements of the year that have one
    with its number and name."""
    year = Q(indicator__agreement__fiscal_year=indicator.agreement.fiscal_year_id)
    twin = year & Q(indicator__number=indicator.number, indicator__name=indicator.name)
    return Q(indicator=indicator.pk) | Q(indicator__parent=indicator.pk) | twin


def results_across(indicator: Indicator, months: int, *, user: User) -> QuerySet[Result]:
    """Everybody's results on an indicator in a round that this person may see."""
    found = Result.objects.visible_to(user).filter(same_indicator(indicator), round__months=months)
    found = found.exclude(round__state=Round.State.PLANNED)
    return found.order_by("unit__path", "indicator__agreement", "indicator__order")


def load_across(results: list[Result], *, user: User) -> Across:
    """The results side by side; four queries."""
    rows, items, complete = _counting(results), _items(results), _complete(results)
    across = [
        AcrossRow(
            one, tuple(rows[one.pk]), complete.get(one.pk, 0), items.get(one.indicator_id, 0),
            scores_hidden(one.indicator.agreement, user, one.unit.path, one.state),
        )
        for one in results
    ]
    return flagged(across)


def flagged(rows: list[AcrossRow]) -> Across:
    """The rows with the outliers marked: by their figures where each has one, else by their scores."""
    by_value = bool(rows) and all(len(row.rows) == 1 for row in rows) and any(row.value is not None for row in rows)

    def figure(row: AcrossRow) -> Decimal | None:
        return row.value if by_value else row.score

    apart = spread([figure(row) for row in rows if figure(row) is not None])
    if apart is None:
        return Across(rows, by_value, None)
    marked = [replace(row, is_outlier=figure(row) is not None and apart.is_outlier(figure(row))) for row in rows]
    return Across(marked, by_value, apart)


def _counting(results: Iterable[Result]) -> dict[int, list[CriterionResult]]:
    rows = CriterionResult.objects.filter(mark__result__in=[one.pk for one in results])
    rows = rows.select_related("mark", "criterion").prefetch_related("criterion__levels")
    found: dict[int, dict[int, CriterionResult]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: FINALITY[row.mark.stage]):
        found[row.mark.result_id][row.criterion_id] = row
    ordered = {pk: sorted(own.values(), key=lambda row: row.criterion.order) for pk, own in found.items()}
    return defaultdict(list, ordered)


def _items(results: Iterable[Result]) -> dict[int, int]:
    listed = ChecklistItem.objects.filter(criterion__indicator__in={one.indicator_id for one in results})
    counted = listed.values("criterion__indicator").annotate(n=Count("pk"))
    return dict(counted.values_list("criterion__indicator", "n"))


def _complete(results: Iterable[Result]) -> dict[int, int]:
    name = "criterion_result__mark__result"
    said = ItemResult.objects.filter(
        Q(shown=True) | Q(declared=True), criterion_result__mark__stage=Mark.Stage.SELF, done=True,
        **{f"{name}__in": [one.pk for one in results]},
    )
    return dict(said.values(name).annotate(n=Count("pk")).values_list(name, "n"))
