"""The numbers behind the pictures of a round as a workbook: a sheet for each table that stands beside them."""
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext, pgettext

from reports.workbooks.plain import Column, Line, plain_sheet
from reports.workbooks.writing import SCORE, Book, figured

if TYPE_CHECKING:
    from reports.papers.charts import ChartsPaper


def charts_workbook(paper: "ChartsPaper") -> Book:
    """Scores with target levels, distribution of levels, scores over time, issues, and units against indicators."""
    book = Book(paper.head.title)
    for write in (_bars, _levels, _over_time, _issues, _units):
        write(book, paper)
    return book


def _score(head: str = "", width: float = 14) -> Column:
    return Column(head or pgettext("short", "Score obtained"), width, SCORE)


def _bars(book: Book, paper: "ChartsPaper") -> None:
    columns = [Column(gettext("Dimension, indicator"), 60), Column(gettext("Weight"), 10), _score()]
    columns.append(Column(gettext("Target level"), 12))
    rows = [
        Line(
            [bar.name, *(figured(text) for text in (bar.weight, bar.score, bar.target))],
            "cell" if bar.kind == "indicator" else "group", bar.depth,
        )
        for bar in paper.bars.rows
    ]
    if paper.score:
        rows.append(Line([gettext("Score of the agreement"), "", figured(paper.score), ""], "total"))
    plain_sheet(book, paper.head, columns, rows, name="scores")


def _levels(book: Book, paper: "ChartsPaper") -> None:
    if paper.bars.rows:
        columns = [Column(gettext("Level"), 40), Column(gettext("Number of indicators"), 20)]
        rows = [[column.name, figured(column.count)] for column in paper.levels.columns]
        plain_sheet(book, paper.head, columns, rows, name="levels")


def _over_time(book: Book, paper: "ChartsPaper") -> None:
    if not paper.trend.lines_drawn:
        return
    moments = [_score(f"{dot.year} · {dot.label}") for dot in paper.trend.dots]
    rows = [Line([row.name, *map(figured, row.scores)]) for row in paper.trends]
    if not paper.is_excerpt:
        whole = [gettext("Whole agreement"), *(figured(dot.score) for dot in paper.trend.dots)]
        rows.insert(0, Line(whole, "group"))
    plain_sheet(book, paper.head, [Column(gettext("Indicator"), 60), *moments], rows, name="over time", across=True)


def _issues(book: Book, paper: "ChartsPaper") -> None:
    if paper.radars:
        columns = [Column(gettext("Issue"), 70), _score(width=20)]
        plain_sheet(book, paper.head, columns, _issue_rows(paper), name="issues")


def _issue_rows(paper: "ChartsPaper") -> Iterable[list]:
    for radar in paper.radars:
        yield [radar.title]
        for axis in radar.axes:
            yield [f"{axis.label} {axis.name}", figured(axis.score)]


def _units(book: Book, paper: "ChartsPaper") -> None:
    for table in paper.heat.tables if paper.heat.pictures else ():
        heads = [name if name.startswith(label) else f"{label} {name}" for label, name in table.columns]
        columns = [Column(gettext("Unit"), 44), *(_score(head, 18) for head in heads)]
        rows = [[name, *(figured(score.said) for score in scores)] for name, scores in table.rows]
        plain_sheet(book, paper.head, columns, rows, name="units", across=True)
