"""What a reviewer of rights should look at: flags of a grant, from plain values."""
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.models import Membership
from kpiportal.accounts.roles import Role

SOON, LONG = datetime.timedelta(days=30), datetime.timedelta(days=90)


class Flag(models.TextChoices):
    """Why a grant wants a look."""

    ENDED = "ended", _("Ended")
    ENDS_SOON = "ends_soon", _("Ends within 30 days")
    CLOSED = "closed", _("Account deactivated, right still open")
    NEVER = "never", _("Never signed in")
    LONG_AGO = "long_ago", _("No sign-in for 90 days")
    BOTH = "both", _("Supervisor and collector of the same unit")


@dataclass(frozen=True)
class GrantRow:
    """A line of the review."""

    grant: Membership
    flags: tuple[Flag, ...]
    given_by: str | None  # None where the trail no longer has it
    may_review: bool


def flags_of(grant: Membership, today: datetime.date, both: bool) -> tuple[Flag, ...]:
    """The flags of a grant; `both`: its person is supervisor and collector of one unit."""
    if grant.until is not None and grant.until < today:
        return (Flag.ENDED,)
    last = grant.user.last_login
    active = grant.user.is_active
    said = {
        Flag.ENDS_SOON: grant.until is not None and grant.until <= today + SOON,
        Flag.CLOSED: not active,
        Flag.NEVER: active and last is None,
        Flag.LONG_AGO: active and last is not None and timezone.localdate(last) <= today - LONG,
        Flag.BOTH: both,
    }
    return tuple(flag for flag, applies in said.items() if applies)


def in_both_roles(grants: Iterable[Membership]) -> set[int]:
    """The keys of those grants by which one person supervises and collects in the same unit."""
    of_person = defaultdict(lambda: defaultdict(list))
    for grant in grants:
        of_person[grant.user_id][grant.role].append(grant)
    found = set()
    for roles in of_person.values():
        for supervisor in roles[Role.SUPERVISOR]:
            for collector in roles[Role.COLLECTOR]:
                paths = supervisor.unit.path, collector.unit.path
                if max(paths).startswith(min(paths)):
                    found |= {supervisor.pk, collector.pk}
    return found
