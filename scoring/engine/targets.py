"""Target values and the one interpolation of the tree (domain.md, rubric 4)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.text import CUT, EXACT, FOUR_PLACES, divide_score, quantize, round4

_fma = EXACT.fma
Line = tuple[Decimal, Decimal, Decimal | None]


class Targets(NamedTuple):
    """A ladder of targets ready for speed.

    `points` are the targets in rising order; bisecting them with `find` numbers the gap that a value lies in,
    and lines[gap] holds (rise, base, span) of that gap: its scores are (rise × value + base) / span, with
    span None for 1. The gap below the lowest target has None. `floors` are the scores of a stepped rubric in
    the same order.
    """

    pairs: tuple[tuple[Decimal, Decimal], ...]
    points: tuple[Decimal, ...]
    find: Callable[[Sequence[Decimal], Decimal], int]
    lines: tuple[Line | None, ...]
    floors: tuple[Decimal | None, ...]

    @property
    def falling(self) -> bool:
        """Whether less is better."""
        return self.find is bisect_left

    def reached(self, value: Decimal) -> int:
        """How many of the targets `value` reaches."""
        gap = self.find(self.points, value)
        return len(self.points) - gap if self.falling else gap


def make_targets(pairs: Sequence[tuple[Decimal, Decimal]]) -> Targets:
    """Targets from two or more (score, target): scores rising, targets strictly rising or strictly falling.
    """
    pairs = tuple((round4(score), target) for score, target in pairs)
    best = pairs[-1][0]
    lines = [None, *map(_line, pairs, pairs[1:]), (Decimal(0), best, None)]
    points, floors = [target for _, target in pairs], [None, *(score for score, _ in pairs)]
    if points[0] < points[-1]:
        return Targets(pairs, tuple(points), bisect_right, tuple(lines), tuple(floors))
    return Targets(pairs, tuple(points[::-1]), bisect_left, tuple(lines[::-1]), tuple(floors[::-1]))


def _line(lower: tuple[Decimal, Decimal], upper: tuple[Decimal, Decimal]) -> Line:
    """The straight line through two (score, target)."""
    (low, start), (high, end) = lower, upper
    rise, span = EXACT.subtract(high, low), EXACT.subtract(end, start)
    base = EXACT.subtract(EXACT.multiply(low, span), EXACT.multiply(start, rise))
    slope, offset = CUT.divide(rise, span), CUT.divide(base, span)
    if EXACT.multiply(slope, span) == rise and EXACT.multiply(offset, span) == base:
        return slope, offset, None  # the division ends, so it need not be done again for each value
    return rise, base, span


def interpolation(targets: Targets, scale_min: Decimal) -> Callable[[Decimal], Decimal]:
    """The function from a value (in the targets' unit) to SM: linear between two neighbouring targets.

    `scale_min` below the lowest target; the highest score from the highest target on (domain.md, rubric 4).
    Four places, rounded once.
    """
    _, points, find, lines, _ = targets

    def score_of(value: Decimal) -> Decimal:
        line = lines[find(points, value)]
        if line is None:
            return scale_min
        rise, base, span = line
        number = _fma(rise, value, base)
        return quantize(number if span is None else divide_score(number, span), FOUR_PLACES)

    return score_of


def interpolate(targets: Targets, value: Decimal, scale_min: Decimal) -> Decimal:
    """SM of one `value`; see `interpolation`, which it is."""
    return interpolation(targets, scale_min)(value)


def stepping(targets: Targets, scale_min: Decimal) -> Callable[[Decimal], Decimal]:
    """The function from a value to SM where the rubric says 'step': the score of the highest level reached.
    """
    def score_of(value: Decimal) -> Decimal:
        floor = targets.floors[targets.find(targets.points, value)]
        return scale_min if floor is None else floor

    return score_of


def scaled(targets: Targets, factor: Decimal) -> Targets:
    """The same ladder in a unit `factor` (> 0) times smaller.

    A quotient n / d has on `targets` the score that n has on scaled(targets, d): so formulas stay exact.
    """
    if factor == 1:
        return targets
    return make_targets([(score, EXACT.multiply(target, factor)) for score, target in targets.pairs])
