"""What one examination may take."""

from typing import NamedTuple

MEGABYTE = 1_000_000


class Limits(NamedTuple):
    """Bytes, counts and seconds. `unpacked` is the sum of a package's parts, `ratio` how much a part of more than
    `small` bytes may grow; `memory` is what the examining process may allocate."""

    size: int = 50 * MEGABYTE
    unpacked: int = 400 * MEGABYTE
    ratio: int = 200
    small: int = 16 * MEGABYTE
    entries: int = 5_000
    pixels: int = 120 * MEGABYTE  # the largest mode of a phone is 108, but for a few of 200
    pages: int = 2_000  # of a TIFF
    mail: int = 20 * MEGABYTE  # the parser takes five times as much
    depth: int = 3  # documents inside documents
    memory: int = 125 * MEGABYTE
    cpu_seconds: int = 5
    seconds: float = 20
