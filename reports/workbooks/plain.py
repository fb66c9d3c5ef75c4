"""The workbook of a paper that is one table of texts and figures."""
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext

from reports.workbooks.writing import DASH, Book, Page, Value

if TYPE_CHECKING:
    from reports.papers.paper import Head


class Column(NamedTuple):
    """A column of a plain table: its head, its width in letters, and the form of its numbers ('' as they are)."""

    head: str
    width: float = 16
    form: str = ""


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
    head: "Head", columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, name: str = "table",
    across: bool = False, names: int = 1,
) -> Book:
    """A workbook of one table under the head of a paper: texts (str) stay texts, numbers (Decimal, int) are numbers,
    None is a dash. A row of one text is a heading across the table. `names` first columns stay in place."""
    book = Book(head.title)
    page = Page(book, name, [column.width for column in columns], across=across)
    top = row = write_head(page, head)
    for number, column in enumerate(columns, 1):
        page.text(top, number, column.head, "head")
    for row, values in enumerate(rows, top + 1):
        if len(values) == 1 < len(columns):
            page.text(row, 1, values[0], "group", to=len(columns))
            continue
        for number, (value, column) in enumerate(zip(values, columns, strict=True), 1):
            _write(page, row, number, value, column)
    page.closed(head=(top, top), last_row=row, names=names)
    return book


def _write(page: Page, row: int, number: int, value: Value, column: Column) -> None:
    if isinstance(value, Decimal | int):
        page.number(row, number, value, column.form)
    else:
        page.text(row, number, DASH if value is None else value)
