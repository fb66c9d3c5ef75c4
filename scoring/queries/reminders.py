"""Who gets a digest, in which language, what was told last, and which mails could not be delivered."""
import datetime
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from kpiportal.accounts.models import Membership, User
from kpiportal.accounts.queries import NOTHING, in_scope, people_with_rights
from kpiportal.accounts.roles import CERTIFY_RESULTS
from scoring.models import ReminderSent, ReminderSetting

STATE = ReminderSent.State
# A mail that could not be delivered stays on the board so long, unless a later one arrives.
SHOWN_DAYS = 14


@dataclass
class Recipient:
    """Someone who gets a digest: the language, and the last mail (None: never)."""

    user: User
    language: str
    last: ReminderSent | None
    # The keys of the last mail that wasn't given up.
    told: frozenset[str]


def setting_of(user: User) -> ReminderSetting:
    """A person's choice, or what holds without one."""
    return ReminderSetting.objects.filter(user=user).first() or ReminderSetting(user=user)


def recipients() -> list[Recipient]:
    """Everyone who can sign in, holds a right today, has an address and did not switch the digest off; four queries."""
    people = [user for user in people_with_rights() if user.email]
    chosen = {setting.user_id: setting for setting in ReminderSetting.objects.all()}
    wanted = [user for user in people if user.pk not in chosen or chosen[user.pk].digest]
    last = latest_of(ReminderSent.objects.all())
    told = latest_of(ReminderSent.objects.filter(state__in=(STATE.WAITING, STATE.DELIVERED)))
    return [
        Recipient(
            user, chosen[user.pk].language if user.pk in chosen else ReminderSetting.Language.THAI,
            last.get(user.pk), frozenset(told[user.pk].keys if user.pk in told else ()),
        )
        for user in wanted
    ]


def latest_of(sent: QuerySet[ReminderSent]) -> dict[int, ReminderSent]:
    """The latest of these mails by person, without their texts; one query."""
    latest = sent.filter(user=OuterRef("user")).order_by("-day").values("pk")[:1]
    return {row.user_id: row for row in sent.filter(pk=Subquery(latest)).defer("body")}


def on_their_way() -> QuerySet[ReminderSent]:
    """The mails whose delivery isn't known yet."""
    return ReminderSent.objects.filter(state=STATE.WAITING).select_related("user")


def undeliverable(user: User) -> list[ReminderSent]:
    """The mails to people of the office's units that could not be delivered lately; no query for anyone else."""
    scope = in_scope(user, CERTIFY_RESULTS, "unit__path")
    if scope == NOTHING:
        return []
    mine = Membership.objects.active().filter(scope, user=OuterRef("user"))
    since = timezone.localdate() - datetime.timedelta(days=SHOWN_DAYS)
    later = ReminderSent.objects.filter(user=OuterRef("user"), day__gt=OuterRef("day"), state=STATE.DELIVERED)
    found = ReminderSent.objects.filter(Exists(mine), ~Exists(later), state=STATE.UNDELIVERABLE, day__gte=since)
    return list(found.select_related("user").defer("body").order_by("-day", "user__name"))


def last_mails(user: User) -> tuple[ReminderSent | None, frozenset[str]]:
    """A person's last mail, and the keys of the last one that wasn't given up."""
    sent = list(ReminderSent.objects.filter(user=user).defer("body").order_by("-day")[:SHOWN_DAYS])
    kept = next((row for row in sent if row.state in (STATE.WAITING, STATE.DELIVERED)), None)
    return (sent[0] if sent else None), frozenset(kept.keys if kept else ())
