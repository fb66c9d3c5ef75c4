"""The issues of one indicator around a centre: where it is strong, where it is weak."""
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext

from reports.charts.bars import Ink
from reports.charts.rows import Issue, score_said
from reports.charts.scale import SCORED, Scale, at, from_float, runs

RADIUS, MARGIN_X, MARGIN_Y, LABEL = 100, 116, 30, 12
LEAST = 3  # two axes make no area
# More axes than these, and longer labels, stand alone: the scores are in the table.
MOST_SAID, LONGEST_LABEL = 12, 6


class Point(NamedTuple):
    """A place in the picture."""

    x: Decimal
    y: Decimal


class Line(NamedTuple):
    """From one place to another."""

    start: Point
    end: Point


@dataclass(frozen=True)
class Axis:
    """One issue: its axis from the centre, its label, and its point (None where it has no score)."""

    label: str
    name: str
    score: str
    end: Point
    text: Point
    anchor: str
    said: str
    point: Point | None


@dataclass(frozen=True)
class Radar:
    """The radar of an indicator. `outline` closes only where every issue has a score; else `lines` join neighbours."""

    title: str
    about: str
    axes: tuple[Axis, ...]
    rings: tuple[tuple[str, str, Point], ...]  # the points of a level's ring, the level, where it is written
    outline: str
    lines: tuple[Line, ...]
    centre: Point
    width: int = 2 * (RADIUS + MARGIN_X)
    height: int = 2 * (RADIUS + MARGIN_Y)


def radar(title: str, issues: Sequence[Issue], scale: Scale, ink: Ink = str) -> Radar | None:
    """The radar of these issues, None for fewer than three: the first stands at the top, the others clockwise."""
    if len(issues) < LEAST:
        return None
    axes = tuple(_axis(place, issue, len(issues), scale, ink) for place, issue in enumerate(issues))
    points = [axis.point for axis in axes]
    whole = all(points)
    closed = [*points, points[0]]
    joined = [] if whole else runs([point is not None for point in closed])
    about = ", ".join(f"{axis.label}: {axis.score}" for axis in axes)
    return Radar(
        ink(gettext("Issues of %(name)s") % {"name": title}), about, axes,
        tuple(_ring(level, len(issues), scale, ink) for level in scale.levels),
        outline=_joined(points) if whole else "",
        lines=tuple(Line(closed[a], closed[b]) for a, b in joined), centre=_place(0, 1, Decimal(0)),
    )


def _place(place: int, of: int, distance: Decimal) -> Point:
    """The place at this distance from the centre on one of so many axes."""
    angle = 2 * math.pi * place / of
    x, y = float(distance) * math.sin(angle), -float(distance) * math.cos(angle)
    return Point(from_float(RADIUS + MARGIN_X + x), from_float(RADIUS + MARGIN_Y + y))


def _axis(place: int, issue: Issue, of: int, scale: Scale, ink: Ink) -> Axis:
    score, label = ink(score_said(issue)), ink(issue.label)
    text = _place(place, of, Decimal(RADIUS + LABEL))
    side = text.x - (RADIUS + MARGIN_X)
    anchor = "middle" if abs(side) < 2 else "start" if side > 0 else "end"
    said = f"{label} · {score}" if of <= MOST_SAID and len(label) <= LONGEST_LABEL else label
    distance = None if issue.status != SCORED else at(issue.score, scale.zero, scale.high, RADIUS)
    return Axis(
        label, ink(issue.name), score, _place(place, of, Decimal(RADIUS)), Point(text.x, text.y + 4), anchor, said,
        None if distance is None else _place(place, of, distance),
    )


def _ring(level: Decimal, of: int, scale: Scale, ink: Ink) -> tuple[str, str, Point]:
    distance = at(level, scale.zero, scale.high, RADIUS)
    top = _place(0, of, distance)
    return _joined([_place(n, of, distance) for n in range(of)]), ink(scale.said(level)), Point(top.x + 3, top.y + 9)


def _joined(points: Sequence[Point]) -> str:
    return " ".join(f"{point.x},{point.y}" for point in points)
