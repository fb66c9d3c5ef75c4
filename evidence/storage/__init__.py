"""Where the bytes of evidence lie: one file per version, under a random name, on the disk or in S3; and beside them
what others store in the same way."""
import datetime
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from evidence.storage.address import read_address
from evidence.storage.base import Entry, Storage, Stored, new_key, sha256_of
from evidence.storage.disk import Disk

__all__ = [
    "Entry", "Stored", "entries", "keys_older_than", "neighbour", "open_", "put", "remove", "sha256_of", "storage",
]


def storage() -> Storage:
    """The storage that the setting EVIDENCE_STORAGE names."""
    return _storage(settings.EVIDENCE_STORAGE)


def neighbour(name: str) -> Storage:
    """A storage of its own in a folder of this name beside the files of evidence; neither lists the other's."""
    return _storage(settings.EVIDENCE_STORAGE, name)


@lru_cache(maxsize=8)
def _storage(text: str, inside: str = "") -> Storage:
    """One storage per address and process: a client of S3 takes a fifth of a second to make."""
    address = read_address(text)
    if isinstance(address, Path):
        return Disk(address / inside)
    from evidence.storage.s3 import Bucket  # the library costs 30 MB, which only those pay who use it

    folder = "/".join(part for part in (address.folder, inside) if part)
    return Bucket(address.bucket, folder=folder, endpoint=address.endpoint, region=address.region)


def put(stream: BinaryIO, *, limit: int) -> Stored:
    """Store a stream of at most `limit` bytes under a new random name: when this returns, it lies whole and durable.
    Raises TooLarge, StorageFull or StorageDown, and leaves no byte behind then."""
    return storage().put(new_key(), stream, limit=limit)


def open_(key: str) -> AbstractContextManager[BinaryIO]:
    """A stored file, open for reading. Raises FileMissing or StorageDown."""
    return storage().read(key)


def remove(key: str) -> None:
    """Remove a stored file; none is fine too. Raises StorageDown."""
    storage().discard(key)


def entries() -> Iterator[Entry]:
    """Every stored file with its bytes and time. Raises StorageDown."""
    return storage().entries()


def keys_older_than(age: datetime.timedelta) -> list[str]:
    """The names of the stored files that are older than `age`. Raises StorageDown."""
    before = timezone.now() - age
    return [entry.key for entry in entries() if entry.modified < before]
