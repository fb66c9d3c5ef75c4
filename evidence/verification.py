"""Whether the rows and the storage agree: every row has its file, every file its row."""
import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone

from evidence import storage
from evidence.models import FileVersion
from evidence.problems import FileMissing

# An upload in progress has its file before its row; none takes this long.
GRACE = datetime.timedelta(hours=1)


class Wrong(NamedTuple):
    """One thing that is wrong: a sentence, and for what a sweep may remove, the file's name in the storage."""

    sentence: str
    key: str = ""
    leftover: bool = False

    def sweep(self) -> bool:
        """Remove the file, if it is one that nothing needs; says whether it was."""
        if not self.key:
            return False
        if self.leftover:
            storage.storage().discard_leftover(self.key)
        else:
            storage.remove(self.key)
        return True


def everything_wrong(*, hashes: bool = False) -> Iterator[Wrong]:
    """All disagreements, one by one; with `hashes`, every byte is read and compared. Raises StorageDown."""
    listed = {entry.key: entry for entry in storage.entries()}
    yield from _rows(listed, hashes)
    yield from _files(listed)
    before = timezone.now() - GRACE
    for entry in storage.storage().leftovers():
        if entry.modified < before:
            yield Wrong(f"an interrupted upload was left behind: {entry.key}", entry.key, leftover=True)


def _rows(listed: dict[str, storage.Entry], hashes: bool) -> Iterator[Wrong]:
    """Rows whose file is missing or another."""
    for version in FileVersion.objects.filter(taken_down_at__isnull=True).order_by("pk").iterator():
        # A file younger than the listing is asked for by itself.
        size = listed[version.key].size if version.key in listed else storage.storage().size(version.key)
        if size is None:
            if FileVersion.objects.filter(pk=version.pk, taken_down_at__isnull=True).exists():
                yield Wrong(f"{_name(version)} has no file {version.key}")
        elif size != version.size:
            yield Wrong(f"{_name(version)} should have {version.size} bytes, its file {version.key} has {size}")
        elif hashes and not _same_hash(version):
            yield Wrong(f"{_name(version)} has another SHA-256 than its file {version.key}")


def _files(listed: dict[str, storage.Entry]) -> Iterator[Wrong]:
    """Files without a row, and bytes of what was taken down."""
    rows = dict(FileVersion.objects.values_list("key", "taken_down_at"))
    before = timezone.now() - GRACE
    for key, entry in listed.items():
        if key not in rows and entry.modified < before:
            yield Wrong(f"no row knows the file {key} ({entry.size} bytes)", key)
        elif rows.get(key):
            yield Wrong(f"the file {key} was taken down but is still there", key)


def _same_hash(version: FileVersion) -> bool:
    try:
        with storage.open_(version.key) as stream:
            return storage.sha256_of(stream) == (version.size, version.sha256)
    except FileMissing:
        return False


def _name(version: FileVersion) -> str:
    return f"version {version.number} of evidence {version.evidence_id} (row {version.pk})"
