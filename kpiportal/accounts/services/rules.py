"""What stands before a change of people or rights: whose branch it is, and that a branch keeps an administrator."""
import datetime
from collections.abc import Collection, Iterable

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import holds, managed_by, roles_of
from kpiportal.accounts.refusals import OUTSIDE, NotAllowed, last_administrator
from kpiportal.accounts.roles import MANAGE_PEOPLE, Role, roles_with


def require_manages(by: User, user: User) -> None:
    """Raise NotAllowed unless this administrator manages that person."""
    if not roles_of(by) & set(roles_with(MANAGE_PEOPLE)) or not managed_by(by).filter(pk=user.pk).exists():
        raise NotAllowed(OUTSIDE)


def require_in_branch(by: User, unit: Unit) -> None:
    """Raise NotAllowed unless the unit lies in the administrator's branches."""
    if not holds(by, MANAGE_PEOPLE, unit.path):
        raise NotAllowed(OUTSIDE)


def locked_administrators() -> list[Membership]:
    """All grants of administrators with their people, locked in one order and before anything else: of two
    administrators who end each other's right, the second one waits and sees what the first one did."""
    grants = Membership.objects.filter(role=Role.ADMIN).select_related("user", "unit").order_by("pk")
    return list(grants.select_for_update(of=("self", "user"), no_key=True))


def require_one_left(
    administrators: Iterable[Membership], leaving: Collection[Membership], after: datetime.date
) -> None:
    """Raise NotAllowed when nobody administers the branch of a leaving grant any more, in its unit or above, on the
    day `after` it has ended."""
    gone = {grant.pk for grant in leaving}
    staying = [
        grant.unit.path
        for grant in administrators
        if grant.pk not in gone and grant.user.is_active and grant.counts_on(after)
    ]
    for grant in leaving:
        if not any(grant.unit.path.startswith(path) for path in staying):
            raise NotAllowed(last_administrator(str(grant.unit)))
