"""Mails on their way: over the wire, tried again, given up where the office sees it, and never twice."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.services import create_user, grant, revoke
from kpiportal.audit.models import AuditEvent
from scoring.models import ReminderSent
from scoring.services.reminders import MOST_ATTEMPTS, remind, save_reminder_setting
from tests.cast import browser_of, person
from tests.scoring.clock import Clock
from tests.smtp import Sink, running_sink

SITE = "https://kpi.example.go.th"


@pytest.fixture
def clock(monkeypatch, seeds, db, settings) -> Clock:
    """Monday morning at nine, reminders on."""
    settings.REMINDERS, settings.PORTAL_URL = True, SITE
    return Clock(monkeypatch)


@pytest.fixture
def sink(settings) -> Sink:
    """A mail server that the portal sends to."""
    with running_sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server


def work() -> None:
    """Let the task worker do all that waits, on the connection of the test."""
    worker = Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=None,
        worker_id="test", excluded_queue_names=[],
    )
    for job in DBTaskResult.objects.filter(status="READY").order_by("enqueued_at"):
        job.claim("test")
        worker.run_task(job)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def outcome(status: str, **values) -> None:
    """What came of all jobs that aren't over."""
    DBTaskResult.objects.filter(status="READY").update(status=status, **values)


def of(username: str) -> ReminderSent:
    return ReminderSent.objects.filter(user__username=username).latest("day")


class TestOverTheWire:
    def test_a_thai_mail_arrives_as_it_was_written(self, clock, sink):
        remind()
        written = {sent.user.email: (sent.subject, sent.body) for sent in ReminderSent.objects.all()}
        work()
        arrived = {mail["To"]: (mail["Subject"].strip(), unix(mail.get_content())) for mail in sink.mails}
        assert arrived == written and len(written) > 3
        assert all(mail["Auto-Submitted"] == "auto-generated" for mail in sink.mails)

    def test_the_wire_sees_short_lines_and_a_subject_in_ascii(self, clock, sink):
        remind()
        work()
        for raw in sink.taken:
            assert max(map(len, raw.split(b"\r\n"))) <= 998
            head = raw.split(b"\r\n\r\n")[0]
            assert head.isascii() and b"=?utf-8?" in head.split(b"Subject:")[1]
            assert max(map(len, head.split(b"\r\n"))) <= 78

    def test_it_is_delivered_then_and_its_text_forgotten(self, clock, sink):
        remind()
        work()
        assert remind() == 0
        assert set(ReminderSent.objects.values_list("state", "body")) == {("delivered", "")}
        assert len(sink.taken) == ReminderSent.objects.count()

    def test_a_server_that_refuses_gets_five_tries(self, clock, sink):
        sink.refuses = True
        everyone = remind()
        for _ in range(MOST_ATTEMPTS - 1):
            work()
            assert remind() == everyone
        work()
        assert remind() == 0 and sink.taken == []
        assert set(ReminderSent.objects.values_list("state", "attempts")) == {("undeliverable", MOST_ATTEMPTS)}
        assert AuditEvent.objects.filter(action="reminder.undeliverable").count() == everyone
        work()
        assert remind() == 0


