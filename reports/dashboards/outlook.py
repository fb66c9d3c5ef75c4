"""What an agreement's score will be: so far, expected, and between which bounds. Plain values in and out."""
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.formula import Part, weighted_average
from scoring.engine.text import EXACT, quotient4


class Whole(NamedTuple):
    """What counts in an average, and what its own score is the average of: nothing, where that is a criterion's."""

    part: Part
    below: tuple["Whole", ...] = ()


class Ahead(NamedTuple):
    """An indicator as it counts in the agreement, and its score of the round before (None where it had none)."""

    whole: Whole
    before: Decimal | None

    @property
    def part(self) -> Part:
        """Its weight and score."""
        return self.whole.part


class Outlook(NamedTuple):
    """Scores of four places. Of `expected` what has a score counts as it is; what is open counts with its score of the
    round before, and at the lowest level where it had none. `least` and `most`: all that is open at the lowest or the
    highest level. `from_before` and `at_lowest`: how many indicators are open, in part too, by what they count with."""

    so_far: Decimal | None
    expected: Decimal
    least: Decimal
    most: Decimal
    open_weight: Decimal
    from_before: int
    at_lowest: int


def outlook(rows: Iterable[Ahead], low: Decimal, high: Decimal) -> Outlook | None:
    """The outlook of an agreement on a scale from `low` to `high`; None where nothing applies or a weight lacks."""
    counted = [row for row in rows if row.part.applicable]
    if not counted or not all(row.part.weight for row in counted):
        return None
    now = weighted_average([row.part for row in counted])
    opened = [row for row in counted if opened_of(row.part)]
    known = sum(row.before is not None for row in opened)
    return Outlook(
        now.score,
        _with(counted, [low if row.before is None else row.before for row in counted]),
        _with(counted, [low] * len(counted)), _with(counted, [high] * len(counted)),
        now.open_weight, known, len(opened) - known,
    )


def opened_of(part: Part) -> Decimal:
    """How much of a part's weight is open."""
    return part.weight if part.score is None else part.open_weight


def filled(whole: Whole, open_as: Decimal) -> Decimal:
    """The score of what counts when all that is open of it scores `open_as`: as if that had been reported, so that each
    average is rounded once."""
    if whole.part.score is None:
        return open_as
    if not whole.part.open_weight:
        return whole.part.score
    counted = [one for one in whole.below if one.part.applicable]
    return weighted_average([Part(one.part.weight, filled(one, open_as)) for one in counted]).score


def _with(counted: Sequence[Ahead], open_as: Sequence[Decimal]) -> Decimal:
    parts = [Part(row.part.weight, filled(row.whole, each)) for row, each in zip(counted, open_as, strict=True)]
    return weighted_average(parts).score


def at_stake(whole: Whole, low: Decimal, high: Decimal, total: Decimal) -> Decimal:
    """The points of the agreement's score that an indicator has not earned yet, W × (highest − S) / T of four places,
    with what is open of it at the lowest level."""
    return quotient4(EXACT.multiply(whole.part.weight, EXACT.subtract(high, filled(whole, low))), total)
