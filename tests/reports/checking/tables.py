"""Seed 004's table in the shapes in which people hand tables over."""
import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from openpyxl import Workbook

SEED = (Path(__file__).parent / "seed_004.txt").read_text(encoding="utf-8")
MISPRINT = ("1.7 ระดับความสำเร็จในการพัฒนาจาก G-SOC เพื่อเตรียมไปสู่ G-CERT ของภาครัฐ", "weighted", "0.5000", "0.2500")
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
TOTAL = -1
# Name, unit, weight, five targets, result, score, weighted score.
WIDTH = 11


def lines() -> list[list[str]]:
    """The table's cells, the total's put below their headings."""
    cells = [line.split("\t")[:WIDTH] for line in SEED.splitlines()]
    cells[TOTAL] = ["น้ำหนักรวม", "", "100", *[""] * 6, "4.7740", ""]
    return cells


def one_heading(order: Sequence[int] = range(WIDTH), heads: Sequence[str] = ()) -> list[list[str]]:
    """The table with a heading of one line, its columns in this order."""
    levels = [f"ระดับ {n}" for n in range(1, 6)]
    names = heads or ("ตัวชี้วัด", "หน่วยวัด", "น้ำหนัก (W)", *levels, "ผลงาน", "SM", "คะแนนถ่วงฯ")
    return [[line[column] for column in order] for line in [list(names), *lines()[2:]]]


def tabs(cells: list[list[str]]) -> str:
    return "\n".join("\t".join(line) for line in cells)


def pipes(cells: list[list[str]]) -> str:
    rows = [f"| {' | '.join(line)} |" for line in cells]
    return "\n".join([rows[0], f"|{'---|' * len(cells[0])}", *rows[1:]])


def commas(cells: list[list[str]], sign: str = ",") -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=sign).writerows(cells)
    return written.getvalue()


def blanks(cells: list[list[str]]) -> str:
    """As copied from a PDF: empty cells are lost, dashes stay."""
    return "\n".join("   ".join(text for text in line if text) for line in cells)


def workbook(
    cells: list[list[str]], form: Callable[[str, str], tuple], above: int = 0, merged: Sequence[str] = ()
) -> bytes:
    """An .xlsx of the cells below `above` other lines; `form` gives value and number format of a cell's text."""
    book = Workbook()
    sheet = book.active
    for _ in range(above):
        sheet.append(["รายงานผลการดำเนินงาน"])
    for row, line in enumerate(cells, above + 1):
        for column, text in enumerate(line, 1):
            if text:
                cell = sheet.cell(row, column)
                cell.value, shape = form(text, line[0])
                if shape:
                    cell.number_format = shape
    for area in merged:
        sheet.merge_cells(area)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def as_number(text: str, _name: str) -> tuple:
    """A number with as many places shown as it has."""
    try:
        number = float(text)
    except ValueError:
        return text, None
    places = len(text.partition(".")[2])
    return number, f"0.{'0' * places}" if places else "0"


def as_thai_text(text: str, _name: str) -> tuple:
    """Numbers stored as text, in Thai digits."""
    return text.translate(THAI), None
