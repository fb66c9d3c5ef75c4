"""Where a value lies on a drawn line: exact until it is rounded to a tenth of a unit of the picture."""
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.text import EXACT, plain, quantize, quotient4

TENTH = Decimal("0.1")
# What a figure in a picture is: scored, without a score yet, left out of the round, or not for this reader.
SCORED, OPEN, NOT_APPLICABLE, HIDDEN = "scored", "open", "not_applicable", "hidden"


class Scale(NamedTuple):
    """The scale of an agreement's scores, and its levels (1, 2, 3, 4, 5)."""

    low: Decimal
    high: Decimal
    levels: tuple[Decimal, ...]

    @property
    def zero(self) -> Decimal:
        """Where bars begin: at 0, so that twice the score is twice the length."""
        return min(Decimal(0), self.low)

    def level_of(self, score: Decimal) -> Decimal:
        """The level that a score has reached: the highest that isn't above it (4.9999 has reached 4)."""
        reached = [level for level in self.levels if level <= score]
        return reached[-1] if reached else self.levels[0]

    def said(self, level: Decimal) -> str:
        """A level as it is written."""
        return plain(level)


def at(value: Decimal, low: Decimal, high: Decimal, length: int) -> Decimal:
    """How far `value` lies from the beginning of a line of this length that runs from `low` to `high`, to a tenth; what
    lies outside stands at the end."""
    inside = min(max(value, low), high)
    exact = quotient4(EXACT.multiply(EXACT.subtract(inside, low), Decimal(length)), EXACT.subtract(high, low))
    return tenth(exact)


def tenth(number: Decimal) -> Decimal:
    """A coordinate to a tenth."""
    rounded = quantize(number, TENTH)
    return rounded if rounded else rounded.copy_abs()


def from_float(number: float) -> Decimal:
    """A coordinate that came from an angle."""
    return tenth(Decimal(repr(number)))


def runs(found: Sequence[bool]) -> list[tuple[int, int]]:
    """The neighbours that are both there, by their positions: a line is drawn between these only."""
    return [(n, n + 1) for n in range(len(found) - 1) if found[n] and found[n + 1]]
