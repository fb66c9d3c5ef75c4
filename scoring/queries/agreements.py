"""The agreements that a person may read, as a list."""
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count

from indicators.models import Agreement, Round
from kpiportal.accounts.models import User
from scoring.models import Result


class AgreementRow(NamedTuple):
    """An agreement with the months of its rounds, and how many visible results of open rounds stand in which state."""

    pk: int
    code: str
    name: str
    is_excerpt: bool
    state: str
    unit: str
    year: int
    rounds: list[int]
    counts: dict[str, int]


def listed_agreements(user: User) -> list[AgreementRow]:
    """The agreements that a person may read, the newest first; two queries."""
    found = Agreement.objects.visible_to(user).values_list(
        "pk", "code", "name", "is_excerpt", "state", "unit__name", "fiscal_year__year", "rounds__months"
    )
    rounds: dict[tuple, list[int]] = {}
    for *agreement, months in found.order_by("-fiscal_year__year", "pk", "rounds__months"):
        rounds.setdefault(tuple(agreement), []).extend([months] if months else [])
    counts = state_counts([agreement[0] for agreement in rounds], user)
    return [AgreementRow(*agreement, months, counts.get(agreement[0], {})) for agreement, months in rounds.items()]


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
