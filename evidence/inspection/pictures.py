"""Pictures: their blocks are walked to the end, which shows the size in pixels and whether they are whole.

Nothing is decoded: a PNG of 20 kB can unfold to 800 MB.
"""

import re
from typing import TYPE_CHECKING, BinaryIO

from evidence.inspection.reasons import Refused
from evidence.inspection.searching import MARKUP, read_at, search, size_of
from evidence.inspection.sniffing import check_tail
from evidence.inspection.tiff import walk_tiff

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
_GIF_SCRIPT = re.compile(rb"GIF8[79]a(?:/[*/]|=\s*[\w'\"`(\[{]+\s*;)")
_MEGA = 1_000_000


def examine(stream: BinaryIO, inspection: "Inspection") -> str:
    """'jpg', 'png', 'gif', 'webp', 'tif' or 'heic'. Raises Refused."""
    head = read_at(stream, 0, 12)
    known = ((kind, walk) for first, kind, walk in _WALKS if head.startswith(first))
    kind, walk = next(known, ("heic", _walk_heic))
    sizes, end = walk(stream, inspection.limits.pages) if kind == "tif" else walk(stream)
    if not sizes:
        raise Refused("broken")
    for width, height in sizes:
        if not width or not height:
            raise Refused("broken")
        if width * height > inspection.limits.pixels:
            raise Refused("pixels", limit=inspection.limits.pixels // _MEGA)
    if search(stream, MARKUP) is not None:
        raise Refused("polyglot")
    check_tail(stream, end)
    return kind


def _walk_jpeg(stream: BinaryIO) -> tuple[list[tuple[int, int]], int]:
    """Sizes and end: segments one by one, the compressed data between them skipped."""
    sizes, position = [], 2
    while True:
        first, marker = read_at(stream, position, 2)
        if first != 0xFF:
            raise Refused("broken")
        if marker == 0xFF:  # padding
            position += 1
        elif marker == 0xD9:
            return sizes, position + 2
        elif marker in _STANDALONE:
            position += 2
        else:
            length = int.from_bytes(read_at(stream, position + 2, 2), "big")
            if marker in _FRAMES:
                frame = read_at(stream, position + 5, 4)
                sizes.append((int.from_bytes(frame[2:], "big"), int.from_bytes(frame[:2], "big")))
            position += 2 + max(2, length)
            if marker == 0xDA:
                position = _end_of_scan(stream, position)


def _end_of_scan(stream: BinaryIO, position: int) -> int:
    found = search(stream, _MARKER, position)
    if found is None:
        raise Refused("broken")
    return found


def _walk_png(stream: BinaryIO) -> tuple[list[tuple[int, int]], int]:
    sizes, position, seen = [], 8, b""
    while seen != b"IEND":
        head = read_at(stream, position, 8)
        length, seen = int.from_bytes(head[:4], "big"), head[4:]
        if (seen == b"IHDR") != (position == 8):
            raise Refused("broken")
        if seen == b"IHDR":
            field = read_at(stream, position + 8, 8)
            sizes.append((int.from_bytes(field[:4], "big"), int.from_bytes(field[4:], "big")))
        position += 12 + length
        read_at(stream, position - 4, 4)
    return sizes, position


def _walk_gif(stream: BinaryIO) -> tuple[list[tuple[int, int]], int]:
    head = read_at(stream, 0, 32)
    if _GIF_SCRIPT.match(head):
        raise Refused("polyglot")
    sizes = [(int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"))]
    position = 13 + _colours(head[10])
    while True:
        kind = read_at(stream, position, 1)
        if kind == b";":
            return sizes if len(sizes) > 1 else [], position + 1
        if kind == b"!":
            position += 2
        elif kind == b",":
            field = read_at(stream, position + 1, 9)
            sizes.append((int.from_bytes(field[4:6], "little"), int.from_bytes(field[6:8], "little")))
            position += 11 + _colours(field[8])
        else:
            raise Refused("broken")
        while length := read_at(stream, position, 1)[0]:
            position += 1 + length
        position += 1


def _colours(flags: int) -> int:
    """The size of the colour table that follows."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _walk_webp(stream: BinaryIO) -> tuple[list[tuple[int, int]], int]:
    end = 8 + int.from_bytes(read_at(stream, 4, 4), "little")
    read_at(stream, end - 1, 1)
    field = read_at(stream, 12, 18)
    if field[:4] == b"VP8X":
        size = int.from_bytes(field[12:15], "little") + 1, int.from_bytes(field[15:18], "little") + 1
    elif field[:4] == b"VP8L" and field[8] == 0x2F:
        bits = int.from_bytes(field[9:13], "little")
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif field[:4] == b"VP8 " and field[11:14] == b"\x9d\x01\x2a":
        size = int.from_bytes(field[14:16], "little") & 0x3FFF, int.from_bytes(field[16:18], "little") & 0x3FFF
    else:
        raise Refused("broken")
    return [size], end


def _walk_heic(stream: BinaryIO) -> tuple[list[tuple[int, int]], int]:
    """The boxes of the top level; the sizes stand in the 'ispe' properties of 'meta'."""
    sizes, position, end = [], 0, size_of(stream)
    while position < end:
        head = read_at(stream, position, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if length == 1:
            length = int.from_bytes(read_at(stream, position + 8, 8), "big")
        elif length == 0:
            length = end - position
        if length < 8 or position + length > end or not re.fullmatch(rb"[ -~]{4}", kind):
            if sizes and not re.fullmatch(rb"[ -~]{4}", kind):
                break  # something stands behind the picture: the tail's business
            raise Refused("broken")
        if kind == b"meta":
            meta = read_at(stream, position, min(length, _MEGA))
            for match in re.finditer(rb"ispe\0{4}(.{4})(.{4})", meta, re.DOTALL):
                sizes.append((int.from_bytes(match[1], "big"), int.from_bytes(match[2], "big")))
        position += length
    return sizes, position


_WALKS = (
    (b"\xff\xd8\xff", "jpg", _walk_jpeg),
    (b"\x89PNG", "png", _walk_png),
    (b"GIF8", "gif", _walk_gif),
    (b"RIFF", "webp", _walk_webp),
    (b"II*\0", "tif", walk_tiff),
    (b"MM\0*", "tif", walk_tiff),
)
