"""A long list as a workbook: written line by line, what is written takes no memory any more."""
from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from reports.workbooks.looks import LOOKS, register_looks
from reports.workbooks.plain import Column
from reports.workbooks.writing import Value, book_bytes, fitting, put_text, sheet_name


def list_workbook(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """The file of a workbook of one sheet: a line of heads, then the rows. Texts (str) stay texts, '1.10' too, numbers
    (Decimal, int) are numbers in their column's form, None is an empty cell."""
    book = Workbook(write_only=True)
    register_looks(book)
    book.properties.title, book.properties.creator = fitting(title), "KPI Portal"
    sheet = book.create_sheet(sheet_name(title))
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, column.head, "head") for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, value, "cell", column.form) for value, column in zip(row, columns, strict=True)])
    return book_bytes(book)


def _cell(sheet: WriteOnlyWorksheet, value: Value, look: str, form: str = "") -> Cell:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, Decimal | int):
        cell.value, cell.style = value, LOOKS["number"].name
        cell.number_format = form or "0"
    else:
        put_text(cell, fitting(value or ""), look)
    return cell
