"""A score over rounds and years: points joined where neighbours have scores, and said where there is none."""
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext

from reports.charts.bars import Ink
from reports.charts.scale import Scale, at, runs
from scoring.engine.text import score_text


class Moment(NamedTuple):
    """A round of a year with a score, None where there is none."""

    label: str  # '6 months'
    year: str
    score: Decimal | None


class Place(NamedTuple):
    """Of a score beside its dot: how far below it, and which end of the text is at the dot."""

    dy: int
    anchor: str


class Size(NamedTuple):
    """How a line is drawn: the way from point to point, its height and its margins."""

    step: int
    tall: int
    left: int
    top: int
    foot: int


CHART, SPARK = Size(step=84, tall=120, left=64, top=24, foot=58), Size(step=18, tall=20, left=8, top=5, foot=5)


ABOVE, BELOW, LEFT, RIGHT = Place(-10, "middle"), Place(20, "middle"), Place(-8, "end"), Place(-8, "start")
# So much higher or lower from dot to dot, a line runs through what stands above or below its end.
STEEP = 24


@dataclass(frozen=True)
class Dot:
    """A moment in the picture; `y` None: no score, which is written at the foot. `place`: where the score stands so
    that the line doesn't run through it."""

    label: str
    year: str
    score: str
    x: int
    y: Decimal | None
    place: Place


@dataclass(frozen=True)
class Trend:
    """A line over time. `levels` are the lines of the scale: what is written, and how high."""

    title: str
    about: str
    dots: tuple[Dot, ...]
    lines: tuple[tuple[Dot, Dot], ...]
    levels: tuple[tuple[str, Decimal], ...]
    width: int
    height: int
    size: Size

    @property
    def base(self) -> int:
        """The foot of the scale."""
        return self.size.top + self.size.tall

    @property
    def lines_drawn(self) -> bool:
        """Whether there are two moments, so that a line says something."""
        return len(self.dots) > 1

    @property
    def right(self) -> int:
        """Where the lines of the scale end."""
        return self.width - self.size.left // 2


def trend(
    title: str, moments: Sequence[Moment], scale: Scale, ink: Ink = str, size: Size = CHART
) -> Trend:
    """The line of these moments, in their order."""
    heights = [None if moment.score is None else _height(moment.score, scale, size) for moment in moments]
    places = [_place(*around) for around in zip([None, *heights], heights, [*heights[1:], None], strict=False)]
    dots = tuple(
        _dot(moment, ink, size.left + number * size.step, heights[number], places[number])
        for number, moment in enumerate(moments)
    )
    joined = runs([dot.y is not None for dot in dots])
    about = ", ".join(f"{dot.year} {dot.label}: {dot.score}" for dot in dots)
    return Trend(
        ink(title), about, dots, tuple((dots[a], dots[b]) for a, b in joined),
        tuple((ink(scale.said(level)), _height(level, scale, size)) for level in scale.levels),
        width=2 * size.left + size.step * max(len(dots) - 1, 0), height=size.top + size.tall + size.foot, size=size,
    )


def _height(score: Decimal, scale: Scale, size: Size) -> Decimal:
    return size.top + size.tall - at(score, scale.low, scale.high, size.tall)


def _dot(moment: Moment, ink: Ink, x: int, y: Decimal | None, place: Place) -> Dot:
    said = gettext("no score") if moment.score is None else score_text(moment.score)
    return Dot(ink(moment.label), ink(moment.year), ink(said), x, y, place)


def _place(before: Decimal | None, here: Decimal | None, after: Decimal | None) -> Place:
    """Above a peak and below a valley; on a steep way the score stands above the line, to its outer side. Heights count
    from above."""
    rises = [0 if None in (here, there) else here - there for there in (before, after)]
    if max(rises) <= STEEP:
        return ABOVE
    if min(rises) >= -STEEP:
        return BELOW
    return RIGHT if rises[0] > 0 else LEFT
