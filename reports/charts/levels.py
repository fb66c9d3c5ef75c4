"""How many indicators have reached each level."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from reports.charts.bars import Ink
from reports.charts.rows import ScoreRow
from reports.charts.scale import HIDDEN, NOT_APPLICABLE, OPEN, SCORED, Scale, at

STEP, BREADTH, TALL, LEFT, TOP, FOOT = 64, 40, 120, 16, 20, 26


@dataclass(frozen=True)
class Column:
    """A column: what it counts, how many, and where it stands. `is_level` False: indicators without a score."""

    name: str
    count: str
    is_level: bool
    x: Decimal
    y: Decimal
    height: Decimal
    middle: Decimal
    shade: str


@dataclass(frozen=True)
class LevelChart:
    """The columns side by side; `total` indicators in all."""

    title: str
    about: str
    columns: tuple[Column, ...]
    total: str
    width: int
    height: int
    base: int
    breadth: int = BREADTH


def counted(rows: Iterable[ScoreRow], scale: Scale) -> dict[Decimal | str, int]:
    """How many rows reached each level, and how many have no score, by the reason."""
    counts: dict[Decimal | str, int] = dict.fromkeys((*scale.levels, OPEN, NOT_APPLICABLE, HIDDEN), 0)
    for row in rows:
        counts[scale.level_of(row.score) if row.status == SCORED else row.status] += 1
    return counts


def level_chart(rows: Sequence[ScoreRow], scale: Scale, ink: Ink = str) -> LevelChart:
    """The distribution of these indicators; columns of those without a score only where there are any."""
    counts = counted(rows, scale)
    shown = {what: number for what, number in counts.items() if number or not isinstance(what, str)}
    most = Decimal(max(*shown.values(), 1))
    columns = tuple(
        _column(place, what, number, most, scale, ink) for place, (what, number) in enumerate(shown.items())
    )
    said = ", ".join(f"{column.name}: {column.count}" for column in columns)
    return LevelChart(
        gettext("Distribution of levels"), said, columns, ink(str(len(rows))),
        width=LEFT * 2 + STEP * len(columns), height=TOP + TALL + FOOT, base=TOP + TALL,
    )


def _column(place: int, what: Decimal | str, number: int, most: Decimal, scale: Scale, ink: Ink) -> Column:
    height = at(Decimal(number), Decimal(0), most, TALL)
    x = Decimal(LEFT + place * STEP + (STEP - BREADTH) // 2)
    reasons = {OPEN: gettext("No score"), NOT_APPLICABLE: gettext("N/A"), HIDDEN: gettext("Not shown")}
    is_level = not isinstance(what, str)
    return Column(
        name=ink(gettext("Level %(level)s") % {"level": scale.said(what)}) if is_level else reasons[what],
        count=ink(str(number)), is_level=is_level, x=x, y=TOP + TALL - height, height=height, middle=x + BREADTH // 2,
        shade=shade(what, scale).fill if is_level else "none",
    )


@dataclass(frozen=True)
class Shade:
    """A fill that stays apart from its neighbours in grey, and the ink that can be read on it."""

    fill: str
    ink: str


SHADES = (
    Shade("#ffffff", "#000000"), Shade("#dfe6ef", "#000000"), Shade("#b3c3d9", "#000000"),
    Shade("#5f7fa9", "#ffffff"), Shade("#0b3d7a", "#ffffff"),
)


def shade(level: Decimal, scale: Scale) -> Shade:
    """The shade of a level: the higher, the darker."""
    place, last = scale.levels.index(level), len(scale.levels) - 1
    return SHADES[place * (len(SHADES) - 1) // last]
