"""The zip directory of an Office or OpenDocument file: checked before anything is unpacked, then part by part."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from evidence.inspection.limits import Limits
from evidence.inspection.reasons import Refused
from evidence.inspection.searching import read_at, size_of

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_MOST_DIRECTORY = 4_000_000
_ALL_ONES = 0xFFFFFFFF
_UNSAFE_NAME = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_PIECE = 1 << 16


def open_package(stream: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """The package, its directory found plausible. Refused: 'broken', 'polyglot', 'bomb', 'names', 'encrypted'."""
    _check_directory(stream, limits)
    stream.seek(0)
    try:
        package = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, RuntimeError) as error:
        raise Refused("broken") from error
    _check_entries(stream, package.infolist(), limits)
    return package


def _check_directory(stream: BinaryIO, limits: Limits) -> None:
    """The end record: at the very end, with a directory that is small and stands where it says."""
    size = size_of(stream)
    start = max(0, size - 22 - 65_535)
    tail = read_at(stream, start, size - start)
    found = tail.rfind(_END)
    if found < 0:
        raise Refused("broken")
    record = tail[found : found + 22]
    if len(record) < 22:
        raise Refused("broken")
    if tail[found + 22 + int.from_bytes(record[20:22], "little") :].strip(b"\0"):
        raise Refused("polyglot")
    count, length, offset = (int.from_bytes(record[i:j], "little") for i, j in ((10, 12), (12, 16), (16, 20)))
    end = start + found
    if _ALL_ONES in (length, offset) or count == 0xFFFF:
        count, length, offset, end = _directory64(stream, end)
    if count > limits.entries or length > _MOST_DIRECTORY:
        raise Refused("bomb")
    if offset + length != end:
        raise Refused("polyglot" if offset + length < end else "broken")


def _directory64(stream: BinaryIO, end: int) -> tuple[int, int, int, int]:
    """Count, length, offset and end of the directory, as the records for large archives tell."""
    if end < 76 or (locator := read_at(stream, end - 20, 20))[:4] != _LOCATOR64:
        raise Refused("broken")
    position = int.from_bytes(locator[8:16], "little")
    if position + 56 > end or (record := read_at(stream, position, 56))[:4] != _END64:
        raise Refused("broken")
    count, length, offset = (int.from_bytes(record[i : i + 8], "little") for i in (32, 40, 48))
    return count, length, offset, position


def _check_entries(stream: BinaryIO, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Names, sizes and places of the entries, as the directory claims them."""
    names = [entry.orig_filename for entry in entries]
    if any(_UNSAFE_NAME.search(name) for name in names) or len({name.lower() for name in names}) < len(names):
        raise Refused("names")
    if any(entry.external_attr >> 28 == 0xA for entry in entries):  # a symbolic link
        raise Refused("names")
    if any(entry.flag_bits & 0x41 for entry in entries):
        raise Refused("encrypted")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise Refused("broken")
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise Refused("bomb")
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end or _swells(entry, limits):
            raise Refused("bomb")
        if not end and entry.header_offset:
            raise Refused("polyglot")
        header = read_at(stream, entry.header_offset, 30)
        end = entry.header_offset + 30 + sum(int.from_bytes(header[i : i + 2], "little") for i in (26, 28))
        end += entry.compress_size


def _swells(entry: zipfile.ZipInfo, limits: Limits) -> bool:
    return entry.file_size > limits.small and entry.file_size > limits.ratio * max(1, entry.compress_size)


def unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry's bytes in pieces, never more than the directory claims. 'broken' if its checksum is wrong."""
    try:
        with package.open(entry) as part:
            while piece := part.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise Refused("broken") from error
