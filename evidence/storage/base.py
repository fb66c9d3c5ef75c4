"""What every storage of files has in common: names, what was stored, and reading in pieces."""
import datetime
import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, NamedTuple, Protocol

from evidence.problems import TooLarge

PIECE = 2**20
KEY = re.compile(r"[0-9a-f]{32}")


class Stored(NamedTuple):
    """A file that lies whole in the storage: its name there, its bytes, and their SHA-256 in hex."""

    key: str
    size: int
    sha256: str


class Entry(NamedTuple):
    """A file that the storage lists."""

    key: str
    size: int
    modified: datetime.datetime


class Storage(Protocol):
    """Where files lie. Everything raises StorageDown when the storage doesn't work."""

    def put(self, key: str, stream: BinaryIO, *, limit: int) -> Stored:
        """Store a stream whole or not at all, never over an existing name (FileExistsError)."""

    def read(self, key: str) -> AbstractContextManager[BinaryIO]:
        """The file, open for reading; raises FileMissing."""

    def size(self, key: str) -> int | None:
        """The bytes of a file, None without one."""

    def discard(self, key: str) -> None:
        """Remove a file; none is fine too."""

    def entries(self) -> Iterator[Entry]:
        """Every whole file."""

    def leftovers(self) -> Iterator[Entry]:
        """What interrupted uploads left behind."""

    def discard_leftover(self, key: str) -> None:
        """Remove what an interrupted upload left behind; none is fine too."""


class Measured:
    """A stream that counts and hashes what is read from it, and refuses (TooLarge) to give more than `limit` bytes."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._limit, self._hash, self.size = stream, limit, hashlib.sha256(), 0

    def read(self, size: int = PIECE) -> bytes:
        """The next bytes, at most `size`."""
        piece = self._stream.read(size)
        self.size += len(piece)
        if self.size > self._limit:
            raise TooLarge(self._limit)
        self._hash.update(piece)
        return piece

    def sha256(self) -> str:
        """The hash of what was read so far, in hex."""
        return self._hash.hexdigest()


def new_key() -> str:
    """A name that says nothing of the file and that nobody can guess."""
    return secrets.token_hex(16)


def sha256_of(stream: BinaryIO) -> tuple[int, str]:
    """Size and SHA-256 of a whole stream, read in pieces."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()
