"""Pasted text as lines of cells: tabs, Markdown pipes, CSV, or columns with several blanks between them."""
import csv
import re
from collections.abc import Callable, Iterator

from django.utils.translation import gettext_lazy as _

from reports.checking.grid import LONGEST_CELL, MOST_COLUMNS, MOST_LINES, Cell, Grid, Line, Unreadable
from scoring.engine.text import clean_text

LONGEST_TEXT = 1_000_000
_RULE = re.compile(r"[\s:|+=-]*-[\s:|+=-]*")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BLANKS = re.compile(r"[ \u00a0\u3000]{2,}")
_LONGEST_QUOTE = 10  # lines in one quoted cell; more is a quotation mark that was never closed
TOO_LONG = _("There is more here than a table: paste only the lines of the table.")
_Split = Iterator[tuple[int, list[str]]]


def grids(text: str) -> Iterator[Grid]:
    """The text as a table in every way that makes sense, the likeliest first. Unreadable when it is too long."""
    lines = re.split(r"\r\n|\r|\n", text) if len(text) <= LONGEST_TEXT else ()
    if not lines or len(lines) > MOST_LINES:
        raise Unreadable(TOO_LONG)
    ways: list[tuple[Callable[[list[str]], _Split], str]] = [
        (lambda lines: _separated(lines, "\t"), "\t"), (_piped, "|"),
        (lambda lines: _separated(lines, ";"), ";"), (lambda lines: _separated(lines, ","), ","),
    ]
    for split, sign in ways:
        if sign in text:
            yield Grid(_lines(split(lines)))
    yield Grid(_lines(_spaced(lines)), loose=True)


def _lines(split: _Split) -> tuple[Line, ...]:
    kept = ((number, [_cell(cell) for cell in cells[:MOST_COLUMNS]]) for number, cells in split)
    return tuple(Line(number, tuple(cells)) for number, cells in kept if any(cell.text for cell in cells))


def _cell(text: str) -> Cell:
    return Cell(" ".join(clean_text(text[:LONGEST_CELL]).split()))


def _separated(lines: list[str], sign: str) -> _Split:
    """Cells between tabs, commas or semicolons, as Excel copies and saves them: in quotes where they have to be."""
    reader = csv.reader((line.replace("\0", "") + "\n" for line in lines), delimiter=sign)
    found, before = [], 0
    try:
        for cells in reader:
            if reader.line_num - before > _LONGEST_QUOTE:
                raise csv.Error("a quotation mark is not closed")
            found.append((before + 1, cells))
            before = reader.line_num
    except csv.Error:
        return ((number, line.split(sign)) for number, line in enumerate(lines, 1))
    return iter(found)


def _piped(lines: list[str]) -> _Split:
    """A Markdown table; lines without pipes are no part of it."""
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if "|" in line and not _RULE.fullmatch(line):
            cells = _PIPE.split(line.removeprefix("|").removesuffix("|"))
            yield number, [_BREAK.sub(" ", cell).replace("\\|", "|").strip().strip("*_`") for cell in cells]


def _spaced(lines: list[str]) -> _Split:
    for number, line in enumerate(lines, 1):
        yield number, _BLANKS.split(line.strip())
