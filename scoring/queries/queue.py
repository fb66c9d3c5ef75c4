"""What waits for a reviewer, oldest first; and the questions that wait for, or came back to, a person."""
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, Q, Value
from django.utils import timezone

from indicators.models import Assignment, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import in_scope
from kpiportal.accounts.roles import CERTIFY_RESULTS, DECIDE_RESULTS, VIEW_RESULTS
from scoring.engine import formula
from scoring.models import FINALITY, CriterionResult, EvidenceUse, Mark, Objection, Question, Result, visible_results
from scoring.models.result import IsAssigned, IsMaker
from scoring.queries.requests import waiting_requests
from scoring.queries.summary import scores_hidden

STILL_OPEN = Q(round__state=Round.State.OPEN) | Q(reopened=True)
WITH = ("indicator__agreement", "round", "unit")
UNDER_REVIEW = (Result.State.SUBMITTED, Result.State.APPROVED)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: `kind` is decide, certify, objection, request or answer; `place` where on the page."""

    kind: str
    result: int
    indicator: str
    unit: str
    year: int
    months: int
    state: str
    since: datetime
    late: bool = False
    older_marks: int = 0  # the stage's own marks that speak of an earlier submission
    text: str = ""
    place: str = ""
    score: Decimal | None = None
    documents: int | None = None
    hidden: bool = False

    @property
    def days(self) -> int:
        """Whole days of Bangkok since it began to wait."""
        return (timezone.localdate() - timezone.localdate(self.since)).days


def queue_of(user: User) -> list[Waiting]:
    """What this person is to decide or answer; seven queries at most."""
    results = {one.pk: one for one in _results(user)}
    scores, documents = scores_of(results), _documents(results)
    rows = []
    for pk, one in results.items():
        certify = one.state == Result.State.APPROVED
        hidden = scores_hidden(one.indicator.agreement, user, one.unit.path, one.state)
        rows.append(_waiting(
            "certify" if certify else "decide", one, one.decided_at if certify else one.submitted_at,
            older_marks=one.older_marks, score=None if hidden else scores.get(pk), hidden=hidden,
            documents=documents.get(pk, 0),
        ))
    rows += [*_objections(user), *_answers(user, results), *_requests(user)]
    return sorted(rows, key=lambda row: row.since)


def _waiting(kind: str, result: Result, since: datetime, **more) -> Waiting:
    return Waiting(
        kind, result.pk, str(result.indicator), result.unit.name, result.indicator.agreement.fiscal_year.year,
        result.round.months, result.state, since, late=result.is_late, **more,
    )


def _results(user: User) -> list[Result]:
    """What was handed in to this supervisor, and what was approved for this office; not what they made themselves."""
    keys = "indicator", "round", "unit", Value(user.pk)
    mine = in_scope(user, DECIDE_RESULTS, "unit__path") & Q(IsAssigned(*keys, Value(Assignment.Role.SUPERVISOR)))
    office = in_scope(user, CERTIFY_RESULTS, "unit__path")
    waits = Q(mine, state=Result.State.SUBMITTED) | Q(office, state=Result.State.APPROVED)
    stage = Q(marks__stage=Mark.Stage.SUPERVISOR, state="submitted") | Q(marks__stage="office", state="approved")
    older = stage & Q(marks__criteria__marking__submission__lt=F("submission"))
    found = Result.objects.visible_to(user).filter(STILL_OPEN, waits).exclude(IsMaker("pk", Value(user.pk)))
    found = found.measured().select_related(*WITH, "indicator__agreement__fiscal_year")
    return list(found.annotate(older_marks=Count("marks__criteria", filter=older)))


def scores_of(results: Collection[int]) -> dict[int, Decimal | None]:
    """The score of each of these results (their keys) by the final marks so far; none of one without a mark. One
    query."""
    if not results:
        return {}
    rows = CriterionResult.objects.filter(mark__result__in=results, criterion__weight__isnull=False)
    said: dict[int, dict[int, tuple[int, formula.Part]]] = defaultdict(dict)
    for result, stage, criterion, weight, score, status in rows.values_list(
        "mark__result", "mark__stage", "criterion", "criterion__weight", "score", "status"
    ):
        part = FINALITY[stage], formula.Part(weight, score, status != CriterionResult.Status.NOT_APPLICABLE)
        said[result][criterion] = max(said[result].get(criterion, part), part, key=lambda one: one[0])
    return {
        result: formula.weighted_average([part for _, part in parts.values()]).score for result, parts in said.items()
    }


def _documents(results: dict[int, Result]) -> dict[int, int]:
    if not results:
        return {}
    listed = EvidenceUse.objects.listed().filter(result__in=results).values("result")
    return dict(listed.annotate(n=Count("evidence", distinct=True)).values_list("result", "n"))


def _objections(user: User) -> list[Waiting]:
    found = Objection.objects.filter(
        in_scope(user, CERTIFY_RESULTS, "result__unit__path"), visible_results(user, "result__"),
        state=Objection.State.OPEN,
    ).exclude(made_by=user).exclude(IsMaker("result", Value(user.pk)))
    found = found.select_related(*(f"result__{name}" for name in WITH), "result__indicator__agreement__fiscal_year")
    return [_waiting("objection", one.result, one.made_at, text=one.text, place=f"o{one.pk}") for one in found]


def _answers(user: User, results: dict[int, Result]) -> list[Waiting]:
    """Answers to what this person asked about a report that still waits for them."""
    if not results:
        return []
    found = Question.objects.filter(asked_by=user, answered_at__isnull=False, result__in=results)
    return [
        _waiting("answer", results[one.result_id], one.answered_at, text=one.answer, place=f"q{one.pk}")
        for one in found
    ]


def _requests(user: User) -> list[Waiting]:
    return [
        Waiting(
            "request", one.result, one.indicator, one.unit, 0, one.months, "", one.at,
            text=one.reason, place=f"c{one.criterion}-not_applicable",
        )
        for one in waiting_requests(user)
    ]


class OpenQuestion(NamedTuple):
    """A question on a person's first page: theirs to answer, or answered to them; plain values, as TALK names them."""

    pk: int
    result: int
    number: str
    name: str
    months: int
    unit_short: str
    unit_name: str
    text: str
    asked_by: str
    asked_at: datetime
    answer: str
    answered_by: str | None
    answered_at: datetime | None

    @property
    def to_answer(self) -> bool:
        return not self.answer

    @property
    def indicator(self) -> str:
        """Number and name of the indicator."""
        return f"{self.number} {self.name}".strip()

    @property
    def unit(self) -> str:
        return self.unit_short or self.unit_name


TALK = (
    "pk", "result", "result__indicator__number", "result__indicator__name", "result__round__months",
    "result__unit__short_name", "result__unit__name", "text", "asked_by__name", "asked_at", "answer",
    "answered_by__name", "answered_at",
)


def questions_for(user: User) -> list[OpenQuestion]:
    """The questions that wait for this person's answer, and the answers to what this person asked, of reports under
    review; one query."""
    keys = "result__indicator", "result__round", "result__unit", Value(user.pk), Value(Assignment.Role.COLLECTOR)
    mine = Q(IsAssigned(*keys), answer="")
    # Who is assigned, or reviews, sees every state: the scope is all that is left of visible_results.
    scope = in_scope(user, VIEW_RESULTS, "result__unit__path")
    found = Question.objects.filter(
        mine | Q(~Q(answer=""), asked_by=user), scope, result__state__in=UNDER_REVIEW
    ).values_list(*TALK)
    return sorted((OpenQuestion(*row) for row in found), key=lambda row: not row.to_answer)
