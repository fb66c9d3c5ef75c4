"""Who may reach what: scopes as conditions of a fetch, one query a request."""
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.review import GrantRow, flags_of, in_both_roles
from kpiportal.accounts.roles import MANAGE_PEOPLE, PERMISSIONS, REVIEW_GRANTS, Role, roles_with
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import thai_sort_key

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


def permissions_of(user: User) -> frozenset[str]:
    """All permissions that a person has anywhere."""
    return frozenset(permission for role in roles_of(user) for permission in PERMISSIONS[role])


def unit_of(user: User) -> int | None:
    """The unit under which the trail keeps what concerns a person: that of their latest grant."""
    return user.memberships.order_by("-since", "-pk").values_list("unit_id", flat=True).first()


def people_found(user: User, text: str) -> QuerySet[User]:
    """The people whom an administrator manages, of whose account or units something contains `text`."""
    people = managed_by(user)
    for word in text.split():
        said = Q(username__icontains=word) | Q(name__icontains=word) | Q(position__icontains=word)
        said |= Q(email__icontains=word) | Q(phone__icontains=word)
        units = Unit.objects.filter(Q(name__icontains=word) | Q(short_name__icontains=word) | Q(code=word))
        people = people.filter(said | Q(pk__in=Membership.objects.filter(unit__in=units).values("user")))
    return people


def people_in_order(user: User, text: str) -> list[int]:
    """The keys of people_found, by name as a Thai dictionary has it."""
    found = people_found(user, text).values_list("pk", "name", "username")
    return [pk for pk, *_ in sorted(found, key=lambda row: (thai_sort_key(row[1]), row[2]))]


def people_with_grants(keys: list[int]) -> list[User]:
    """The people with these keys, in this order, with all their grants."""
    people = User.objects.prefetch_related("memberships__unit").in_bulk(keys)
    return [people[key] for key in keys]


def units_managed(user: User) -> QuerySet[Unit]:
    """The units in which an administrator gives rights."""
    return Unit.objects.filter(in_scope(user, MANAGE_PEOPLE, "path"))


def overlapping(membership: Membership) -> QuerySet[Membership]:
    """Other grants of the same role to the same person in the same unit that count on a day of this one."""
    same = Membership.objects.filter(user=membership.user_id, unit=membership.unit_id, role=membership.role)
    same = same.exclude(pk=membership.pk).filter(Q(until__isnull=True) | Q(until__gte=membership.since))
    return same.filter(since__lte=membership.until) if membership.until else same


def grants_shown(user: User) -> QuerySet[Membership]:
    """The grants, past ones too, in the units that a person administers or whose rights they review."""
    scope = in_scope(user, MANAGE_PEOPLE, "unit__path") | in_scope(user, REVIEW_GRANTS, "unit__path")
    return Membership.objects.filter(scope).select_related("user", "unit", "reviewed_by")


def given_by(grants: Iterable[Membership]) -> dict[int, str]:
    """Who gave each grant, as the audit trail has it: '' where the portal itself did."""
    keys = {str(grant.pk) for grant in grants}
    label = Membership._meta.label_lower
    entries = AuditEvent.objects.filter(action="membership.granted", target_type=label, target_id__in=keys)
    return {int(target): name for target, name in entries.values_list("target_id", "actor_name")}


def review_rows(user: User, *, q: str = "", role: str = "", unit: Unit | None = None) -> list[GrantRow]:
    """The lines of the review that a person sees, by unit, role and name as a Thai dictionary has it."""
    grants = grants_shown(user)
    for word in q.split():
        grants = grants.filter(Q(user__name__icontains=word) | Q(user__username__icontains=word))
    if role:
        grants = grants.filter(role=role)
    if unit:
        grants = grants.filter(unit__path__startswith=unit.path)
    grants, today = list(grants), timezone.localdate()
    # What else these people hold counts too, wherever it is.
    held = Membership.objects.active().filter(role__in=[Role.SUPERVISOR, Role.COLLECTOR]).select_related("unit")
    both, givers = in_both_roles(held.filter(user__in={grant.user_id for grant in grants})), given_by(grants)
    rows = [
        GrantRow(
            grant=grant,
            flags=flags_of(grant, today, grant.pk in both),
            given_by=givers.get(grant.pk),
            may_review=grant.user_id != user.pk and holds(user, REVIEW_GRANTS, grant.unit.path),
        )
        for grant in grants
    ]
    order = list(Role)
    return sorted(rows, key=lambda row: (
        row.grant.unit.path, order.index(row.grant.role), thai_sort_key(row.grant.user.name), row.grant.pk
    ))
