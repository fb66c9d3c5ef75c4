"""The report of an earlier round, from which one may begin."""
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds, units_with
from kpiportal.accounts.roles import VIEW_DRAFTS, VIEW_RESULTS
from scoring.models import NotApplicableRequest, Result
from scoring.models.result import HANDED_IN


def earlier_reports() -> QuerySet[Result]:
    """For a subquery over a result: the same unit's reports on its indicator in earlier rounds in which something was
    saved, the latest first."""
    return Result.objects.filter(
        indicator=OuterRef("indicator"), unit=OuterRef("unit"), round__agreement=OuterRef("round__agreement"),
        round__months__lt=OuterRef("round__months"), saved_at__isnull=False,
    ).order_by("-round__months")


def with_surroundings(results: QuerySet[Result]) -> QuerySet[Result]:
    """The results, each with what its entry page asks about it: whether there are requests (`asked`), the months of
    the round to copy from (`earlier_months`, None without one), and the report that it was begun with."""
    asked = NotApplicableRequest.objects.filter(result=OuterRef("pk"))
    return results.select_related("copied_from__round").annotate(
        asked=Exists(asked), earlier_months=Subquery(earlier_reports().values("round__months")[:1])
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
