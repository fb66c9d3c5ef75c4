"""Rights: given, prolonged, ended and reviewed."""
import datetime
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import in_scope, overlapping
from kpiportal.accounts.refusals import (
    CLOSED_ACCOUNT,
    ENDS_TOO_EARLY,
    HAS_ENDED,
    OUT_OF_REVIEW,
    OVERLAPS,
    OWN_REVIEW,
    OWN_RIGHTS,
    NotAllowed,
)
from kpiportal.accounts.roles import REVIEW_GRANTS, Role
from kpiportal.accounts.services.rules import (
    locked_administrators,
    require_in_branch,
    require_manages,
    require_one_left,
)
from kpiportal.audit.services import record

DAY = datetime.timedelta(days=1)


@transaction.atomic
def grant(
    *,
    user: User,
    unit: Unit,
    role: Role,
    by: User | None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> Membership:
    """Give a role in a unit and all below it, from `since` (today) until `until` (open end). The same open grant
    twice gives the first one back. Raises NotAllowed for oneself, a closed account, a person or unit outside the
    administrator's branches, and a right that the person has then already."""
    if by is not None:
        _require_may_give(user, unit, by)
    existing = Membership.objects.filter(user=user, unit=unit, role=role, until__isnull=True).first()
    if existing and until is None:
        return existing
    membership = Membership(user=user, unit=unit, role=role, since=since or timezone.localdate(), until=until)
    membership.full_clean()
    if overlapping(membership).exists():
        raise NotAllowed(OVERLAPS)
    membership.save()
    after = {"user": user.username, "unit": unit.code, "role": str(role), "since": membership.since, "until": until}
    record("membership.granted", by=by, target=membership, unit_id=unit.pk, after=after)
    return membership


def _require_may_give(user: User, unit: Unit, by: User) -> None:
    if user.pk == by.pk:
        raise NotAllowed(OWN_RIGHTS)
    require_manages(by, user)
    require_in_branch(by, unit)
    if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
        raise NotAllowed(CLOSED_ACCOUNT)


@transaction.atomic
def change_until(membership: Membership, *, until: datetime.date | None, by: User) -> Membership:
    """Move the last day of a grant, None for an open end. Raises NotAllowed when it has ended or would have, when
    another grant covers the time, to prolong one's own, and for a branch's last administrator."""
    administrators = locked_administrators() if membership.role == Role.ADMIN else []
    membership = _to_change(membership, by)
    today, old = timezone.localdate(), membership.until
    if until is not None and until < max(today, membership.since):
        raise NotAllowed(ENDS_TOO_EARLY)
    if until == old:
        return membership
    longer = until is None or (old is not None and until > old)
    membership.until = until
    if longer and membership.user_id == by.pk:
        raise NotAllowed(OWN_RIGHTS)
    if longer and overlapping(membership).exists():
        raise NotAllowed(OVERLAPS)
    if not longer and administers(membership):
        require_one_left(administrators, [membership], until + DAY)
    membership.save(update_fields=["until"])
    record(
        "membership.prolonged" if longer else "membership.shortened", by=by, target=membership,
        unit_id=membership.unit_id, before={"until": old}, after={"until": until},
    )
    return membership


def administers(membership: Membership) -> bool:
    """Whether the grant makes its person an administrator today."""
    today = timezone.localdate()
    return membership.role == Role.ADMIN and membership.user.is_active and membership.counts_on(today)


def _to_change(membership: Membership, by: User) -> Membership:
    """The grant, locked and re-read, of a person whom `by` manages; NotAllowed if it has ended."""
    require_manages(by, membership.user)
    found = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("user", "unit")
    membership = found.get(pk=membership.pk)
    require_in_branch(by, membership.unit)
    if membership.until is not None and membership.until < timezone.localdate():
        raise NotAllowed(HAS_ENDED)
    return membership


@transaction.atomic
def revoke(membership: Membership, *, by: User, reason: str = "") -> None:
    """End a grant at once: it counts until yesterday, at the earliest until the day before it began. Raises
    NotAllowed when it has ended already, and for a branch's last administrator."""
    administrators = locked_administrators() if membership.role == Role.ADMIN else []
    membership = _to_change(membership, by)
    today = timezone.localdate()
    if administers(membership):
        require_one_left(administrators, [membership], today)
    before = {"since": membership.since, "until": membership.until}
    membership.since = min(membership.since, today - DAY)
    membership.until = today - DAY
    membership.save(update_fields=["since", "until"])
    record(
        "membership.revoked", by=by, target=membership, unit_id=membership.unit_id, before=before,
        after={"since": membership.since, "until": membership.until}, reason=reason.strip(),
    )


@transaction.atomic
def review_grants(grants: Collection[int], *, by: User) -> int:
    """Mark grants (their keys) as reviewed now; gives how many. Raises NotAllowed when one of them is one's own or
    lies outside the units that one reviews: then none is marked."""
    scope = in_scope(by, REVIEW_GRANTS, "unit__path")
    found = Membership.objects.filter(scope, pk__in=grants).select_related("user", "unit").order_by("pk")
    found = list(found.select_for_update(of=("self",), no_key=True))
    if len(found) != len(set(grants)):
        raise NotAllowed(OUT_OF_REVIEW)
    if any(membership.user_id == by.pk for membership in found):
        raise NotAllowed(OWN_REVIEW)
    now = timezone.now()
    for membership in found:
        before = {"reviewed_at": membership.reviewed_at}
        membership.reviewed_at, membership.reviewed_by = now, by
        membership.save(update_fields=["reviewed_at", "reviewed_by"])
        after = {"reviewed_at": now, "since": membership.since, "until": membership.until}
        record(
            "membership.reviewed", by=by, target=membership, unit_id=membership.unit_id, before=before, after=after
        )
    return len(found)


@transaction.atomic
def note_export(*, rows: int, filters: dict[str, str], by: User) -> None:
    """Record that a person downloaded the review of grants, and with which filters."""
    record("grants.exported", by=by, target=by, after={"rows": rows, **filters})
