"""What it does to the scores when a criterion leaves a round: for whoever decides on a request."""
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scoring.engine.formula import Part, weighted_average
from scoring.engine.gains import Height, at_floor, climb
from scoring.queries.results import ResultSheet
from scoring.queries.standing import Standing, groups_over
from scoring.what_if import line_of

Scores = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class LeftOut:
    """Scores with open parts at the floor, before and after a criterion leaves the round; None where there is none
    (`agreement` and `groups`, by their names from the outermost in, also where their reader may not see them)."""

    indicator: Scores
    groups: tuple[tuple[str, Scores], ...] = ()
    agreement: Scores | None = None


def left_out(sheet: ResultSheet, criterion: int, standing: Standing | None) -> LeftOut | None:
    """The scores without a criterion (its key); None while the definition is unfinished."""
    if not sheet.scorable:
        return None
    floor = sheet.criteria[0].agreement.scale_min
    without = [
        one.part._replace(applicable=False) if one.criterion.pk == criterion else one.part for one in sheet.criteria
    ]
    parts = [one.part for one in sheet.criteria]
    before, after = (weighted_average(at_floor(each, floor)).score for each in (parts, without))
    if before is None or line_of(sheet, standing) is None:
        return LeftOut((before, after))
    heights = standing.above[sheet.result.indicator_id]
    *below, (top, position) = heights
    now, then = ((_topmost(below, score) if below else score) for score in (before, after))
    groups = tuple(
        (str(group), (_of_members(top, members, position, now), _of_members(top, members, position, then)))
        for group, members in groups_over(standing, position)
    )
    return LeftOut((before, after), groups, (climb(heights, before)[-1].score, _topmost(heights, after)))


def _of_members(top: Sequence[Part], members: Sequence[int], position: int, score: Decimal | None) -> Decimal | None:
    """A group's average over its members (by position among the agreement's parts) when one of them has this score."""
    parts = [_scored(top[each], score) if each == position else top[each] for each in members]
    return weighted_average(parts).score


def _scored(part: Part, score: Decimal | None) -> Part:
    return part._replace(applicable=False) if score is None else part._replace(score=score)


def _topmost(heights: Sequence[Height], score: Decimal | None) -> Decimal | None:
    """The score at the last height when the part at the bottom has this one; with none it does not apply, nor what is
    made of it alone."""
    if score is not None:
        return climb(heights, score)[-1].score
    (parts, position), *above = heights
    without = (*parts[:position], parts[position]._replace(applicable=False), *parts[position + 1:])
    average = weighted_average(without).score
    return _topmost(above, average) if above else average
