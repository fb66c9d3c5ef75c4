"""What a step is worth above its criterion: the averages of the one formula, tried with the new SM."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.formula import Average, Part, weighted_average
from scoring.engine.planner import Step
from scoring.engine.text import EXACT, Message, score_text, signed_text

Height = tuple[tuple[Part, ...], int]


class Place(NamedTuple):
    """Where a criterion stands: the parts of each average above it and its own position among them, its indicator's
    first. `total`: whether the last is the agreement's score (an excerpt has none). Parts have scores (at_floor)."""

    heights: tuple[Height, ...]
    total: bool = False


class Change(NamedTuple):
    """A score of four places before and after."""

    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """How much it rises (below 0: falls)."""
        return EXACT.subtract(self.after, self.before)

    @property
    def text(self) -> str:
        """The difference as printed, '+0.1000'."""
        return signed_text(self.difference)


class Gain(NamedTuple):
    """A step with what it does to SM, the indicator and the agreement (None where that has no score).

    `exact`: the rise of Σ(W × S) at each height before rounding, the topmost first; comparable within an agreement.
    """

    step: Step
    sm: Change
    indicator: Change
    agreement: Change | None
    exact: tuple[Decimal, ...]

    @property
    def sentence(self) -> Message:
        """'Complete item 4: SM 3.0000 → 4.0000, indicator +0.1000, agreement +0.0050'."""
        shown = f"SM {score_text(self.sm.before)} → {score_text(self.sm.after)}"
        th, en = f"{shown} ตัวชี้วัด {self.indicator.text}", f"{shown}, indicator {self.indicator.text}"
        if self.agreement:
            th, en = f"{th} คำรับรอง {self.agreement.text}", f"{en}, agreement {self.agreement.text}"
        return Message(f"{self.step.do.th}: {th}", f"{self.step.do.en}: {en}")


def at_floor(parts: Iterable[Part], floor: Decimal) -> tuple[Part, ...]:
    """`parts` with what is open at the floor, the score that 'not reported' would get."""
    return tuple(part if part.score is not None else part._replace(score=floor) for part in parts)


def climb(heights: Sequence[Height], score: Decimal) -> list[Average]:
    """The average at each height, when the part at the bottom has this score. Each is rounded once, as it is stored."""
    averages = []
    for parts, position in heights:
        changed = (*parts[:position], parts[position]._replace(score=score), *parts[position + 1:])
        averages.append(weighted_average(changed))
        score = averages[-1].score
    return averages


def gains(steps: Iterable[Step], now: Decimal, place: Place) -> list[Gain]:
    """What each step of a criterion that stands at SM `now` is worth at its place (one that is applicable)."""
    before = climb(place.heights, now)
    return [_gain(step, now, before, climb(place.heights, step.score), place.total) for step in steps]


def _gain(step: Step, now: Decimal, before: list[Average], after: list[Average], total: bool) -> Gain:
    changes = [Change(old.score, new.score) for old, new in zip(before, after, strict=True)]
    rises = [EXACT.subtract(new.sum_weighted, old.sum_weighted) for old, new in zip(before, after, strict=True)]
    return Gain(step, Change(now, step.score), changes[0], changes[-1] if total else None, tuple(rises[::-1]))


def ranked(found: Iterable[Gain]) -> list[Gain]:
    """The greatest gain first (before rounding), then the smaller effort, else as they came."""
    return sorted(found, key=rank)


def rank(gain: Gain) -> tuple:
    """The key by which gains are sorted."""
    return tuple(rise.copy_negate() for rise in gain.exact), gain.step.effort
