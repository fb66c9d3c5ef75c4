"""Who may reach what: scopes as conditions of a fetch, one query a request."""
from django.db.models import Q, QuerySet

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.roles import MANAGE_PEOPLE, PERMISSIONS, Role, roles_with

NOTHING = Q(pk__in=[])


def active_memberships(user: User) -> tuple[Membership, ...]:
    """The grants in force, fetched once a request and kept on the user object of that request."""
    if not user.is_authenticated or not user.is_active:
        return ()
    if not hasattr(user, "_active_memberships"):
        user._active_memberships = tuple(
            Membership.objects.active().filter(user=user).select_related("unit").order_by("pk")
        )
    return user._active_memberships


def people_with_rights() -> list[User]:
    """Everyone with an account in use and a grant in force, knowing these grants; one query."""
    people: dict[int, User] = {}
    grants = Membership.objects.active().filter(user__is_active=True).select_related("unit", "user").order_by("pk")
    for membership in grants:
        user = people.setdefault(membership.user_id, membership.user)
        user._active_memberships = (*getattr(user, "_active_memberships", ()), membership)
    return list(people.values())


def roles_of(user: User) -> frozenset[Role]:
    """All roles that a person holds anywhere."""
    return frozenset(Role(membership.role) for membership in active_memberships(user))


def in_scope(user: User, permission: str, path: str) -> Q:
    """A condition that keeps rows whose unit path (field name `path`, e.g. 'unit__path') lies in the person's scope."""
    roles = roles_with(permission)
    scope = Q()
    for membership in active_memberships(user):
        if membership.role in roles:
            scope |= Q(**{f"{path}__startswith": membership.unit.path})
    return scope or NOTHING


def units_with(user: User, permission: str) -> list[Unit]:
    """The very units in which a person was granted a permission, without those below them."""
    return [m.unit for m in active_memberships(user) if permission in PERMISSIONS[Role(m.role)]]


def managed_by(user: User) -> QuerySet[User]:
    """The people whom an administrator may manage: all their grants, past ones too, lie in the administrator's
    branches, or they have none."""
    outside = Membership.objects.exclude(in_scope(user, MANAGE_PEOPLE, "unit__path"))
    return User.objects.exclude(pk__in=outside.values("user"))


def holds(user: User, permission: str, unit_path: str) -> bool:
    """Whether a person has a permission in the unit with this path."""
    return any(
        permission in PERMISSIONS[Role(membership.role)] and unit_path.startswith(membership.unit.path)
        for membership in active_memberships(user)
    )
