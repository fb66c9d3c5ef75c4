"""Files of evidence: examined, stored whole, and only then written into the database, so that no row lacks its file."""
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evidence import storage
from evidence.intake import Limits, examine
from evidence.models import Evidence, FileVersion
from evidence.problems import TooLarge, UnitFull
from evidence.queries import bytes_of
from evidence.services.entries import one_line
from evidence.services.removal import remove_on_commit, remove_or_log
from evidence.services.scanning import scan_version
from kpiportal.accounts.models import Unit, User
from kpiportal.audit.services import record

log = logging.getLogger(__name__)


class Received(NamedTuple):
    """A file that was examined and stored but has no row yet; without one within an hour it is swept."""

    stored: storage.Stored
    name: str
    content_type: str


def receive(upload: BinaryIO, *, name: str) -> Received:
    """Examine and store an open, seekable file. Called before a transaction, it lets nobody wait for the disk; what
    it gives is then the `upload` of add_file or add_version. Raises Refused (evidence.intake), TooLarge, StorageFull
    or StorageDown, and leaves no byte behind then."""
    if problem := getattr(upload, "problem", None):  # evidence.uploading could not take it
        raise problem
    limit = settings.EVIDENCE_MAX_MB * 2**20
    upload.seek(0, os.SEEK_END)
    if upload.tell() > limit:
        raise TooLarge(limit)
    upload.seek(0)
    examined = examine(upload, name, limits=Limits(size=limit))
    return Received(storage.put(upload, limit=limit), examined.name, examined.content_type)


@transaction.atomic
def add_file(
    *, unit: Unit, upload: BinaryIO | Received, name: str = "", title: str = "", by: User
) -> Evidence:
    """A new piece of evidence with its first file, under the file's name unless a title is given. `upload` is an open
    file, or what `receive` has stored. Raises what `receive` does, UnitFull, or ValidationError for a bad title."""
    received = upload if isinstance(upload, Received) else receive(upload, name=name)
    with no_bytes_without_row(received):
        _require_room(unit, received)
        evidence = Evidence(unit=unit, kind=Evidence.Kind.FILE, title=title or received.name, created_by=by)
        evidence.full_clean()
        evidence.save()
        after = {"kind": evidence.kind, "title": evidence.title}
        record("evidence.added", by=by, target=evidence, unit_id=unit.pk, after=after)
        _add_version(evidence, 1, received, by)
    return evidence


@transaction.atomic
def add_version(
    evidence: Evidence, *, upload: BinaryIO | Received, name: str = "", by: User
) -> FileVersion:
    """A newer file beside the older ones, or the first file of a document that was only named. Raises what
    `receive` does, or UnitFull."""
    received = upload if isinstance(upload, Received) else receive(upload, name=name)
    with no_bytes_without_row(received):
        _require_room(evidence.unit, received)
        evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
        last = evidence.versions.aggregate(last=Max("number"))["last"] or 0
        return _add_version(evidence, last + 1, received, by)


@transaction.atomic
def take_down(version: FileVersion, *, reason: str, by: User) -> FileVersion:
    """Remove the bytes of a file that should not be here; its row, hash, and who decided it when and why stay.
    Raises ValidationError without a reason, or when it was taken down before."""
    version = FileVersion.objects.select_for_update(of=("self",)).select_related("evidence").get(pk=version.pk)
    if version.taken_down_at:
        raise ValidationError(_("This file was taken down already: load the page anew."))
    reason = one_line(reason)
    if not reason:
        raise ValidationError({"reason": _("Give the reason for taking the file down.")})
    version.taken_down_at, version.taken_down_by, version.taken_down_reason = timezone.now(), by, reason
    version.clean_fields()
    version.save(update_fields=["taken_down_at", "taken_down_by", "taken_down_reason"])
    record(
        "evidence.taken_down", by=by, target=version, unit_id=version.evidence.unit_id, reason=reason,
        before={"name": version.name, "number": version.number, "sha256": version.sha256},
    )
    remove_on_commit(version.key)
    return version


def discard(received: Received) -> None:
    """Remove a stored file that isn't needed, once the transaction stands."""
    remove_on_commit(received.stored.key)


@contextmanager
def no_bytes_without_row(received: Received) -> Iterator[None]:
    """What is refused after it was stored is removed at once: stand it around the whole transaction. What goes wrong
    once the row stands (a worker that is stopped, a connection lost) takes no byte from it."""
    try:
        yield
    except BaseException:
        if not _may_have_row(received.stored.key):
            remove_or_log(received.stored.key)
        raise


def _may_have_row(key: str) -> bool:
    """Whether a row stands, or nobody can say. Inside a transaction none does: what goes wrong ends that, too."""
    if transaction.get_connection().in_atomic_block:
        return False
    try:
        return FileVersion.objects.filter(key=key).exists()
    except DatabaseError:
        log.exception("Whether the stored file %s has a row is not known; verify_evidence --sweep will see.", key)
        return True


def _require_room(unit: Unit, received: Received) -> None:
    """Raise UnitFull if the file brings its unit beyond the limit; two uploads at once are counted one by one."""
    limit = settings.EVIDENCE_UNIT_GB * 2**30
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if bytes_of(unit) + received.stored.size > limit:
        raise UnitFull(limit)


def _add_version(evidence: Evidence, number: int, received: Received, by: User) -> FileVersion:
    key, size, sha256 = received.stored
    scan = FileVersion.Scan.WAITING if settings.CLAMD_URL else FileVersion.Scan.OFF
    version = FileVersion(
        evidence=evidence, number=number, name=received.name, key=key, size=size, sha256=sha256,
        content_type=received.content_type, uploaded_by=by, scan=scan,
    )
    version.clean_fields()
    version.save()
    record(
        "evidence.file_added", by=by, target=version, unit_id=evidence.unit_id,
        after={"evidence": evidence.pk, "number": number, "name": version.name, "size": size, "sha256": sha256},
    )
    if scan == FileVersion.Scan.WAITING:
        # The queue is a table of this database: the job stands exactly if the row does.
        scan_version.enqueue(version.pk)
    return version
