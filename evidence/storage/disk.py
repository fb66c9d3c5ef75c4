"""Files on the local disk: written under a temporary name, hashed, fsynced, and renamed when whole."""
import datetime
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from evidence.problems import FileMissing, NotStored, StorageDown, StorageFull
from evidence.storage.base import KEY, PIECE, Entry, Measured, Stored

UNFINISHED = "unfinished"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Disk:
    """A folder of files, spread over folders by the first two characters of their names."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, stream: BinaryIO, *, limit: int) -> Stored:
        """Store a stream. Raises TooLarge, StorageFull, StorageDown or FileExistsError, and leaves no byte then."""
        part, path = self.root / UNFINISHED / key, self._path(key)
        with _disk_errors():
            for folder in (part.parent, path.parent):
                _make(folder)
            # Whoever holds this name holds the final one too: nobody else can rename over it meanwhile.
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            stored = _write(descriptor, key, Measured(stream, limit))
            _publish(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return stored

    def read(self, key: str) -> BinaryIO:
        """The file, open for reading; raises FileMissing or StorageDown."""
        with _disk_errors():
            return self._path(key).open("rb")

    def size(self, key: str) -> int | None:
        """The bytes of a file, None without one."""
        with _disk_errors():
            path = self._path(key)
            return path.stat().st_size if path.exists() else None

    def discard(self, key: str) -> None:
        """Remove a file; none is fine too."""
        _unlink(self._path(key))

    def entries(self) -> Iterator[Entry]:
        """Every whole file."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from (entry for entry in _listed(folder) if entry.key.startswith(folder.name))

    def leftovers(self) -> Iterator[Entry]:
        """What interrupted uploads left behind."""
        yield from _listed(self.root / UNFINISHED)

    def discard_leftover(self, key: str) -> None:
        """Remove what an interrupted upload left behind; none is fine too."""
        _unlink(self.root / UNFINISHED / key)

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the name of a stored file.")
        return self.root / key[:2] / key


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Turn the system's errors into sentences."""
    try:
        yield
    except FileExistsError:
        raise
    except FileNotFoundError as error:
        raise FileMissing() from error
    except OSError as error:
        raise (StorageFull() if error.errno in NO_ROOM else StorageDown()) from error


def _make(folder: Path) -> None:
    """Make a folder that survives a power failure."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)


def _write(descriptor: int, key: str, source: Measured) -> Stored:
    """Write the source in pieces until it lies on the disk."""
    with open(descriptor, "wb", buffering=0) as file:
        while piece := source.read(PIECE):
            with _disk_errors():
                rest = memoryview(piece)
                while rest:
                    rest = rest[file.write(rest) :]
        with _disk_errors():
            os.fsync(file.fileno())
    return Stored(key, source.size, source.sha256())


def _publish(part: Path, path: Path) -> None:
    """Give a whole file its name."""
    with _disk_errors():
        if path.exists():
            raise FileExistsError(errno.EEXIST, "A stored file has this name already", str(path))
        part.rename(path)
    try:
        with _disk_errors():
            _sync(path.parent)
    except NotStored:
        path.unlink(missing_ok=True)
        raise


def _unlink(path: Path) -> None:
    with _disk_errors():
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync(path.parent)


def _sync(folder: Path) -> None:
    """Bring a folder's names onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _listed(folder: Path) -> Iterator[Entry]:
    """The files of one folder that have a name of ours; one that vanishes meanwhile is left out."""
    for path in sorted(each for each in folder.glob("*") if KEY.fullmatch(each.name)):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        yield Entry(path.name, found.st_size, datetime.datetime.fromtimestamp(found.st_mtime, datetime.UTC))
