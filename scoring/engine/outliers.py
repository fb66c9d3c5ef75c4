"""Which of many units' figures lie far from the others: by median and median deviation, which one wrong figure
doesn't move."""
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

FEWEST = 5  # of fewer figures nobody can say which one is odd
TIMES = Decimal(3)
# What makes the median deviation of normally distributed figures their standard deviation.
CONSISTENCY = Decimal("1.4826")


class Spread(NamedTuple):
    """The middle of the figures, and how far from it one may lie."""

    median: Decimal
    limit: Decimal

    def is_outlier(self, value: Decimal) -> bool:
        """Whether a figure lies further from the middle than the limit."""
        return abs(value - self.median) > self.limit


def spread(values: Sequence[Decimal]) -> Spread | None:
    """Median and limit, 3 × MAD × 1.4826, of the figures; None of fewer than five."""
    if len(values) < FEWEST:
        return None
    with localcontext(prec=60):
        middle = median(values)
        return Spread(middle, TIMES * CONSISTENCY * median([abs(value - middle) for value in values]))


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle figure, of an even number the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
