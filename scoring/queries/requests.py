"""Requests to leave a criterion out of a round: those of a result, and those that wait for a person's decision."""
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, Value

from indicators.models import Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import NOTHING, in_scope
from kpiportal.accounts.roles import CERTIFY_RESULTS
from scoring.models import NotApplicableRequest, Result
from scoring.models.result import IsMaker

# Once approved or certified, a result changes only by being returned or reopened.
UNDECIDED = (Result.State.DRAFT, Result.State.RETURNED, Result.State.SUBMITTED)
SHOWN = (
    "result", "criterion", "criterion__name", "result__indicator__number", "result__indicator__name",
    "result__unit__name", "result__round__months", "requested_by__name", "requested_at", "reason",
)


class WaitingRequest(NamedTuple):
    """A request on the office's list, as SHOWN names its values."""

    result: int
    criterion: int
    criterion_name: str
    number: str
    name: str
    unit: str
    months: int
    who: str
    at: datetime
    reason: str

    @property
    def indicator(self) -> str:
        """Number and name of the indicator."""
        return f"{self.number} {self.name}".strip()


def requests_of(result: Result) -> dict[int, NotApplicableRequest]:
    """The last request about each criterion of a result, withdrawn ones left out; with its people."""
    found = result.not_applicable_requests.exclude(state=NotApplicableRequest.State.WITHDRAWN)
    return {one.criterion_id: one for one in found.select_related("requested_by", "decided_by").order_by("pk")}


def waiting_requests(user: User) -> list[WaitingRequest]:
    """The requests that a person may decide on now, the oldest first; no query for whoever decides on none."""
    scope = in_scope(user, CERTIFY_RESULTS, "result__unit__path")
    if scope == NOTHING:
        return []
    rows = (
        NotApplicableRequest.objects.filter(
            scope, Q(result__round__state=Round.State.OPEN) | Q(result__reopened=True),
            state=NotApplicableRequest.State.PENDING, result__state__in=UNDECIDED,
        )
        .exclude(requested_by=user)
        .exclude(IsMaker("result", Value(user.pk)))
        .order_by("pk")
        .values_list(*SHOWN)
    )
    return [WaitingRequest(*row) for row in rows]
