"""The task worker is killed while it makes a file: the sweep has it begun anew, and nothing is left behind."""

import hashlib
import io
import random
import subprocess
import sys
import time
import zipfile
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from reports.bundles.services import ask_bundle, storage, sweep_bundles
from reports.bundles.services.making import workshop
from reports.models import Bundle, IssuedCard
from tests.cast import person
from tests.evidence.workers import environment
from tests.reports.library.shelf import filled

WORKER = ["manage.py", "db_worker", "--queue-name", "*", "--no-startup-delay", "--no-reload", "--batch"]
KILLS = 2


def worker() -> subprocess.Popen:
    """A task worker that ends when nothing waits any more."""
    return subprocess.Popen([sys.executable, *WORKER], cwd=settings.BASE_DIR, env=environment())


def killed_in_the_middle() -> None:
    """Start a worker and kill it some time after it has begun."""
    running = worker()
    try:
        while Bundle.objects.get().total == 0:
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(random.uniform(0, 1.5))
    finally:
        running.kill()
        running.wait()


@pytest.mark.django_db(transaction=True)
def test_is_made_by_the_next_one(settings, tmp_path):
    settings.EVIDENCE_STORAGE, settings.VAR_DIR = f"file:{tmp_path / 'evidence'}", tmp_path
    call_command("load_seeds", verbosity=0)
    asked = {"snapshots": [one.pk for one in filled()], "language": "th", "portal": "https://kpi.example.go.th"}
    ask_bundle("zip", asked, "three cards", by=person("auditor"))
    for _ in range(KILLS):
        killed_in_the_middle()
        if Bundle.objects.get().state == Bundle.State.READY:
            break  # it was quicker than the kill
        Bundle.objects.update(touched_at=timezone.now() - timedelta(minutes=11))
        assert sweep_bundles().again == 1
    assert worker().wait(timeout=300) == 0
    bundle = Bundle.objects.get()
    with storage().read(bundle.key) as stream:
        whole = stream.read()
    assert (bundle.state, bundle.sha256) == ("ready", hashlib.sha256(whole).hexdigest())
    archive = zipfile.ZipFile(io.BytesIO(whole))
    assert archive.testzip() is None and len(archive.namelist()) == 6 and IssuedCard.objects.count() == 3
    sweep_bundles()
    assert list(workshop().iterdir()) == [] and [entry.key for entry in storage().entries()] == [bundle.key]
    call_command("verify_cards", verbosity=0)
