"""Making a bundle in the task worker: each step finds out whether it is still wanted, and tells how far it is."""
import datetime
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from evidence.problems import NotStored
from evidence.storage import neighbour
from evidence.storage.base import Storage, Stored, new_key
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from reports.bundles.kinds import KINDS
from reports.bundles.problems import BROKEN, CLOSED, NOT_STORED, Cancelled, NotMade, Paused
from reports.models import Bundle
from reports.printer import RenderFailed
from scoring.engine.text import Message

log = logging.getLogger(__name__)

FOLDER = "bundles"
KEPT = datetime.timedelta(days=7)
MOST_BYTES = 4 * 2**30
# Mails and virus scans go before.
PRIORITY = -10
# How long others may wait for the task worker while a bundle is prepared.
TURN_SECONDS = 60
STATE = Bundle.State


def storage() -> Storage:
    """Where the files of bundles lie."""
    return neighbour(FOLDER)


def workshop() -> Path:
    """Where files lie while they are written: a folder for each bundle and attempt."""
    return Path(settings.VAR_DIR) / "making"


@task(priority=PRIORITY)
def make_bundle(pk: int, attempt: int) -> str:
    """Make the file of a bundle, unless it was cancelled, removed or begun anew meanwhile; gives its state, '' where
    there was nothing to do."""
    bundle = _begun(pk, attempt)
    if bundle is None:
        return ""
    try:
        _make(bundle)
    except Cancelled:
        return STATE.CANCELLED
    except Paused:
        return _paused(bundle)
    except (NotMade, RenderFailed) as refusal:
        return _failed(bundle, refusal.message)
    except (NotStored, OSError):
        log.exception("A bundle could not be written or stored.")
        return _failed(bundle, NOT_STORED)
    except Exception:
        _failed(bundle, BROKEN)
        raise
    return STATE.READY


def _make(bundle: Bundle) -> None:
    kind = KINDS[bundle.kind]
    user = _still_allowed(bundle)
    if kind.prepare:
        kind.prepare(bundle.asked, user, Teller(bundle, seconds=TURN_SECONDS))
    with _folder(bundle) as folder:
        path = kind.write(bundle.asked, user, folder, Teller(bundle))
        _still_allowed(bundle)
        with path.open("rb") as file:
            stored = storage().put(new_key(), file, limit=MOST_BYTES)
    try:
        _ready(bundle, stored, path.name)
    except BaseException:
        storage().discard(stored.key)
        raise


def _still_allowed(bundle: Bundle) -> User:
    """Whoever asked, with the rights of this moment. Raises NotMade when these don't reach any more."""
    user = User.objects.get(pk=bundle.asked_by_id)
    if not KINDS[bundle.kind].may(bundle.asked, user):
        raise NotMade(CLOSED)
    return user


@contextmanager
def _folder(bundle: Bundle) -> Iterator[Path]:
    """An empty folder that nobody else reads, gone afterwards; of a worker that is killed the sweep removes it."""
    folder = workshop() / f"{bundle.pk}-{bundle.attempt}"
    discard_folder(folder)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        discard_folder(folder)


def discard_folder(folder: Path) -> None:
    """Remove a folder of the workshop, if it is there. It takes another name first, by which nobody who may still write
    knows it; what breaks off then, or another removes at the same time, is looked for by the next sweep."""
    gone = folder.with_name(f"gone-{new_key()}")
    try:
        folder.rename(gone)
        shutil.rmtree(gone)
    except FileNotFoundError:
        return


class Teller:
    """Tells how far a bundle is, at most once a second; raises Cancelled when it is no longer wanted, and with
    `seconds` Paused when these are over and anything was done."""

    def __init__(self, bundle: Bundle, *, seconds: int | None = None) -> None:
        self.bundle, self.told, self.first = bundle, None, None
        self.ends = None if seconds is None else time.monotonic() + seconds

    def __call__(self, done: int, total: int) -> None:
        """So many steps are done, of so many."""
        now = time.monotonic()
        self.first = done if self.first is None else self.first
        if self.told is None or done == total or now >= self.told + 1:
            self.told = now
            _change(self.bundle, done=done, total=total, touched_at=timezone.now())
        if self.ends is not None and now >= self.ends and self.first < done < total:
            raise Paused()


def _begun(pk: int, attempt: int) -> Bundle | None:
    """The bundle, taken on by this worker; None when there is nothing to do."""
    ours = Bundle.objects.filter(pk=pk, attempt=attempt, state=STATE.WAITING)
    if not ours.update(state=STATE.WORKING, touched_at=timezone.now()):
        return None
    return Bundle.objects.get(pk=pk)


def _change(bundle: Bundle, **values: object) -> None:
    """Change the bundle's row while it is this worker's; raises Cancelled when it isn't any more."""
    ours = Bundle.objects.filter(pk=bundle.pk, attempt=bundle.attempt, state=STATE.WORKING)
    if not ours.update(**values):
        raise Cancelled()


@transaction.atomic
def _paused(bundle: Bundle) -> str:
    """Come again behind what waits by now."""
    try:
        _change(bundle, state=STATE.WAITING, touched_at=timezone.now())
    except Cancelled:
        return STATE.CANCELLED
    make_bundle.enqueue(bundle.pk, bundle.attempt)
    return STATE.WAITING


@transaction.atomic
def _ready(bundle: Bundle, stored: Stored, name: str) -> None:
    now = timezone.now()
    _change(
        bundle, state=STATE.READY, key=stored.key, size=stored.size, sha256=stored.sha256, name=name[:200],
        ready_at=now, touched_at=now, expires_at=now + KEPT,
    )
    record("bundle.made", by=None, target=bundle, after={"kind": bundle.kind, "sha256": stored.sha256})


def _failed(bundle: Bundle, message: Message) -> str:
    try:
        with transaction.atomic():
            _change(bundle, state=STATE.FAILED, problem_th=message.th[:600], problem_en=message.en[:600])
            record("bundle.failed", by=None, target=bundle, after={"kind": bundle.kind}, reason=message.en)
    except Cancelled:
        return STATE.CANCELLED
    return STATE.FAILED
