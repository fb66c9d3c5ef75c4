"""How wide columns of figures must be so that no figure breaks, and what gives way where the sheet is too narrow."""
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

# Of Sarabun, in em: a digit, a Thai digit, and what is narrower. A cell has its figures a little smaller than the text.
ARABIC, THAI, NARROW, CELL, PADDING = (Decimal(n) for n in ("0.56", "0.72", "0.3", "0.97", "0.8"))
MOST = 20
THAI_DIGITS = frozenset("๐๑๒๓๔๕๖๗๘๙")
SMALL = Decimal("0.75")


class Figures(NamedTuple):
    """What stands in a kind of column, the em that its head takes at least, and how many such columns there are."""

    texts: Sequence[str]
    least: int
    times: int = 1


class Fitted(NamedTuple):
    """The whole em of each kind of column, for the class `fig-<n>`; `small`: the figures only fit in a smaller letter,
    `broken`: not even so, and the longest go on in a second line."""

    widths: tuple[int, ...]
    small: bool = False
    broken: bool = False


def fit(columns: Sequence[Figures], room: int, at_most: int = 0) -> Fitted:
    """Columns for the longest figure of each within so many em, beside names that can be read; in the smaller letter
    they may take `at_most`, if that is more."""
    at_most = max(room, at_most)
    for small, within in ((False, room), (True, at_most)):
        widths = tuple(_needed(column, small) for column in columns)
        if sum(width * column.times for width, column in zip(widths, columns, strict=True)) <= within:
            return Fitted(widths, small)
    share = at_most // max(1, sum(column.times for column in columns))
    return Fitted(tuple(min(width, share) for width in widths), True, True)


def ems(text: str) -> Decimal:
    """The width of a figure."""
    wide = (THAI if c in THAI_DIGITS else NARROW if c in ".,- " else ARABIC for c in text)
    return sum(wide, Decimal(0))


def _needed(column: Figures, small: bool) -> int:
    """Cell and lines included."""
    widest = longest(column.texts) * CELL * (SMALL if small else 1) + PADDING
    return max(column.least, min(MOST, int(widest) + 1))


def longest(texts: Iterable[str]) -> Decimal:
    """The width of the widest figure."""
    return max((ems(text) for text in texts), default=Decimal(0))
