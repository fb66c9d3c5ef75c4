"""How wide columns of figures must be so that no figure breaks, and what gives way where the sheet is too narrow."""
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

# Of Sarabun, in em: a digit, a Thai digit, and what is narrower. A cell has its figures a little smaller than the text.
ARABIC, THAI, NARROW, CELL, PADDING = (Decimal(n) for n in ("0.56", "0.72", "0.3", "0.97", "0.8"))
MOST = 20
THAI_DIGITS = frozenset("๐๑๒๓๔๕๖๗๘๙")
# The letters that figures are tried in: the class of the table, and how large they are.
LETTERS = (("", Decimal(1)), ("less-figures", Decimal("0.82")), ("small-figures", Decimal("0.75")))
BROKEN = f"{LETTERS[-1][0]} broken-figures"
# The longest target that has a column of its own width, and stands there as a figure.
LONGEST = 10


class Figures(NamedTuple):
    """What stands in a kind of column, the em that its head takes at least, and how many such columns there are."""

    texts: Sequence[str]
    least: int
    times: int = 1


class Fitted(NamedTuple):
    """The whole em of each kind of column, for the class `fig-<n>`; `letters`: the classes of the smaller letter that
    they only fit in, or not even so, and the longest go on in a second line (BROKEN)."""

    widths: tuple[int, ...]
    letters: str = ""


def fit(columns: Sequence[Figures], room: int, at_most: int = 0) -> Fitted:
    """Columns for the longest figure of each within so many em, beside names that can be read, in the largest letter
    that lets them; where none does, as narrow as a smaller letter makes them, within `at_most`."""
    at_most = max(room, at_most)
    tried = [Fitted(tuple(_needed(column, size) for column in columns), letters) for letters, size in LETTERS]
    taken = [sum(width * column.times for width, column in zip(one.widths, columns, strict=True)) for one in tried]
    for limit in (room, min(min(taken), at_most)):
        for one, width in zip(tried, taken, strict=True):
            if width <= limit:
                return one
    share = at_most // max(1, sum(column.times for column in columns))
    return Fitted(tuple(min(width, share) for width in tried[-1].widths), BROKEN)


def ems(text: str) -> Decimal:
    """The width of a figure."""
    wide = (THAI if c in THAI_DIGITS else NARROW if c in ".,- " else ARABIC for c in text)
    return sum(wide, Decimal(0))


def _needed(column: Figures, size: Decimal) -> int:
    """Cell and lines included."""
    widest = longest(column.texts) * CELL * size + PADDING
    return max(column.least, min(MOST, int(widest) + 1))


def target_class(target: str) -> str:
    """How a target stands in its column: a figure on one line, or what is longer in several."""
    return "num" if len(target) <= LONGEST else "right"


def longest(texts: Iterable[str]) -> Decimal:
    """The width of the widest figure."""
    return max((ems(text) for text in texts), default=Decimal(0))
