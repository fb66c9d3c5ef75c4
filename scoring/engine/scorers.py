"""From a plain answer to SM, one function per kind of rubric, made once per rubric (domain.md, 'Rubrics').

Each takes the rubric's tables and gives the function that scores an answer; `floor` is the scale's minimum.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from decimal import Decimal

from scoring.engine.basedata import Quotient
from scoring.engine.fields import fail
from scoring.engine.targets import Targets, interpolation, scaled, stepping
from scoring.engine.text import plain, round4

Answer = Set[str] | int | tuple[int, int] | Decimal | Quotient
Scorer = Callable[[Answer], Decimal]


def milestones_scorer(levels: Sequence[tuple[Decimal, frozenset[str]]], floor: Decimal) -> Scorer:
    """Of the set of items done: the highest level whose items and all items of the levels below are done."""
    def score_of(done: Set[str]) -> Decimal:
        reached = floor
        for level, items in levels:
            if not items <= done:
                break
            reached = level
        return reached

    return score_of


def count_scorer(counts: Sequence[int], scores: Sequence[Decimal], floor: Decimal) -> Scorer:
    """Of a number of items: the score for that many or more."""
    scores = (floor, *scores)
    return lambda number: scores[bisect_right(counts, number)]


def complete_count_scorer(counted: Scorer, none: Decimal, incomplete: Decimal) -> Scorer:
    """Of (number done, number with complete evidence): `counted` for the complete ones, if there are any."""
    def score_of(numbers: tuple[int, int]) -> Decimal:
        done, complete = numbers
        if complete:
            return counted(complete)
        return incomplete if done else none

    return score_of


def thresholds_scorer(targets: Targets, floor: Decimal, stepped: bool) -> Scorer:
    """Of the figure, in the targets' unit."""
    return (stepping if stepped else interpolation)(targets, floor)


def formula_scorer(targets: Targets, floor: Decimal, stepped: bool) -> Scorer:
    """Of the formula's exact quotient (numerator, denominator > 0)."""
    return lambda quotient: thresholds_scorer(scaled(targets, quotient[1]), floor, stepped)(quotient[0])


def level_scorer(scale: tuple[Decimal, Decimal]) -> Scorer:
    """Of a committee's level, which is the score; EngineError for a level outside the scale."""
    low, high = scale

    def score_of(level: Decimal) -> Decimal:
        if not low <= level <= high:
            fail(
                f"ระดับ {level:f} อยู่นอกช่วงคะแนน ให้กรอกระหว่าง {plain(low)} ถึง {plain(high)}",
                f"the level {level:f} is outside the scale: enter one from {plain(low)} to {plain(high)}",
                "result.value",
            )
        return round4(level)

    return score_of
