"""The daily digest by mail: written once a day to each person who has news, sent by the task worker, tried again."""
import datetime
import hashlib

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from kpiportal.accounts.models import User
from kpiportal.accounts.queries import units_with
from kpiportal.accounts.roles import EDIT_RESULTS
from kpiportal.accounts.tasks import deliver_mail
from kpiportal.audit.services import record
from scoring.engine.digest import Mail, compose, news
from scoring.engine.notices import Notice
from scoring.models import ReminderSent, ReminderSetting
from scoring.queries.notices import load_notices
from scoring.queries.reminders import Recipient, on_their_way, recipients, setting_of
from scoring.queries.units import base_data_of

STATE = ReminderSent.State
MOST_ATTEMPTS = 5
# A delivery that runs longer was its worker's last.
LONGEST_JOB = datetime.timedelta(minutes=15)
KEPT = datetime.timedelta(days=400)
# Out-of-office answers and mailing lists leave such a mail alone (RFC 3834).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


@transaction.atomic
def save_reminder_setting(user: User, *, language: str, digest: bool, by: User) -> ReminderSetting:
    """A person's choice of language, and whether the digest comes by mail. The same choice again leaves no entry.
    Raises ValidationError for a language that there isn't."""
    setting = setting_of(user)
    before = {"language": setting.language, "digest": setting.digest}
    setting.language, setting.digest = language, digest
    after = {"language": language, "digest": digest}
    if before != after:
        setting.full_clean()
        setting.save()
        record("reminder.setting_changed", by=by, target=setting, before=before, after=after)
    return setting


def remind() -> int:
    """Send today's digest to everyone who has news and was sent none today, and try again what failed; gives how many
    mails were handed to the task worker. None in the quiet hours, or while reminders are off."""
    if not settings.REMINDERS or not settings.REMINDER_TIMES.allow(timezone.localtime()):
        return 0
    today = timezone.localdate()
    ReminderSent.objects.filter(day__lt=today - KEPT).delete()
    again = _settle(today)
    people = recipients()
    # Whose last mail is still in the queue (the task worker is down) gets no second one into it.
    waiting = [one for one in people if one.last is None or (one.last.day < today and one.last.state != STATE.WAITING)]
    found = notices_of([one.user for one in waiting])
    sent = [_send_news(one, found[one.user.pk], today) for one in waiting]
    return again + sum(sent)


def notices_of(people: list[User]) -> dict[int, list[Notice]]:
    """What each of these people is told today, base data of their units included."""
    data = base_data_of({user.pk: units_with(user, EDIT_RESULTS) for user in people})
    return load_notices(people, data=data)


def _send_news(one: Recipient, notices: list[Notice], today: datetime.date) -> bool:
    if not news(notices, one.told):
        return False
    mail = compose(str(one.user), notices, one.language, today, settings.PORTAL_URL)
    # A day's mail that never left counts as tried: else a mail server that is down for days would go unnoticed.
    tried = one.last.attempts if one.last and one.last.state == STATE.LAPSED else 0
    return send_digest(
        one.user, mail, [notice.key for notice in notices], day=today, attempt=min(tried, MOST_ATTEMPTS - 1) + 1
    )


@transaction.atomic
def send_digest(user: User, mail: Mail, keys: list[str], *, day: datetime.date, attempt: int = 1) -> bool:
    """Write down a person's mail of a day and enqueue it in the same transaction; False if that day's mail was written
    before, or is being written by somebody else at this moment."""
    sent, is_first = ReminderSent.objects.get_or_create(
        user=user, day=day, kind=ReminderSent.Kind.DIGEST,
        defaults={
            "subject": mail.subject, "body": mail.body, "keys": keys, "attempts": attempt,
            "content_hash": hashlib.sha256("\n".join(mail).encode()).hexdigest(), "sent_at": timezone.now(),
        },
    )
    if is_first:
        _enqueue(sent, user)
        record("reminder.sent", by=None, target=sent, after={"day": str(day), "notices": len(keys)})
    return is_first


def _enqueue(sent: ReminderSent, user: User) -> None:
    queued = deliver_mail.enqueue(subject=sent.subject, body=sent.body, to=[user.email], headers=HEADERS)
    sent.task = queued.id
    sent.save(update_fields=["task", "attempts"])


def _settle(today: datetime.date) -> int:
    """Take over what came of the mails on their way; gives how many of today's are tried again."""
    waiting = list(on_their_way())
    jobs = {job.pk: job for job in DBTaskResult.objects.filter(pk__in=[sent.task for sent in waiting])}
    outcomes = [(sent, _outcome(jobs.get(sent.task))) for sent in waiting]
    delivered = [sent.pk for sent, outcome in outcomes if outcome == STATE.DELIVERED]
    ReminderSent.objects.filter(pk__in=delivered, state=STATE.WAITING).update(state=STATE.DELIVERED, body="")
    failed = [sent for sent, outcome in outcomes if outcome == STATE.UNDELIVERABLE]
    people = {one.user.pk for one in recipients()} if failed else set()
    return sum(_after_failure(sent, is_recipient=sent.user_id in people, today=today) for sent in failed)


def _outcome(job: DBTaskResult | None) -> str:
    """What came of a delivery: delivered, not (a job that is gone or whose worker was killed too), or still waiting."""
    if job is None:
        return STATE.UNDELIVERABLE
    if job.status == TaskResultStatus.SUCCESSFUL:
        return STATE.DELIVERED if job.return_value else STATE.UNDELIVERABLE
    lost = job.status == TaskResultStatus.RUNNING and job.started_at < timezone.now() - LONGEST_JOB
    return STATE.UNDELIVERABLE if lost or job.status == TaskResultStatus.FAILED else STATE.WAITING


@transaction.atomic
def _after_failure(seen: ReminderSent, *, is_recipient: bool, today: datetime.date) -> bool:
    """Try a mail again, or give it up: after MOST_ATTEMPTS for the office to see; an earlier day's, or one whose
    reader lost the right to it, without a word. Whether it is tried again; no if somebody else was quicker."""
    sent = ReminderSent.objects.select_for_update(of=("self",)).select_related("user").get(pk=seen.pk)
    if sent.state != STATE.WAITING or sent.task != seen.task:
        return False
    if is_recipient and sent.day == today and sent.attempts < MOST_ATTEMPTS:
        sent.attempts += 1
        _enqueue(sent, sent.user)
        return True
    given_up = is_recipient and sent.attempts >= MOST_ATTEMPTS
    sent.state = STATE.UNDELIVERABLE if given_up else STATE.LAPSED
    sent.body = ""
    sent.save(update_fields=["state", "body"])
    if given_up:
        record("reminder.undeliverable", by=None, target=sent, after={"attempts": sent.attempts})
    return False
