"""The virus scan: every outcome with its word, who may open a file meanwhile, and jobs that get lost."""
import datetime
import io
import socket
import time

import pytest
from django.conf import settings as portal
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from evidence import storage
from evidence.models import FileVersion
from evidence.scan import Outcome, read_answer, read_scanner, scan
from evidence.services import record_scan, scan_version, take_down
from kpiportal.audit.models import AuditEvent
from tests.evidence import files
from tests.evidence.scanner import finds, hangs_up, has_enough, is_silent, says, scanner, trickles

CLEAN, OUTCOMES = Outcome("clean"), {
    "finds nothing": (finds(b"VIRUS"), Outcome("clean")),
    "finds a virus": (finds("รายงาน".encode()), Outcome("infected", "Test.Virus")),
    "silent": (is_silent, Outcome("failed", "silent")),
    "trickles": (trickles, Outcome("failed", "silent")),
    "hangs up": (hangs_up, Outcome("failed", "down")),
    "has enough": (has_enough, Outcome("failed", "too_large")),
    "garbage": (says(b"\x00\xff\x16\x03 nonsense"), Outcome("failed", "error")),
    "other garbage": (says(b"HTTP/1.1 200 OK\0"), Outcome("failed", "error")),
    "says error": (says(b"stream: lstat() failed. ERROR\0"), Outcome("failed", "error")),
    "beyond its limits": (
        says(b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"), Outcome("failed", "too_large")
    ),
    "endless": (says(b"x" * 9000), Outcome("failed", "error")),
}


@pytest.mark.parametrize("how", OUTCOMES)
def test_what_comes_of_a_scan(how):
    behaviour, expected = OUTCOMES[how]
    with scanner(behaviour) as url:
        assert scan(io.BytesIO(files.text(3 * 2**20)), url, seconds=0.5) == expected


def test_a_scanner_that_is_not_there(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"tcp:127.0.0.1:{free.getsockname()[1]}"
        assert scan(io.BytesIO(b"x"), url, seconds=1) == ("failed", "down")
    assert scan(io.BytesIO(b"x"), f"unix:{tmp_path / 'nothing'}", seconds=1) == ("failed", "down")


def test_a_scanner_that_takes_nothing_is_silent():
    """Connected by the system, but nobody accepts: the sending stops when the buffers are full."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        started = time.monotonic()
        url = f"tcp:127.0.0.1:{server.getsockname()[1]}"
        assert scan(io.BytesIO(bytes(2**25)), url, seconds=0.3) == ("failed", "silent")
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("answer", ["", "OK", "stream: OK\nstream: OK", "stream: FOUND", "x: OK"])
def test_only_its_own_words_mean_clean(answer):
    assert read_answer(answer).state == "failed"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("unix:/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("unix:///run/clamd", "/run/clamd"),
        ("tcp:127.0.0.1:3310", ("127.0.0.1", 3310)),
        ("tcp://scanner.example:3310", ("scanner.example", 3310)),
        ("tcp:[::1]:3310", ("::1", 3310)),
    ],
)
def test_where_the_scanner_is(text, where):
    assert read_scanner(text) == where


@pytest.mark.parametrize(
    "text", ["/run/clamd", "unix:clamd", "tcp:host", "tcp:host:0", "tcp:host:99999", "http://host:1"]
)
def test_nonsense_is_no_scanner(text):
    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL can't be"):
        read_scanner(text)


@pytest.fixture
def scanning(settings):
    """Turns scanning on with a scanner that behaves so."""
    settings.CLAMD_SECONDS = 0.5

    def _scanning(behaviour):
        block = scanner(behaviour)
        blocks.append(block)
        settings.CLAMD_URL = block.__enter__()

    blocks = []
    yield _scanning
    for block in blocks:
        block.__exit__(None, None, None)


def jobs() -> list[int]:
    return [job.args_kwargs["args"][0] for job in DBTaskResult.objects.filter(task_path=scan_version.module_path)]


def run_jobs() -> None:
    """What the worker does, in the test's own transaction."""
    for job in DBTaskResult.objects.filter(status="READY"):
        job.task.call(*job.args_kwargs["args"])
        DBTaskResult.objects.filter(pk=job.pk).update(status="SUCCESSFUL")


class TestJobs:
    def test_each_file_is_scanned_by_a_job(self, scanning, attach):
        scanning(finds(b"VIRUS"))
        version = attach().versions.get()
        assert (version.scan, jobs()) == ("waiting", [version.pk])
        run_jobs()
        version.refresh_from_db()
        assert version.scan == "clean" and version.scanned_at
        entry = AuditEvent.objects.about(version).last()
        assert (entry.action, entry.after) == ("evidence.scanned", {"state": "clean", "note": ""})

    def test_none_while_scanning_is_off(self, attach):
        assert attach().versions.get().scan == "off" and jobs() == []
        call_command("tick")
        assert jobs() == []

    @pytest.mark.parametrize(("behaviour", "state", "note"), [
        (finds(b"%PDF"), "infected", "Test.Virus"), (is_silent, "failed", "silent"), (hangs_up, "failed", "down"),
    ])
    def test_records_what_the_scanner_says(self, scanning, attach, behaviour, state, note):
        scanning(behaviour)
        version = attach().versions.get()
        scan_version.call(version.pk)
        version.refresh_from_db()
        assert (version.scan, version.scan_note) == (state, note)

    def test_what_exceeds_the_scanners_limit_is_not_sent(self, scanning, attach, settings):
        scanning(finds(b"VIRUS"))
        version = attach().versions.get()
        FileVersion.objects.update(size=portal.CLAMD_MAX_MB * 2**20 + 1)
        assert scan_version.call(version.pk) == "failed"
        version.refresh_from_db()
        assert version.scan_note == "too_large"

    def test_a_file_that_is_not_there_is_not_clean(self, scanning, attach):
        scanning(finds(b"VIRUS"))
        version = attach().versions.get()
        storage.remove(version.key)
        scan_version.call(version.pk)
        version.refresh_from_db()
        assert (version.scan, version.scan_note) == ("failed", "no_file")

    def test_what_was_taken_down_is_not_scanned(self, scanning, attach, office):
        scanning(finds(b"VIRUS"))
        version = attach().versions.get()
        take_down(version, reason="x", by=office)
        assert scan_version.call(version.pk) == ""


class TestTick:
    @pytest.fixture
    def version(self, scanning, attach) -> FileVersion:
        scanning(finds(b"VIRUS"))
        return attach().versions.get()

    def test_leaves_what_has_its_job(self, version):
        call_command("tick")
        assert jobs() == [version.pk]

    @pytest.mark.parametrize(("minutes", "count"), [(1, 1), (16, 2)])
    def test_renews_a_job_whose_worker_was_killed(self, version, minutes, count):
        started = timezone.now() - datetime.timedelta(minutes=minutes)
        DBTaskResult.objects.update(status="RUNNING", started_at=started)
        call_command("tick")
        assert jobs() == [version.pk] * count

    def test_tries_again_what_failed_until_it_is_clean(self, version):
        record_scan(version, Outcome("failed", "down"))
        DBTaskResult.objects.update(status="SUCCESSFUL")
        call_command("tick")
        assert jobs() == [version.pk] * 2
        run_jobs()
        version.refresh_from_db()
        assert version.scan == "clean"
        DBTaskResult.objects.all().delete()
        call_command("tick")
        assert jobs() == []

    def test_scans_what_came_while_scanning_was_off(self, version):
        FileVersion.objects.update(scan="off")
        DBTaskResult.objects.all().delete()
        call_command("tick")
        assert jobs() == [version.pk]


def test_a_late_failure_takes_no_verdict_back_but_a_virus_counts(attach):
    version = attach().versions.get()
    for outcome, state in [(CLEAN, "clean"), (Outcome("failed", "down"), "clean"),
                           (Outcome("infected", "X"), "infected"), (CLEAN, "infected")]:
        assert record_scan(version, outcome).scan == state


def test_the_same_failure_again_leaves_one_entry(attach):
    version = attach().versions.get()
    for _ in range(3):
        record_scan(version, Outcome("failed", "down"))
    assert AuditEvent.objects.about(version).filter(action="evidence.scanned").count() == 1


# state -> may its uploader open it, may others: while scanning is on, and while it is off
SHOWN = {
    "off": ((True, False), (True, True)),
    "waiting": ((True, False), (True, True)),
    "failed": ((True, False), (True, True)),
    "clean": ((True, True), (True, True)),
    "infected": ((False, False), (False, False)),
}


@pytest.mark.parametrize("state", SHOWN)
@pytest.mark.parametrize("on", [True, False])
def test_who_may_open_it(attach, collector, office, settings, state, on):
    version = attach().versions.get()
    settings.CLAMD_URL = "tcp:127.0.0.1:1" if on else ""
    version.scan = state
    assert (version.may_be_shown_to(collector), version.may_be_shown_to(office)) == SHOWN[state][not on]
    version.taken_down_at = timezone.now()
    assert not version.may_be_shown_to(collector) and not version.may_be_shown_to(office)


def test_each_state_has_its_own_words():
    with translation.override("en"):
        assert len({str(label) for label in FileVersion.Scan.labels}) == 5
