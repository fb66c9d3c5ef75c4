"""The short list at the top of home: what came back, is due, is late, or was asked."""
from collections.abc import Iterable, Sequence

from kpiportal.accounts.models import User
from scoring.engine.notices import Kind, Notice, joined
from scoring.queries.notices import notices_of_tasks
from scoring.queries.tasks import Task
from scoring.queries.units import BaseDataTask

# What waits for a first report, an answer or a decision stands in home's own lists.
ON_HOME = (Kind.RETURNED, Kind.LATE, Kind.DUE, Kind.ESCALATED)
MOST_SHOWN = 6


def _once_each(notices: Iterable[Notice]) -> list[Notice]:
    """One line for each report: one that came back and is late says both."""
    lines: dict[str, Notice] = {}
    for notice in notices:
        first = lines.get(notice.path)
        lines[notice.path] = first._replace(sentence=joined(notice.sentence, first.sentence)) if first else notice
    return list(lines.values())


def home_notices(user: User, tasks: Sequence[Task], reporting: Sequence[BaseDataTask]) -> dict:
    """What home prints of a person's notices; one query for the office, none for others."""
    found = notices_of_tasks(user, tasks, data={user.pk: reporting})
    shown = _once_each([notice for notice in found if notice.kind in ON_HOME])
    return {"notices": shown[:MOST_SHOWN], "more_notices": len(shown[MOST_SHOWN:])}
