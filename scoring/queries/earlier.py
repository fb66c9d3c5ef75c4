"""The report of an earlier round, from which one may begin."""
from django.db.models import QuerySet

from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds, units_with
from kpiportal.accounts.roles import VIEW_DRAFTS, VIEW_RESULTS
from scoring.models import Result, SnapshotsMade
from scoring.models.result import HANDED_IN, EarlierMonths, IsAsked, IsMarkedOtherwise, IsTalkedOf


def with_surroundings(results: QuerySet[Result]) -> QuerySet[Result]:
    """The results, each with what its entry page asks about it: whether there are requests (`asked`), questions or
    objections (`talked`), marks of reviewers (`marked`), the months of the round to copy from (`earlier_months`, None
    without one), and how often it was certified (`snapshots_made`)."""
    earlier = EarlierMonths("indicator", "unit", "round__agreement", "round__months")
    return results.annotate(
        asked=IsAsked("pk"), talked=IsTalkedOf("pk"), marked=IsMarkedOtherwise("pk"), earlier_months=earlier,
        snapshots_made=SnapshotsMade("pk"),
    )


def shows_source(result: Result, user: User, editable: bool) -> bool:
    """Whether a person may see what stands in the report that this one was begun with: Result.visible_to in memory,
    and whoever edits what was copied from it."""
    if result.copied_from is None:
        return False
    path = result.unit.path
    return (
        editable
        or holds(user, VIEW_DRAFTS, path)
        or (result.copied_from.state in HANDED_IN and holds(user, VIEW_RESULTS, path))
        or any(unit.pk == result.unit_id for unit in units_with(user, VIEW_RESULTS))
    )
