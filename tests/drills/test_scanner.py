"""The virus scan with a real clamd and a real task worker: clean, infected, gone, and back again."""
import io
import os
import subprocess
import sys

import pytest
from django.core.management import call_command

from evidence.models import FileVersion
from evidence.scan import scan
from evidence.services import add_file
from kpiportal.accounts.models import Unit
from tests.cast import person
from tests.drills.clamd import MARKER, PROGRAM, STREAM_MB, running_clamd
from tests.evidence.files import text
from tests.evidence.workers import environment

pytestmark = pytest.mark.skipif(
    not os.path.exists(PROGRAM), reason=f"{PROGRAM} is not installed: apt-get install clamav-daemon"
)


@pytest.fixture(autouse=True)
def evidence_folder(settings, tmp_path):
    """The storage of this test."""
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"


def upload(data: bytes) -> FileVersion:
    evidence = add_file(
        unit=Unit.objects.get(code="moi"), upload=io.BytesIO(data), name="a.txt", by=person("collector")
    )
    return evidence.versions.get()


def work() -> None:
    """The worker, until the queue is empty."""
    worker = [sys.executable, "manage.py", "db_worker", "--batch", "--queue-name", "*", "--no-startup-delay"]
    subprocess.run([*worker, "--no-reload"], env=environment(), check=True, timeout=120)


def state(version: FileVersion) -> tuple[str, str]:
    version.refresh_from_db()
    return version.scan, version.scan_note


def test_files_are_scanned_and_wait_while_the_scanner_is_away(committed_seeds, settings):
    with running_clamd() as url:
        settings.CLAMD_URL = url
        honest, hostile = upload(text(5000)), upload(text(5000) + MARKER)
        assert state(honest) == state(hostile) == ("waiting", "")
        work()
        assert state(honest) == ("clean", "") and state(hostile) == ("infected", "Test.Portal.UNOFFICIAL")
        assert not hostile.may_be_shown_to(person("collector")) and honest.may_be_shown_to(person("office"))
    late = upload(text(7000))
    work()
    assert state(late) == ("failed", "down") and not late.may_be_shown_to(person("office"))
    with running_clamd() as url:
        settings.CLAMD_URL = url
        call_command("tick", verbosity=0)
        work()
    assert state(late) == ("clean", "")


def test_the_largest_upload_is_looked_at_to_its_end_and_more_is_not_called_clean():
    with running_clamd() as url:
        assert scan(io.BytesIO(text(50 * 2**20) + MARKER), url, seconds=120).state == "infected"
        beyond = text((STREAM_MB + 1) * 2**20)
        assert scan(io.BytesIO(beyond), url, seconds=120) == ("failed", "too_large")
