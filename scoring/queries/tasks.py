"""What waits for a person: the results of open rounds that they are assigned to."""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count

from indicators.models import Assignment, Round
from kpiportal.accounts.models import User
from scoring.engine import formula
from scoring.models import FINALITY, CriterionResult, Result
from scoring.queries.summary import scores_hidden

# What a list of tasks shows; texts and the rest of the definition stay in the database.
SHOWN = (
    "state", "return_reason", "indicator__number", "indicator__name", "indicator__agreement__hide_scores",
    "indicator__agreement__fiscal_year__year", "round__months", "round__due_on", "unit__name", "unit__path",
)


class Row(NamedTuple):
    """A criterion of a result: its status, SM and weight."""

    status: str
    score: Decimal | None
    weight: Decimal | None


EDITABLE = (Result.State.DRAFT, Result.State.RETURNED)


@dataclass(frozen=True)
class Task:
    """One result on a person's list: where it stands, what is missing, its score so far."""

    result: Result
    role: str
    criteria: int
    open: int  # criteria without a result
    score: Decimal | None
    hidden: bool
    late: bool

    @property
    def waits_for_me(self) -> bool:
        """Whether the next step is this person's."""
        if self.role == Assignment.Role.COLLECTOR:
            return self.result.state in EDITABLE
        return self.result.state == Result.State.SUBMITTED


def tasks_of(user: User) -> list[Task]:
    """The results assigned to a person in open rounds: what waits for them first, then by agreement and round."""
    results = (
        Result.objects.assigned_to(user)
        .filter(round__state=Round.State.OPEN)
        .select_related("indicator__agreement__fiscal_year", "round", "unit")
        .only(*SHOWN)
        .order_by("indicator__agreement_id", "-round__months", "indicator__order", "unit_id", "my_role")
    )
    results = list(results)
    rows = _rows([result.pk for result in results])
    tasks = [_task(result, rows[result.pk], user) for result in results]
    return sorted(tasks, key=lambda task: not task.waits_for_me)


def _rows(results: Iterable[int]) -> dict[int, list[Row]]:
    """The final row of each criterion, by result."""
    found = CriterionResult.objects.filter(mark__result__in=results).values_list(
        "mark__stage", "mark__result", "criterion", "status", "score", "criterion__weight"
    )
    rows: dict[int, dict[int, Row]] = defaultdict(dict)
    for _, result, criterion, *row in sorted(found, key=lambda row: FINALITY[row[0]]):
        rows[result][criterion] = Row(*row)
    return {result: list(rows[result].values()) for result in results}


def _task(result: Result, rows: list[Row], user: User) -> Task:
    status = CriterionResult.Status
    parts = [formula.Part(row.weight, row.score, row.status != status.NOT_APPLICABLE) for row in rows if row.weight]
    return Task(
        result=result,
        role=result.my_role,
        criteria=len(rows),
        open=sum(row.status == status.OPEN or (row.status == status.REPORTED and row.score is None) for row in rows),
        score=formula.weighted_average(parts).score if parts else None,
        hidden=scores_hidden(result.indicator.agreement, user, result.unit.path, result.state),
        late=result.round.is_overdue and result.state in EDITABLE,
    )


def state_counts(agreement_ids: Iterable[int], user: User) -> dict[int, dict[str, int]]:
    """How many visible results of open rounds stand in which state, by agreement."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        Result.objects.visible_to(user)
        .filter(indicator__agreement__in=list(agreement_ids), round__state=Round.State.OPEN)
        .values("indicator__agreement", "state")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for row in rows:
        counts[row["indicator__agreement"]][row["state"]] = row["n"]
    return counts
