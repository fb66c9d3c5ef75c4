"""The rounds that the performance office runs: where their results stand, and what is not certified."""
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, Prefetch, Q, QuerySet

from indicators.models import Agreement, Assignment, Indicator, Round
from indicators.models.agreement import is_past
from kpiportal.accounts.models import User
from scoring.models import Result


# What opens by itself once its day has come.
DUE_TO_OPEN = Q(state=Round.State.PLANNED, agreement__state=Agreement.State.IN_FORCE)


class Left(NamedTuple):
    """A result that isn't certified."""

    pk: int
    state: str
    indicator: str
    unit: str


@dataclass
class Uncertified:
    """The results of a round that are not certified, in the order of the document."""

    rows: list[Left] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many stand in which state."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def stamp(self) -> str:
        """The same for the same results in the same states."""
        return hashlib.sha256(repr([(row.pk, row.state) for row in self.rows]).encode()).hexdigest()[:32]


def uncertified(round_: Round) -> Uncertified:
    """What is not certified of the indicators that run in a round; one query."""
    results = (
        Result.objects.filter(round=round_)
        .exclude(state=Result.State.CERTIFIED)
        .select_related("indicator", "unit")
        .order_by("indicator__order", "unit__path")
    )
    return Uncertified([
        Left(result.pk, result.state, str(result.indicator), str(result.unit))
        for result in results if result.indicator.runs_in(round_.months)
    ])


@dataclass
class RoundRow:
    """A round with how many of its results stand in which state, and the indicators that nobody is assigned to."""

    round: Round
    counts: dict[str, int] = field(default_factory=dict)
    without_supervisor: int = 0
    without_collector: int = 0

    @property
    def late(self) -> bool:
        """Whether the round is open though its due date is over."""
        return self.round.state == Round.State.OPEN and is_past(self.round.due_on)

    @property
    def stuck(self) -> bool:
        """Whether something kept the round from opening by itself: its day was here before today."""
        return self.round.state == Round.State.PLANNED and is_past(self.round.opens_on)


def run_agreements(user: User) -> QuerySet[Agreement]:
    """The agreements whose rounds a person runs, the newest first, with unit, year and rounds."""
    found = Agreement.objects.run_by(user).select_related("unit", "fiscal_year")
    return found.prefetch_related(Prefetch("rounds", Round.objects.order_by("months")))


def round_rows(agreements: list[Agreement], user: User) -> dict[int, list[RoundRow]]:
    """The rounds of some agreements, by agreement; one query for the results of all of them."""
    rows = {
        round_.pk: RoundRow(round_) for agreement in agreements for round_ in agreement.rounds.all()
    }
    counted = Result.objects.visible_to(user).measured().filter(round__in=list(rows)).values("round", "state")
    for row in counted.annotate(n=Count("pk")).order_by("round", "state"):
        rows[row["round"]].counts[row["state"]] = row["n"]
    return {
        agreement.pk: [rows[round_.pk] for round_ in agreement.rounds.all()] for agreement in agreements
    }


def count_unassigned(agreement: Agreement, rows: list[RoundRow]) -> None:
    """Add to rounds that aren't closed how many indicators lack a supervisor or collectors in their lead unit; two
    queries."""
    there = set(
        Assignment.objects.filter(round__agreement=agreement, is_substitute=False)
        .values_list("round", "indicator", "unit", "role")
    )
    measured = list(Indicator.objects.filter(agreement=agreement, sub_indicators__isnull=True).defer("description"))
    for row in rows:
        for one in measured if row.round.state != Round.State.CLOSED else ():
            if one.runs_in(row.round.months):
                key = row.round.pk, one.pk, one.lead_unit_id or agreement.unit_id
                row.without_supervisor += (*key, Assignment.Role.SUPERVISOR) not in there
                row.without_collector += (*key, Assignment.Role.COLLECTOR) not in there