class TestFailures:
    def test_what_failed_once_arrives_with_the_next_tick(self, clock, sink):
        sink.refuses = True
        everyone = remind()
        work()
        sink.refuses = False
        assert remind() == everyone
        work()
        remind()
        assert len(sink.taken) == everyone == ReminderSent.objects.filter(state="delivered", attempts=2).count()

    def test_the_office_sees_it_on_the_board_and_nobody_else(self, clock):
        remind()
        ReminderSent.objects.filter(user__username="collector2").update(state="undeliverable")
        assert [sent.user.username for sent in self.on_the_board("office")] == ["collector2"]
        for who in ("supervisor", "auditor", "collector", "collector2"):
            assert self.on_the_board(who) == []
        elsewhere = create_user(username="office2", name="o", email="office2@example.go.th", by=None)
        grant(user=elsewhere, unit=Unit.objects.get(code="moi"), role="office", by=None)
        assert self.on_the_board("office2") == []
        assert "collector2@example.go.th" in browser_of(person("office")).get(reverse("board")).content.decode()
        ReminderSent.objects.create(
            user=person("collector2"), day="2026-11-24", state="delivered", sent_at=timezone.now()
        )
        clock("2026-11-24 12:00")
        assert self.on_the_board("office") == []

    def on_the_board(self, who: str) -> list[ReminderSent]:
        return browser_of(person(who)).get(reverse("board")).context["undeliverable"]

    def test_a_new_day_brings_a_new_mail_instead_of_the_old_one(self, clock):
        remind()
        outcome("FAILED")
        clock("2026-11-24 09:00")
        assert remind() > 0
        assert set(ReminderSent.objects.filter(day="2026-11-23").values_list("state", flat=True)) == {"lapsed"}
        assert of("collector2").day.isoformat() == "2026-11-24"
        assert of("collector2").attempts == 2  # a tick a day would never reach five otherwise

    def test_while_the_worker_is_down_the_queue_holds_one_mail_each(self, clock):
        everyone = remind()
        clock("2026-11-24 09:00")
        assert remind() == 0 and DBTaskResult.objects.count() == everyone

    def test_a_worker_that_was_killed_did_not_deliver(self, clock):
        everyone = remind()
        outcome("RUNNING", started_at=timezone.now())
        assert remind() == 0
        clock("2026-11-23 09:16")
        assert remind() == everyone

    @pytest.mark.parametrize("why", ["deactivated", "right ended", "switched off"])
    def test_nobody_who_may_not_any_more_is_tried_again(self, clock, why):
        remind()
        outcome("FAILED")
        user = person("collector2")
        if why == "deactivated":
            User.objects.filter(pk=user.pk).update(is_active=False)
        elif why == "right ended":
            revoke(user.memberships.get(), by=person("admin"))
        else:
            save_reminder_setting(user, language="th", digest=False, by=user)
        remind()
        assert (of("collector2").state, of("collector2").body) == ("lapsed", "")
        assert not DBTaskResult.objects.filter(pk=of("collector2").task, status="READY").exists()

    def test_a_new_address_is_used_for_the_next_try(self, clock):
        remind()
        outcome("FAILED")
        User.objects.filter(username="collector2").update(email="new@example.go.th")
        remind()
        job = DBTaskResult.objects.get(pk=of("collector2").task)
        assert job.args_kwargs["kwargs"]["to"] == ["new@example.go.th"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_ticks_at_once_send_one_mail_each(self, settings, monkeypatch):
        call_command("load_seeds", verbosity=0)
        settings.REMINDERS, settings.PORTAL_URL = True, SITE
        clock, before = Clock(monkeypatch), 0
        for day in range(3):
            clock(f"2026-11-{23 + day} 09:00")
            self.together(5)
            today = ReminderSent.objects.filter(day=timezone.localdate())
            assert today.count() > 1 and DBTaskResult.objects.count() == before + today.count()
            assert AuditEvent.objects.filter(action="reminder.sent").count() == ReminderSent.objects.count()
            # What failed is tried again by one of them only.
            outcome("FAILED")
            self.together(5)
            assert set(today.values_list("attempts", flat=True)) == {2}
            assert DBTaskResult.objects.count() == before + 2 * today.count()
            outcome("SUCCESSFUL", return_value=1)
            remind()
            before = DBTaskResult.objects.count()
            ReminderSent.objects.update(keys=[])

    def together(self, number: int) -> None:
        """As many ticks at the same moment."""
        barrier = Barrier(number)

        def tick() -> int:
            try:
                barrier.wait(timeout=10)
                return remind()
            finally:
                connection.close()

        with ThreadPoolExecutor(number) as pool:
            for future in [pool.submit(tick) for _ in range(number)]:
                future.result(timeout=60)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"REMINDERS": "1"},
        {"PORTAL_URL": "kpi.example.go.th"},
        {"PORTAL_URL": "https://kpi.example.go.th/?a=b"},
        {"REMINDER_HOURS": "17:00-08:00"},
        {"REMINDER_HOURS": "always"},
        {"REMINDER_DAYS": "monday"},
        {"REMINDER_DAYS": ""},
        {"REMINDER_OFFICE_DAYS": "2"},
        {"REMINDER_SUPERVISOR_DAYS": "0"},
        {"EMAIL_TIMEOUT": "soon"},
    ],
)
def test_nonsense_stops_the_start_with_a_sentence(nonsense, tmp_path):
    start = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "kpiportal.settings", "VAR_DIR": str(tmp_path), **nonsense},
        capture_output=True, text=True,
    )
    assert start.returncode == 1
    assert "ImproperlyConfigured" in start.stderr.splitlines()[-1] and next(iter(nonsense)) in start.stderr
