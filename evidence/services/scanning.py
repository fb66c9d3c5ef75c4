"""The virus scan of stored files: a job per file, its outcome, and a sweep for jobs that got lost."""
import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from evidence import storage
from evidence.models import FileVersion
from evidence.problems import NotStored
from evidence.queries import unscanned
from evidence.scan import FAILED, INFECTED, NO_FILE, TOO_LARGE, Outcome, scan
from kpiportal.accounts.models import User
from kpiportal.audit.services import record

# A job that runs longer was its worker's last.
LONGEST_JOB = datetime.timedelta(minutes=15)


@task()
def scan_version(version_id: int) -> str:
    """Scan one file and record the outcome; gives its state, or '' when there is nothing left to scan."""
    version = unscanned().filter(pk=version_id).first()
    if version is None or not settings.CLAMD_URL:
        return ""
    outcome = _scan(version)
    record_scan(version, outcome)
    return outcome.state


def _scan(version: FileVersion) -> Outcome:
    # A scanner that gets more than it takes may answer OK for what it looked at.
    if version.size > settings.CLAMD_MAX_MB * 2**20:
        return Outcome(FAILED, TOO_LARGE)
    try:
        with storage.open_(version.key) as stream:
            return scan(stream, settings.CLAMD_URL, seconds=settings.CLAMD_SECONDS)
    except NotStored:
        return Outcome(FAILED, NO_FILE)


@transaction.atomic
def record_scan(version: FileVersion, outcome: Outcome, *, by: User | None = None) -> FileVersion:
    """Write down what came of a scan. A virus counts whenever it is found; 'clean' and 'failed' only for what has no
    verdict yet, so that a late failure takes nothing back. The same outcome again leaves no second audit entry."""
    version = FileVersion.objects.select_for_update(of=("self",)).select_related("evidence").get(pk=version.pk)
    decided = version.scan in (FileVersion.Scan.CLEAN, FileVersion.Scan.INFECTED)
    before = Outcome(version.scan, version.scan_note)
    if before == outcome or (decided and outcome.state != INFECTED):
        return version
    version.scan, version.scan_note = outcome
    version.scanned_at = timezone.now()
    version.clean_fields()
    version.save(update_fields=["scan", "scan_note", "scanned_at"])
    record(
        "evidence.scanned", by=by, target=version, unit_id=version.evidence.unit_id,
        before=before._asdict(), after=outcome._asdict(),
    )
    return version


def enqueue_scans() -> int:
    """Enqueue a scan for every file without a verdict that has no job under way (the queue retries nothing, and a job
    whose worker was killed stays 'running'); gives how many. None while scanning is off."""
    if not settings.CLAMD_URL:
        return 0
    jobs = DBTaskResult.objects.filter(task_path=scan_version.module_path)
    ready = jobs.filter(status=TaskResultStatus.READY)
    running = jobs.filter(status=TaskResultStatus.RUNNING, started_at__gte=timezone.now() - LONGEST_JOB)
    under_way = {called["args"][0] for called in (ready | running).values_list("args_kwargs", flat=True)}
    waiting = [pk for pk in unscanned().values_list("pk", flat=True) if pk not in under_way]
    for pk in waiting:
        scan_version.enqueue(pk)
    return len(waiting)
