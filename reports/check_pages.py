"""The page of the checker: the table as it was given, line by line, with each wrong cell marked where it stands."""
from typing import NamedTuple

from reports.checking.report import Report, Wrong
from scoring.engine.text import arabic_digits

MOST_SHOWN = 400


class ShownCell(NamedTuple):
    """A cell of the table; `number` counts the wrong ones, 0 for the others."""

    text: str
    numeric: bool = False
    wrong: Wrong | None = None
    number: int = 0
    unread: bool = False


class ShownLine(NamedTuple):
    """A line with its number in what was given."""

    number: int
    cells: tuple[ShownCell, ...]


class CheckPage(NamedTuple):
    """The findings, numbered, and the table around them; `left_out`: how many further lines are not shown."""

    report: Report
    names: tuple[str, ...]
    lines: tuple[ShownLine, ...]
    left_out: int


def check_page(report: Report) -> CheckPage:
    """The page of a report. Of a very long table the first lines and those with something wrong are shown."""
    numbers = {(each.line, each.column): number for number, each in reversed([*enumerate(report.wrong, 1)])}
    unread = {(each.line, each.column) for each in report.problems}
    marked = {line for line, _ in [*numbers, *unread]}
    below = range(report.heading.after, len(report.grid.lines))
    shown = [line for line in below if line < report.heading.after + MOST_SHOWN or line in marked]
    width = len(report.heading.names)
    while width > 1 and not report.heading.names[width - 1] and not any(_text(report, n, width - 1) for n in shown):
        width -= 1
    return CheckPage(
        report, report.heading.names[:width],
        tuple(_line(report, line, width, numbers, unread) for line in shown), len(below) - len(shown),
    )


def _text(report: Report, line: int, column: int) -> str:
    return report.grid.lines[line].cell(column).shown


def _line(report: Report, line: int, width: int, numbers: dict, unread: set) -> ShownLine:
    cells = []
    for column in range(width):
        text, number = _text(report, line, column), numbers.get((line, column), 0)
        numeric = arabic_digits(text).replace(",", "").replace(".", "", 1).isdigit()
        wrong = report.wrong[number - 1] if number else None
        cells.append(ShownCell(text, numeric, wrong, number, (line, column) in unread))
    return ShownLine(report.grid.lines[line].number, tuple(cells))
