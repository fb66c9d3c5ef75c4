"""The short list at the top of home: what came back, is due, is late, or was asked."""
from collections.abc import Sequence

from kpiportal.accounts.models import User
from scoring.engine.notices import Kind
from scoring.queries.notices import load_notices
from scoring.queries.units import BaseDataTask

# What waits for a first report or a decision stands in home's own lists.
ON_HOME = (Kind.RETURNED, Kind.LATE, Kind.DUE, Kind.QUESTION, Kind.ESCALATED)
MOST_SHOWN = 6


def home_notices(user: User, reporting: Sequence[BaseDataTask]) -> dict:
    """What home prints of a person's notices; one query."""
    found = load_notices([user], data={user.pk: reporting}, requests=False)[user.pk]
    shown = [notice for notice in found if notice.kind in ON_HOME]
    return {"notices": shown[:MOST_SHOWN], "more_notices": len(shown[MOST_SHOWN:])}
