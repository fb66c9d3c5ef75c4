"""Target values and the one interpolation of the tree (domain.md, rubric 4)."""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.text import EXACT, quotient4, round4

_fma = EXACT.fma


class Targets(NamedTuple):
    """A ladder of targets ready for speed: between points i and i + 1 the score is (rise × value + base) / span.

    `points` rise always: those of falling targets stand with their sign turned.
    """

    points: tuple[Decimal, ...]
    scores: tuple[Decimal, ...]
    rises: tuple[Decimal, ...]
    spans: tuple[Decimal, ...]
    bases: tuple[Decimal, ...]
    falling: bool

    def pairs(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """(score, target) as entered, from the lowest score to the highest."""
        points = (point.copy_negate() for point in self.points) if self.falling else self.points
        return tuple(zip(self.scores, points, strict=True))


def make_targets(pairs: Sequence[tuple[Decimal, Decimal]]) -> Targets:
    """Targets from two or more (score, target): scores rising, targets strictly rising or strictly falling."""
    scores = tuple(round4(score) for score, _ in pairs)
    falling = pairs[0][1] > pairs[-1][1]
    points = tuple(target.copy_negate() if falling else target for _, target in pairs)
    rises = tuple(map(EXACT.subtract, scores[1:], scores))
    spans = tuple(map(EXACT.subtract, points[1:], points))
    bases = tuple(
        EXACT.subtract(EXACT.multiply(score, span), EXACT.multiply(point, rise))
        for score, span, point, rise in zip(scores, spans, points, rises))  # the highest score has no span
    return Targets(points, scores, rises, spans, bases, falling)


def interpolate(targets: Targets, value: Decimal, scale_min: Decimal) -> Decimal:
    """SM of `value` (in the targets' unit), four places, rounded once: linear between two neighbouring targets.

    `scale_min` below the lowest target; the highest score from the highest target on (domain.md, rubric 4).
    """
    points, scores, rises, spans, bases, falling = targets
    if falling:
        value = value.copy_negate()
    above = bisect_right(points, value)
    if above == 0:
        return scale_min
    if above == len(points):
        return scores[-1]
    below = above - 1
    return quotient4(_fma(rises[below], value, bases[below]), spans[below])


def step(targets: Targets, value: Decimal, scale_min: Decimal) -> Decimal:
    """SM of `value` where the rubric says 'step': the score of the highest level reached (domain.md, rubric 4)."""
    reached = bisect_right(targets.points, value.copy_negate() if targets.falling else value)
    return targets.scores[reached - 1] if reached else scale_min


def scaled(targets: Targets, factor: Decimal) -> Targets:
    """The same ladder in a unit `factor` (> 0) times smaller.

    A quotient n / d has on `targets` the score that n has on scaled(targets, d): so formulas stay exact.
    """
    if factor == 1:
        return targets
    def times(numbers: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        return tuple(EXACT.multiply(number, factor) for number in numbers)

    return targets._replace(points=times(targets.points), spans=times(targets.spans), bases=times(targets.bases))
