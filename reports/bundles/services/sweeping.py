"""What a timer does about bundles: begins anew what its worker left, removes what is over, and what no row knows."""
import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from evidence.problems import NotStored
from kpiportal.audit.services import record
from reports.bundles.problems import LOST
from reports.bundles.services.asking import expire_bundle, remove_bundle
from reports.bundles.services.making import discard_folder, make_bundle, storage, workshop
from reports.models import Bundle

STATE = Bundle.State
# A worker that was silent for longer is gone; one that waits for longer has lost its place.
SILENT = datetime.timedelta(minutes=10)
UNTAKEN = datetime.timedelta(hours=1)
# How long after its file what was asked for is kept.
REMEMBERED = datetime.timedelta(days=30)
MOST_LOST = 3


class Swept(NamedTuple):
    """How many were begun anew, given up, lost their file or were forgotten; and how many stored files no row knew."""

    again: int
    given_up: int
    removed: int
    orphans: int


def sweep_bundles() -> Swept:
    """Begin anew, or give up after MOST_LOST, what a killed worker left; remove what is over. Where the storage
    doesn't answer, its part is left to the next sweep."""
    outcomes = [_settle(pk) for pk in _left().values_list("pk", flat=True)]
    try:
        removed = _remove_over()
        orphans = _remove_orphans()
    except NotStored:
        removed, orphans = 0, 0
    return Swept(outcomes.count(STATE.WAITING), outcomes.count(STATE.FAILED), removed, orphans)


def _remove_over() -> int:
    """Remove files whose time is over, what never became a file, and what was asked for long ago."""
    now = timezone.now()
    over = Bundle.objects.filter(expires_at__lte=now)
    files = list(over.filter(state=STATE.READY))
    for bundle in files:
        expire_bundle(bundle)
    recent = Q(state=STATE.EXPIRED, expires_at__gt=now - REMEMBERED)
    rows = list(over.exclude(recent))
    for bundle in rows:
        remove_bundle(bundle, by=None)
    return len(files) + len(rows)


def _left():
    now = timezone.now()
    working = Bundle.objects.filter(state=STATE.WORKING, touched_at__lt=now - SILENT)
    return working | Bundle.objects.filter(state=STATE.WAITING, touched_at__lt=now - UNTAKEN)


@transaction.atomic
def _settle(pk: int) -> str:
    """Begin a bundle anew, or give it up; '' if its worker was quicker. One that still waited lost no worker."""
    bundle = _left().select_for_update(of=("self",)).filter(pk=pk).first()
    if bundle is None:
        return ""
    bundle.lost += bundle.state == STATE.WORKING
    bundle.attempt, bundle.done, bundle.total, bundle.touched_at = bundle.attempt + 1, 0, 0, timezone.now()
    if bundle.lost >= MOST_LOST:
        bundle.state, (bundle.problem_th, bundle.problem_en) = STATE.FAILED, LOST
        record("bundle.failed", by=None, target=bundle, after={"kind": bundle.kind}, reason=LOST.en)
    else:
        bundle.state = STATE.WAITING
        make_bundle.enqueue(bundle.pk, bundle.attempt)
    bundle.save()
    return bundle.state


def _remove_orphans() -> int:
    """Remove stored files and folders of unfinished ones that no row knows: what a killed worker left behind."""
    before = timezone.now() - UNTAKEN
    known = set(Bundle.objects.exclude(key=None).values_list("key", flat=True))
    orphans = [entry.key for entry in storage().entries() if entry.key not in known and entry.modified < before]
    for key in orphans:
        storage().discard(key)
    for entry in storage().leftovers():
        if entry.modified < before:
            storage().discard_leftover(entry.key)
    _remove_folders()
    return len(orphans)


def _remove_folders() -> None:
    """Remove what is left of files that were being written; the folders are looked for before the rows, so that none
    that was begun meanwhile counts."""
    folders = list(workshop().glob("*-*"))
    working = {f"{pk}-{attempt}" for pk, attempt in Bundle.objects.values_list("pk", "attempt")}
    for folder in folders:
        if folder.name not in working:
            discard_folder(folder)
