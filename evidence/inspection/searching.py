"""Searching a file in pieces, so that no large one ever lies in memory as a whole."""

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from evidence.inspection.reasons import Refused

PIECE = 1 << 18
OVERLAP = 128  # longer than anything that is looked for
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD"
# What a browser could take for a page; pictures and the ends of other files have no use for it.
MARKUP = re.compile(
    rb"<(?:!doctype[\s>]|html[\s>]|script[\s>]|svg[\s>]|iframe[\s>]|body[\s>]|\?php|jsp:|hta:)", re.IGNORECASE
)
_ZIP_END, _ZIP_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ZIP_END_REACH = 22 + 65_535 + 1024


def size_of(stream: BinaryIO) -> int:
    """The size in bytes; the position moves to the end."""
    return stream.seek(0, os.SEEK_END)


def read_at(stream: BinaryIO, position: int, count: int) -> bytes:
    """`count` bytes from `position`; 'broken' if the file ends before."""
    stream.seek(position)
    found = stream.read(count)
    if len(found) < count:
        raise Refused("broken")
    return found


def pieces(stream: BinaryIO, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Position and bytes of overlapping pieces from `start` to the end."""
    stream.seek(start)
    kept = b""
    while piece := stream.read(PIECE):
        yield start - len(kept), kept + piece
        start += len(piece)
        kept = piece[-OVERLAP:]


def search(stream: BinaryIO, pattern: re.Pattern[bytes], start: int = 0) -> int | None:
    """Where `pattern` (matching less than OVERLAP bytes) first stands at or behind `start`."""
    for position, piece in pieces(stream, start):
        if match := pattern.search(piece):
            return position + match.start()
    return None


def holds(stream: BinaryIO, what: bytes) -> bool:
    """Whether these bytes stand anywhere in the file."""
    return any(what in piece for _, piece in pieces(stream))


def ends_as_zip(stream: BinaryIO) -> bool:
    """Whether a reader of zip archives, which looks from the end, would take the file for one."""
    size = size_of(stream)
    start = max(0, size - _ZIP_END_REACH)
    tail = read_at(stream, start, size - start)
    found = tail.rfind(_ZIP_END)
    while found >= 0:
        length = int.from_bytes(tail[found + 12 : found + 16], "little")
        directory = start + found - length
        if length and directory >= 0 and read_at(stream, directory, 4) == _ZIP_ENTRY:
            return True
        found = tail.rfind(_ZIP_END, 0, found)
    return False
