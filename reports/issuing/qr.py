"""A QR code as the path of an SVG: drawn by the template, sharp at any size, without a picture file."""
from itertools import groupby
from typing import NamedTuple

import segno

QUIET = 4  # modules of white around it: ISO/IEC 18004


class Qr(NamedTuple):
    """The dark modules as the `d` of a path, and the side of the square with its quiet zone, in modules."""

    path: str
    side: int


def qr_of(text: str) -> Qr:
    """The QR code of a text, error correction M: readable with a crease or a stamp across it."""
    matrix = segno.make(text, error="m", micro=False).matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, modules in groupby(row):
            width = len(list(modules))
            if dark:
                runs.append(f"M{x + QUIET} {y + QUIET}h{width}v1h-{width}z")
            x += width
    return Qr("".join(runs), len(matrix) + 2 * QUIET)
