"""TIFF: the directories of its pages, one after the other."""

import struct
from typing import BinaryIO

from evidence.inspection.reasons import Refused
from evidence.inspection.searching import read_at, size_of

_WIDTH, _HEIGHT, _STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 256, 257, 273, 279, 324, 325
_SIZES = {1: 1, 3: 2, 4: 4}
_MOST_STRIPS = 200_000


def walk_tiff(stream: BinaryIO, most_pages: int) -> tuple[list[tuple[int, int]], int]:
    """The pages' sizes, and the file's end: the parts of a TIFF lie in any order."""
    order = "<" if read_at(stream, 0, 2) == b"II" else ">"
    end, sizes, visited = size_of(stream), [], []
    (position,) = struct.unpack(f"{order}I", read_at(stream, 4, 4))
    while position:
        if position in visited or len(visited) >= most_pages:
            raise Refused("broken")
        visited.append(position)
        fields, position = _directory(stream, position, order)
        sizes.append((max(fields.get(_WIDTH) or [0]), max(fields.get(_HEIGHT) or [0])))
        for starts, lengths in ((_STRIPS, _STRIP_SIZES), (_TILES, _TILE_SIZES)):
            for start, length in zip(fields.get(starts, ()), fields.get(lengths, ()), strict=False):
                if start + length > end:
                    raise Refused("broken")
    return sizes, end


def _directory(stream: BinaryIO, position: int, order: str) -> tuple[dict[int, list[int]], int]:
    """The fields that matter, and where the next page's directory stands (0 for none)."""
    (count,) = struct.unpack(f"{order}H", read_at(stream, position, 2))
    table = read_at(stream, position + 2, count * 12 + 4)
    fields = {}
    for start in range(0, count * 12, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", table, start)
        if tag not in (_WIDTH, _HEIGHT, _STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES) or kind not in _SIZES:
            continue
        if number > _MOST_STRIPS:
            raise Refused("broken")
        length = number * _SIZES[kind]
        raw = table[start + 8 : start + 8 + length]
        if length > 4:
            raw = read_at(stream, struct.unpack_from(f"{order}I", table, start + 8)[0], length)
        fields[tag] = list(struct.unpack(f"{order}{number}{'BHI'[_SIZES[kind] // 2]}", raw))
    return fields, struct.unpack_from(f"{order}I", table, count * 12)[0]
