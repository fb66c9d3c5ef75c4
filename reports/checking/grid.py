"""What was pasted or dropped, as lines of cells, before anybody knows what they mean."""
from decimal import Decimal
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from scoring.engine.text import number_text

MOST_LINES, MOST_COLUMNS, LONGEST_CELL = 5_000, 60, 2_000


class Cell(NamedTuple):
    """`text` is what the cell holds; `places`: how many places behind the point a workbook shows of a number."""

    text: str = ""
    places: int | None = None

    @property
    def shown(self) -> str:
        """The text as people see it: a workbook's number with its places."""
        if self.places is None:
            return self.text
        number, percent, _rest = self.text.partition("%")
        return f"{number_text(Decimal(number), self.places)}{percent}"


class Line(NamedTuple):
    """A line with its number in the text or the sheet, counted from 1."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int | None) -> Cell:
        """The cell in a column counted from 0; an empty one where there is none."""
        return self.cells[column] if column is not None and column < len(self.cells) else Cell()


class Grid(NamedTuple):
    """`loose`: the columns were split at blanks, so that empty cells are lost. `sheet` is a workbook's sheet; `hidden`:
    some of its lines or columns are, and were left out."""

    lines: tuple[Line, ...]
    loose: bool = False
    sheet: str = ""
    hidden: bool = False

    def place(self, line: int, column: int) -> str:
        """Where a cell is, in words, by line number and column counted from 0."""
        shown = get_column_letter(column + 1) if self.sheet else str(column + 1)
        return _("line %(line)s, column %(column)s") % {"line": line, "column": shown}


class Unreadable(Exception):
    """There is no table in what was given; `message` says what to do."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))
        self.message = message
