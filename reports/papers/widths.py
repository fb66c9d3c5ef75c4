"""How wide a column of figures must be so that none of them breaks."""
from collections.abc import Iterable
from decimal import Decimal

# Of Sarabun, in em: a digit, a Thai digit, and what is narrower. A cell has its figures a little smaller than the text.
ARABIC, THAI, NARROW, CELL, PADDING = (Decimal(n) for n in ("0.56", "0.72", "0.3", "0.97", "0.8"))
MOST = 20
THAI_DIGITS = frozenset("๐๑๒๓๔๕๖๗๘๙")
SMALL = Decimal("0.75")


def ems(text: str) -> Decimal:
    """The width of a figure."""
    wide = (THAI if c in THAI_DIGITS else NARROW if c in ".,- " else ARABIC for c in text)
    return sum(wide, Decimal(0))


def column(texts: Iterable[str], least: int = 2, small: bool = False) -> int:
    """The whole em that a column of these figures takes, cell and lines included, for the class `fig-<n>`."""
    widest = max((ems(text) for text in texts), default=Decimal(0))
    needed = widest * CELL * (SMALL if small else 1) + PADDING
    return max(least, min(MOST, int(needed) + 1))
