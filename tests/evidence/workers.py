"""Other processes that work on the tests' own database and storage."""
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from evidence import storage
from evidence.models import Evidence, FileVersion


def environment() -> dict[str, str]:
    """The variables that lead a process to the database and the storage of this test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        url = re.sub(r"@/[^?]*", f"@/{name}", os.environ["DATABASE_URL"])
    else:
        url = f"sqlite:///{name}"
    root = str(Path(__file__).resolve().parents[2])
    return {
        **os.environ, "DATABASE_URL": url, "VAR_DIR": str(settings.VAR_DIR), "PYTHONPATH": root,
        "EVIDENCE_STORAGE": settings.EVIDENCE_STORAGE, "CLAMD_URL": settings.CLAMD_URL,
    }


@contextmanager
def uploaders(number: int, rounds: int) -> Iterator[list[subprocess.Popen]]:
    """Workers that each upload and save `rounds` times; what still runs at the end is killed."""
    command = [sys.executable, "-m", "tests.evidence.uploader", str(rounds)]
    running = [
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def kill_one_of(number: int, *, rounds: int) -> tuple[list[list[str]], int]:
    """Let workers upload and save, kill the first one in the middle; what was acknowledged, and the kill's place in the
    first one's work."""
    with uploaders(number, rounds) as running:
        victim = running[0]
        first = [victim.stdout.readline() for _ in range(max(1, 3 * rounds // 2))]
        time.sleep(random.uniform(0, 0.05))
        victim.send_signal(signal.SIGKILL)
        said = [*first, *victim.communicate()[0].splitlines(True)]
        place = len(said)
        for process in running[1:]:
            said += process.communicate(timeout=600)[0].splitlines(True)
            assert process.returncode == 0
    # A line that the kill cut off was acknowledged to nobody.
    return [line.split() for line in said if line.endswith("\n")], place


def assert_nothing_is_lost(acknowledged: list[list[str]]) -> None:
    """Every acknowledged row is there, every row has its file, with the bytes that were sent."""
    for kind, pk, *sha256 in acknowledged:
        if kind == "named":
            assert Evidence.objects.filter(pk=pk).exists()
            continue
        version = FileVersion.objects.get(pk=pk)
        with storage.open_(version.key) as file:
            assert [version.sha256] == sha256 == [storage.sha256_of(file)[1]]
    call_command("verify_evidence", "--hashes", "--sweep", verbosity=0)
