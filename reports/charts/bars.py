"""Horizontal bars of dimensions and indicators, with the target level marked."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from reports.charts.rows import ScoreRow, score_said
from reports.charts.scale import SCORED, Scale, at
from scoring.engine.text import plain

LENGTH, HEIGHT = 320, 20
Ink = Callable[[str], str]


@dataclass(frozen=True)
class Bar:
    """A row: its words, and the bar. `length` None: there is no score, so that no bar is drawn."""

    kind: str
    depth: int
    name: str
    weight: str
    score: str
    is_scored: bool
    length: Decimal | None
    target: str
    target_at: Decimal | None
    title: str
    about: str
    result: int | None = None
    indicator: int | None = None


@dataclass(frozen=True)
class BarChart:
    """All bars on one scale; `marks` are its levels with their places."""

    rows: tuple[Bar, ...]
    marks: tuple[tuple[str, Decimal], ...]
    length: int = LENGTH
    height: int = HEIGHT


def bar_chart(rows: Iterable[ScoreRow], scale: Scale, ink: Ink = str) -> BarChart:
    """The bars of these rows, from 0 to the top of the scale."""
    marks = tuple((ink(scale.said(level)), _along(level, scale)) for level in scale.levels)
    return BarChart(tuple(_bar(row, scale, ink) for row in rows), marks)


def _along(value: Decimal, scale: Scale) -> Decimal:
    return at(value, scale.zero, scale.high, LENGTH)


def _bar(row: ScoreRow, scale: Scale, ink: Ink) -> Bar:
    is_scored = row.status == SCORED
    said, target = score_said(row), "" if row.target is None else scale.said(row.target)
    about = gettext("Target level %(target)s") % {"target": target} if target else gettext("No target level")
    return Bar(
        kind=row.kind, depth=row.depth, name=ink(row.name), weight="" if row.weight is None else ink(plain(row.weight)),
        score=ink(said), is_scored=is_scored,
        length=_along(row.score, scale) if is_scored else None,
        target=ink(target), target_at=None if row.target is None else _along(row.target, scale),
        title=ink(gettext("%(name)s: %(score)s") % {"name": row.name, "score": said}), about=ink(about),
        result=row.result, indicator=row.indicator,
    )
