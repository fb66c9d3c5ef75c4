"""A workbook as it is read back."""

import io

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from reports.workbooks.writing import book_bytes
from tests.reports.workbooks.formulas import Evaluator


def read_back(book: Workbook | bytes, *, values: bool = False) -> Workbook:
    """The workbook out of its file, its formulas, or the values that stand beside them."""
    content = book if isinstance(book, bytes) else book_bytes(book)
    return load_workbook(io.BytesIO(content), data_only=values)


def cells(book: Workbook) -> list[Cell]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def formulas(book: Workbook) -> list[Cell]:
    return [cell for cell in cells(book) if cell.data_type == "f"]


def check_formulas(content: bytes) -> int:
    """Each formula gives what stands beside it, to four places; how many there are."""
    book, known = read_back(content), read_back(content, values=True)
    for cell in formulas(book):
        computed = Evaluator(book[cell.parent.title]).value(cell.coordinate)
        beside = known[cell.parent.title][cell.coordinate].value
        if isinstance(beside, str):
            assert computed == beside, (cell.coordinate, cell.value)
        else:
            assert abs(float(computed) - beside) < 0.00001, (cell.coordinate, cell.value, computed, beside)
    return len(formulas(book))
