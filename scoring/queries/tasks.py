"""What waits for a person: the results of open rounds that they are assigned to."""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from indicators.models import Assignment, Round
from indicators.models.agreement import is_past
from kpiportal.accounts.models import User
from scoring.engine import formula
from scoring.freezing.line import read_line
from scoring.models import FINALITY, CriterionResult, LineInForce, Result
from scoring.queries.summary import scores_hidden

# What a list of tasks shows, as plain values: objects with their six relations would cost a tenth of the page.
SHOWN = (
    "pk", "state", "submission", "return_reason", "decided_at", "indicator__number", "indicator__name",
    "round__months", "round__due_on", "unit__name", "unit__path", "indicator__agreement__hide_scores",
    "indicator__agreement__fiscal_year__year",
    "my_role", "line",
)


# What its marks say of the criteria, in the same query; one criterion's rows of several marks are told apart by stage.
SAID = ("stage", "criteria__criterion", "criteria__status", "criteria__score", "criteria__criterion__weight")


class TaskResult(NamedTuple):
    """The result of a task, as SHOWN names its values."""

    pk: int
    state: str
    submission: int
    return_reason: str
    decided_at: datetime | None
    number: str
    name: str
    months: int
    due_on: date | None
    unit: str
    unit_path: str
    hide_scores: bool
    year: int
    role: str
    line: str | None  # of its snapshot in force

    @property
    def indicator(self) -> str:
        """Number and name of the indicator."""
        return str(read_line(self.line).indicator) if self.line else f"{self.number} {self.name}".strip()


class Row(NamedTuple):
    """A criterion of a result: its status, SM and weight."""

    status: str
    score: Decimal | None
    weight: Decimal | None


EDITABLE = (Result.State.DRAFT, Result.State.RETURNED)


@dataclass(frozen=True)
class Task:
    """One result on a person's list: where it stands, what is missing, its score so far."""

    result: TaskResult
    criteria: int
    open: int  # criteria without a result
    score: Decimal | None
    hidden: bool
    late: bool

    @property
    def waits_for_me(self) -> bool:
        """Whether the next step is this person's."""
        if self.result.role == Assignment.Role.COLLECTOR:
            return self.result.state in EDITABLE
        return self.result.state == Result.State.SUBMITTED


def tasks_of(user: User) -> list[Task]:
    """The results assigned to a person in open rounds: what waits for them first, then by agreement and round."""
    found = (
        Result.objects.assigned_to(user)
        .filter(Q(round__state=Round.State.OPEN) | Q(reopened=True))
        .measured()
        .annotate(line=LineInForce("indicator", "round", "unit"))
        .values_list(*SHOWN, *(f"marks__{name}" for name in SAID))
        .order_by("indicator__agreement_id", "-round__months", "indicator__order", "unit_id", "my_role")
    )
    said: dict[TaskResult, dict[int, tuple[int, Row]]] = defaultdict(dict)
    for row in found:
        result, (stage, criterion, *values) = TaskResult(*row[:len(SHOWN)]), row[len(SHOWN):]
        rows = said[result]
        if criterion is not None and FINALITY[stage] >= rows.get(criterion, (0,))[0]:
            rows[criterion] = FINALITY[stage], Row(*values)
    tasks = [_task(result, [row for _, row in rows.values()], user) for result, rows in said.items()]
    return sorted(tasks, key=lambda task: not task.waits_for_me)


def _task(result: TaskResult, rows: list[Row], user: User) -> Task:
    status = CriterionResult.Status
    parts = [formula.Part(row.weight, row.score, row.status != status.NOT_APPLICABLE) for row in rows if row.weight]
    return Task(
        result=result,
        criteria=len(rows),
        open=sum(row.status == status.OPEN or (row.status == status.REPORTED and row.score is None) for row in rows),
        score=read_line(result.line).score if result.line else _score(parts),
        hidden=scores_hidden(result, user, result.unit_path, result.state),
        late=is_past(result.due_on) and result.state in EDITABLE,
    )


def _score(parts: list[formula.Part]) -> Decimal | None:
    return formula.weighted_average(parts).score if parts else None
