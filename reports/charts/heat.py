"""Units against indicators: the level that each has reached, the higher the darker, with the level written in it."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext

from reports.charts.bars import Ink
from reports.charts.levels import Shade, shade
from reports.charts.scale import HIDDEN, NOT_APPLICABLE, OPEN, SCORED, Scale
from scoring.engine.text import score_text

CELL_X, CELL_Y, LABEL_X, HEAD_Y = 24, 18, 132, 22
# What fits on A4 across at the size of text: more units or indicators make further pictures and tables.
MOST_ROWS, MOST_COLUMNS, MOST_SCORES = 26, 36, 14
LONGEST_LABEL = 16
BLANK = Shade("#ffffff", "#000000")


class HeatScore(NamedTuple):
    """What a unit has on an indicator."""

    score: Decimal | None
    status: str
    result: int | None = None


@dataclass(frozen=True)
class Unit:
    """A row: a unit with its short name."""

    key: int
    name: str
    short: str


@dataclass(frozen=True)
class Head:
    """A column: an indicator."""

    key: str
    number: str
    name: str


@dataclass(frozen=True)
class Cell:
    """A cell of the picture: where it stands, its fill, and what is written in it. `dashed`: it has no score."""

    x: int
    y: int
    said: str
    shade: Shade
    dashed: bool

    @property
    def middle(self) -> int:
        """Where its text stands."""
        return self.x + CELL_X // 2

    @property
    def foot(self) -> int:
        """On which line its text stands."""
        return self.y + 13


class Block(NamedTuple):
    """All cells of one look, so that they are drawn at one stroke: thousands of shapes take seconds on paper."""

    shade: Shade
    dashed: bool
    path: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatPicture:
    """A part of the map that fits on a page."""

    title: str
    about: str
    rows: tuple[tuple[str, int], ...]  # the label and how far down
    columns: tuple[tuple[str, int], ...]  # the label and how far right
    cells: tuple[Cell, ...]
    width: int
    height: int

    @property
    def blocks(self) -> list[Block]:
        """The cells by their look."""
        looks = dict.fromkeys((cell.shade, cell.dashed) for cell in self.cells)
        cells = {look: tuple(cell for cell in self.cells if (cell.shade, cell.dashed) == look) for look in looks}
        return [_block(*look, of_look) for look, of_look in cells.items()]


def _block(shade_: Shade, dashed: bool, cells: tuple[Cell, ...]) -> Block:
    path = "".join(f"M{cell.x} {cell.y}h{CELL_X}v{CELL_Y}h-{CELL_X}z" for cell in cells)
    return Block(shade_, dashed, path, cells)


@dataclass(frozen=True)
class HeatTable:
    """The same as a table of scores: as many columns as fit."""

    columns: tuple[tuple[str, str], ...]  # the label, and the indicator's whole name
    rows: tuple[tuple[str, tuple["Score", ...]], ...]


class Score(NamedTuple):
    """A cell of the table; `result` leads to what stands behind it."""

    said: str
    result: int | None


@dataclass(frozen=True)
class HeatMap:
    """The whole map. `legend` has each level with its shade."""

    pictures: tuple[HeatPicture, ...]
    tables: tuple[HeatTable, ...]
    legend: tuple[tuple[str, Shade], ...]


Scores = Mapping[tuple[int, str], HeatScore]


def heat_map(units: Sequence[Unit], heads: Sequence[Head], scores: Scores, scale: Scale, ink: Ink = str) -> HeatMap:
    """The map of these units (rows) and indicators (columns)."""
    labels = {unit.key: _label(place, unit, ink) for place, unit in enumerate(units, 1)}
    names = {head.key: ink(head.number or f"({place})") for place, head in enumerate(heads, 1)}
    pictures = [
        _picture(units[down:down + MOST_ROWS], heads[right:right + MOST_COLUMNS], (labels, names), scores, scale, ink)
        for down in range(0, len(units), MOST_ROWS) for right in range(0, len(heads), MOST_COLUMNS)
    ]
    tables = [
        _table(units, heads[right:right + MOST_SCORES], (labels, names), scores, ink)
        for right in range(0, len(heads), MOST_SCORES)
    ]
    titled = [_numbered(picture, place, len(pictures), ink) for place, picture in enumerate(pictures, 1)]
    return HeatMap(
        tuple(titled), tuple(tables), tuple((ink(scale.said(level)), shade(level, scale)) for level in scale.levels)
    )


def _label(place: int, unit: Unit, ink: Ink) -> str:
    """The unit's number in the table, with its short name where that fits."""
    short = unit.short or unit.name
    return ink(f"{place}. {short}" if len(short) <= LONGEST_LABEL else f"{place}.")


def _numbered(picture: HeatPicture, place: int, of: int, ink: Ink) -> HeatPicture:
    title = gettext("Levels of units and indicators")
    if of > 1:
        title = ink(gettext("%(title)s, part %(place)s of %(of)s") % {"title": title, "place": place, "of": of})
    return HeatPicture(**vars(picture) | {"title": title})


def _picture(units, heads, named: tuple[Mapping, Mapping], scores: Scores, scale: Scale, ink: Ink) -> HeatPicture:
    labels, names = named
    columns = tuple((names[head.key], LABEL_X + n * CELL_X + CELL_X // 2) for n, head in enumerate(heads))
    rows = tuple((labels[unit.key], HEAD_Y + n * CELL_Y + 13) for n, unit in enumerate(units))
    cells = tuple(
        _cell(LABEL_X + n * CELL_X, HEAD_Y + m * CELL_Y, found, scale, ink)
        for m, unit in enumerate(units) for n, head in enumerate(heads)
        if (found := scores.get((unit.key, head.key)))
    )
    about = ink(gettext("%(units)s units, %(indicators)s indicators; the scores stand in the table below.") % {
        "units": len(units), "indicators": len(heads)
    })
    size = {"width": LABEL_X + len(heads) * CELL_X + 2, "height": HEAD_Y + len(units) * CELL_Y + 2}
    return HeatPicture("", about, rows, columns, cells, **size)


def _cell(x: int, y: int, found: HeatScore, scale: Scale, ink: Ink) -> Cell:
    if found.status != SCORED:
        sign = {OPEN: "–", NOT_APPLICABLE: "N/A", HIDDEN: "…"}[found.status]
        return Cell(x, y, sign, BLANK, dashed=True)
    level = scale.level_of(found.score)
    return Cell(x, y, ink(scale.said(level)), shade(level, scale), dashed=False)


def _table(units, heads, named: tuple[Mapping, Mapping], scores: Scores, ink: Ink) -> HeatTable:
    names = named[1]
    rows = []
    for place, unit in enumerate(units, 1):
        cells = tuple(_said(scores.get((unit.key, head.key)), ink) for head in heads)
        rows.append((ink(f"{place}. {unit.name}"), cells))
    return HeatTable(tuple((names[head.key], ink(head.name)) for head in heads), tuple(rows))


def _said(found: HeatScore | None, ink: Ink) -> Score:
    if found is None:
        return Score("", None)
    if found.status != SCORED:
        return Score({OPEN: "–", NOT_APPLICABLE: "N/A", HIDDEN: "…"}[found.status], found.result)
    return Score(ink(score_text(found.score)), found.result)
