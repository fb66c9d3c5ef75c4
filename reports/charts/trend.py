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


class Size(NamedTuple):
    """How a line is drawn: the way from point to point, its height and its margins."""

    step: int
    tall: int
    left: int
    top: int
    foot: int


CHART, SPARK = Size(step=84, tall=120, left=64, top=24, foot=44), Size(step=18, tall=20, left=8, top=5, foot=5)


@dataclass(frozen=True)
class Dot:
    """A moment in the picture; `y` None: no score, which is written at the foot."""

    label: str
    year: str
    score: str
    x: int
    y: Decimal | None


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
    dots = tuple(_dot(place, moment, scale, ink, size) for place, moment in enumerate(moments))
    joined = runs([dot.y is not None for dot in dots])
    about = ", ".join(f"{dot.year} {dot.label}: {dot.score}" for dot in dots)
    return Trend(
        ink(title), about, dots, tuple((dots[a], dots[b]) for a, b in joined),
        tuple((ink(scale.said(level)), _height(level, scale, size)) for level in scale.levels),
        width=2 * size.left + size.step * max(len(dots) - 1, 0), height=size.top + size.tall + size.foot, size=size,
    )


def _height(score: Decimal, scale: Scale, size: Size) -> Decimal:
    return size.top + size.tall - at(score, scale.low, scale.high, size.tall)


def _dot(place: int, moment: Moment, scale: Scale, ink: Ink, size: Size) -> Dot:
    said = gettext("no score") if moment.score is None else score_text(moment.score)
    y = None if moment.score is None else _height(moment.score, scale, size)
    return Dot(ink(moment.label), ink(moment.year), ink(said), size.left + place * size.step, y)
