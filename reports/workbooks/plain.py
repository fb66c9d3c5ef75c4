"""The workbook of a paper that is tables of texts and figures."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext

from reports.workbooks.writing import DASH, Book, Page, Value, pieces

if TYPE_CHECKING:
    from reports.papers.paper import Head


class Column(NamedTuple):
    """A column of a plain table: its head, its width in letters, and the form of its numbers ('' as they are)."""

    head: str
    width: float = 16
    form: str = ""


@dataclass(frozen=True)
class Line:
    """A row that looks otherwise: as a 'group' or 'total', its first cell indented."""

    values: Sequence[Value]
    look: str = "cell"
    depth: int = 0


def write_head(page: Page, head: "Head") -> int:
    """Write title, agency, fiscal year, round, and what is to be known of the paper; gives the next free row."""
    last = len(page.widths)
    page.text(1, 1, head.title, "title", to=last)
    place = [head.agency, f"{gettext('Fiscal year')} {head.year}", head.round]
    page.text(2, 1, " · ".join(part for part in place if part), "subtitle", to=last)
    draft = gettext("Draft: the figures may still change.") if head.draft else ""
    notes = [note for note in (head.note, draft, _printed(head)) if note]
    for row, note in enumerate(notes, 3):
        page.text(row, 1, note, "plain", to=last)
    return 3 + len(notes)


def _printed(head: "Head") -> str:
    return gettext("Made on %(day)s") % {"day": head.printed_on} if head.printed_on else ""


def plain_workbook(
    head: "Head", columns: Sequence[Column], rows: Iterable[Sequence[Value] | Line], *, name: str = "table",
    across: bool = False, names: int = 1,
) -> Book:
    """A workbook of one table under the head of a paper (see plain_sheet)."""
    book = Book(head.title)
    plain_sheet(book, head, columns, rows, name=name, across=across, names=names)
    return book


def plain_sheet(
    book: Book, head: "Head", columns: Sequence[Column], rows: Iterable[Sequence[Value] | Line], *, name: str,
    across: bool = False, names: int = 1,
) -> None:
    """A sheet with one table under the head of a paper: texts (str) stay texts, numbers (Decimal, int) are numbers,
    None is a dash. A row of one text is a heading across the table; what a cell can't hold goes on in the next row.
    `names` first columns stay in place."""
    page = Page(book, name, [column.width for column in columns], across=across)
    top = row = write_head(page, head)
    for number, column in enumerate(columns, 1):
        page.text(top, number, column.head, "head")
    for each in rows:
        line = each if isinstance(each, Line) else Line(each)
        if len(line.values) == 1 < len(columns):
            row += 1
            page.text(row, 1, line.values[0], "group", to=len(columns), depth=line.depth)
        else:
            row = _write_line(page, row, line, columns)
    page.closed(head=(top, top), last_row=row, names=names)


def _write_line(page: Page, row: int, line: Line, columns: Sequence[Column]) -> int:
    """Write a row below `row`, and further ones for what its cells can't hold; gives the last of them."""
    parted = [pieces(value) if isinstance(value, str) else [value] for value in line.values]
    for values in zip_longest(*parted, fillvalue=""):
        row += 1
        for number, (value, column) in enumerate(zip(values, columns, strict=True), 1):
            _write(page, row, number, value, column, line)
        row = page.spread(row)
    return row


def _write(page: Page, row: int, number: int, value: Value, column: Column, line: Line) -> None:
    if isinstance(value, Decimal | int):
        look = "number" if line.look == "cell" else f"{line.look} number"
        page.number(row, number, value, column.form, look)
    else:
        depth = line.depth if number == 1 else 0
        page.text(row, number, DASH if value is None else value, line.look, depth=depth)
