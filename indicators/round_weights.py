"""The weights of one round beside the base weights, and whether they add up."""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, FilteredRelation, Q

from indicators.models import Agreement, Indicator, Round
from scoring.engine.formula import total_weight
from scoring.engine.readiness import Problem, check_sum
from scoring.engine.text import Message


@dataclass
class WeightRow:
    """An indicator at the top of the agreement: its base weight, its own weight in the round (None: the base weight
    counts), and whether it runs there."""

    indicator: Indicator
    own: Decimal | None
    runs: bool

    @property
    def weight(self) -> Decimal | None:
        """What counts in the round."""
        return self.indicator.weight if self.own is None else self.own

    def as_own(self, weight: Decimal | None) -> Decimal | None:
        """A weight as it is kept: None where it is the base weight."""
        return None if weight == self.indicator.weight else weight


def weights_of(round_: Round) -> list[WeightRow]:
    """The weights of the indicators of a round, in the order of the document; one query."""
    found = (
        Indicator.objects.filter(agreement=round_.agreement_id, parent__isnull=True)
        .defer("description")
        .annotate(here=FilteredRelation("round_weights", condition=Q(round_weights__round=round_.pk)))
        .annotate(own=F("here__weight"))
        .order_by("order")
    )
    return [WeightRow(indicator, indicator.own, indicator.runs_in(round_.months)) for indicator in found]


def sum_of(rows: Iterable[WeightRow]) -> Decimal:
    """The sum of what counts in the round."""
    return total_weight(row.weight for row in rows if row.runs and row.weight is not None)


def weights_problem(agreement: Agreement, round_: Round, rows: Iterable[WeightRow]) -> Problem | None:
    """The definition's check of a round's own weights (scoring/engine/readiness.py): with the sum, the total and the
    difference; None where they fit, or where the round has no weights of its own."""
    rows = list(rows)
    if all(row.own is None for row in rows):
        return None
    subject = Message(f"รอบ {round_.months} เดือน", f"{round_.months}-month round")
    weights = [row.weight for row in rows if row.runs]
    return check_sum(weights, agreement.total_weight, "round_sum", (), subject, at_most=agreement.is_excerpt)
