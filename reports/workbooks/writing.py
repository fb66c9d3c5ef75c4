"""The one place that writes cells of a workbook: texts that are never formulas, numbers that stay numbers, and formulas
with the value that they give beside them, for viewers that don't compute."""
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape

from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import save_workbook

from reports.workbooks.looks import LOOKS, SIZE, register_looks
from scoring.engine.text import arabic_digits, round4

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL = 32_767  # the most that Excel takes, in UTF-16 units
SHEET_NAME = 31
HIGHEST_ROW = 409
DASH = "–"
SCORE = "0.0000"
_HEAD_ROOM = 0.7  # bold words in narrow columns leave much of a line empty
_INDENT = 2
_PRECISE = 15  # digits that a number of a workbook keeps
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# Excel reads _x0041_ as the letter A, LibreOffice _x41_ too, but neither across the pieces of a text.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]+_)")
_STARTS_FORMULA = tuple("=+-@\t\r\n'")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?", re.ASCII)
_FORMULA_CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>([^<]*)</f><v ?(?:/>|></v>)</c>')

Value = Decimal | int | str | None


class Book(Workbook):
    """A workbook without sheets, that knows what its formulas give: `values` by sheet and cell."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.remove(self.active)
        self.values: dict[tuple[str, str], Value] = {}
        self.calculation = CalcProperties(fullCalcOnLoad=True)
        self.properties.title, self.properties.creator = fitting(title), "KPI Portal"
        register_looks(self)


class Page:
    """A sheet of a workbook on A4, `widths` its columns in letters."""

    def __init__(self, book: Book, name: str, widths: Sequence[float], *, across: bool = False) -> None:
        self.book, self.widths = book, tuple(widths)
        self.sheet: Worksheet = book.create_sheet(sheet_name(name, book.sheetnames))
        for number, width in enumerate(widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        setup = self.sheet.page_setup
        setup.paperSize, setup.orientation = self.sheet.PAPERSIZE_A4, "landscape" if across else "portrait"
        setup.fitToWidth, setup.fitToHeight = 1, 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.oddFooter.center.text = "&P / &N"

    def text(
        self, row: int, column: int, text: object, look: str = "cell", *, to: int = 0, depth: int = 0
    ) -> Cell:
        """A text as it is, up to the column `to` where one is given, set in by its depth; never a formula."""
        cell = self.sheet.cell(row, column)
        plain = fitting(str(text))
        put_text(cell, plain, look)
        if depth:
            cell.alignment += Alignment(indent=depth)
        to = max(to, column)
        self._join(row, column, to, look)
        room = sum(self.widths[column - 1 : to]) * (_HEAD_ROOM if look == "head" else 1) - _INDENT * depth
        self._heighten(row, room, plain, LOOKS[look].font.sz)
        return cell

    def _join(self, row: int, column: int, to: int, look: str) -> None:
        """Join a cell with those right of it, up to a column."""
        for other in range(column + 1, to + 1):
            self.sheet.cell(row, other).style = LOOKS[look].name
        if to > column:
            self.sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=to)

    def _heighten(self, row: int, width: float, text: str, size: float) -> None:
        """Make a row high enough for a text: programs don't for joined cells, and some for no cell."""
        height = min(HIGHEST_ROW, _height(text, width, size))
        self.sheet.row_dimensions[row].height = max(height, self.sheet.row_dimensions[row].height or 0)

    def spread(self, row: int) -> int:
        """Join the cells of a row with those below, over as many rows as its longest text needs to be seen whole;
        gives the last of them."""
        held = [self.sheet.cell(row, column) for column in range(1, len(self.widths) + 1)]
        texts = zip((str(cell.value or "") for cell in held), self.widths, strict=True)
        height = max(_height(text, width, SIZE) for text, width in texts)
        last = row + int(height / HIGHEST_ROW)
        for each in range(row, last + 1) if last > row else ():
            self.sheet.row_dimensions[each].height = height / (last - row + 1)
        for cell in held if last > row else ():
            for below in range(row + 1, last + 1):
                self.sheet.cell(below, cell.column).style = cell.style
            self.sheet.merge_cells(start_row=row, end_row=last, start_column=cell.column, end_column=cell.column)
        return last

    def number(self, row: int, column: int, number: Decimal | int, form: str = "", look: str = "number") -> Cell:
        """A number as a number, with as many places as it has, or in a form; as a text where a workbook would lose
        digits of it."""
        shown = str(number) if isinstance(number, int) else f"{number:f}"
        if len(shown.lstrip("-").replace(".", "").lstrip("0")) > _PRECISE:
            return self.text(row, column, shown, look)
        cell = self.sheet.cell(row, column, number)
        cell.style = LOOKS[look].name
        places = len(shown.partition(".")[2])
        cell.number_format = form or ("0." + "0" * places if places else "0")
        return cell

    def figure(self, row: int, column: int, said: str, form: str = "", look: str = "number") -> Cell:
        """What our own code printed as a number, in any digits, as that number; a dash or a word stays."""
        number = number_in(said)
        return self.text(row, column, said, look) if number is None else self.number(row, column, number, form, look)

    def score(self, row: int, column: int, score: Decimal | None, look: str = "number") -> Cell:
        """A score of four places, a dash where there is none."""
        return self.text(row, column, DASH, look) if score is None else self.number(row, column, score, SCORE, look)

    def formula(
        self, row: int, column: int, formula: str, gives: Value, form: str = SCORE, look: str = "number"
    ) -> Cell:
        """A formula of our own with the value that it gives; no text of people is ever put into one."""
        cell = self.sheet.cell(row, column, f"={formula}")
        cell.style, cell.number_format = LOOKS[look].name, form
        self.book.values[self.sheet.title, cell.coordinate] = gives
        return cell

    def worked(
        self, row: int, column: int, formula: str, gives: Decimal | None, says: Decimal | None, look: str = "number",
        form: str = SCORE,
    ) -> Cell:
        """A formula where it gives what is to be said, None: a dash; else that itself, such as what was sealed when the
        rest was otherwise."""
        if (gives and round4(gives)) == (says and round4(says)):
            return self.formula(row, column, formula, DASH if gives is None else gives, form, look)
        return self.text(row, column, DASH, look) if says is None else self.number(row, column, says, form, look)

    def held(self, row: int, column: int) -> Decimal | None:
        """The number of a cell, or that which its formula gives; None where there is none."""
        cell = self.sheet.cell(row, column)
        value = self.book.values.get((self.sheet.title, cell.coordinate), cell.value)
        return Decimal(value) if isinstance(value, Decimal | int) else None

    def closed(self, *, head: tuple[int, int], last_row: int, columns: int = 0, names: int = 1) -> None:
        """Fix the head's rows and the columns of names in place, repeat the head on paper, and say what prints."""
        first, last = head
        self.sheet.freeze_panes = f"{get_column_letter(names + 1)}{last + 1}"
        self.sheet.print_title_rows = f"{first}:{last}"
        self.sheet.print_area = f"A1:{get_column_letter(columns or len(self.widths))}{max(last_row, last)}"


def put_text(cell: Cell, text: str, look: str) -> None:
    """Put a text that fits into a cell as it is, never as a formula."""
    pieces = _ESCAPE.sub("_\0", text).split("\0")
    cell.value = CellRichText(pieces) if len(pieces) > 1 else text
    cell.data_type = "s"
    cell.style = LOOKS[look].name
    if text.startswith(_STARTS_FORMULA):
        cell.quotePrefix = True


def combining(letter: str) -> bool:
    """Whether a letter stands above or below another one, as Thai vowels and tone marks do."""
    return unicodedata.category(letter) == "Mn"


def _height(text: str, width: float, size: float) -> float:
    """About how many points a text takes in a column; words don't break where the cell ends."""
    room = max(width - 2, 4) * SIZE / size
    seen = (sum(not combining(letter) for letter in line) for line in text.split("\n"))
    return size * 1.55 * sum(1 + int(max(letters - 1, 0) / room) for letters in seen)


def fitting(text: str) -> str:
    """A text that a cell can hold: control characters as the signs for them, and cut with a sentence at the end."""
    text = _clean(text)
    if _units(text) <= CELL:
        return text
    sentence = "… " + gettext("[Cut here: a cell holds 32,767 characters; read the whole text in the portal.]")
    return _beginning(text, CELL - _units(sentence)) + sentence


def pieces(text: str) -> list[str]:
    """A text as it is, parted where a cell can't hold more: after a line or a word, never before a vowel sign."""
    text, found = _clean(text), []
    while _units(text) > CELL:
        kept = _beginning(text, CELL)
        end = max(kept.rfind("\n"), 0) or kept.rfind(" ")
        kept = kept[:end + 1] if end > 0 else kept
        while end <= 0 and combining(text[len(kept)]) and len(kept) > 1:
            kept = kept[:-1]
        found.append(kept)
        text = text[len(kept):]
    return [*found, text]


def _clean(text: str) -> str:
    return _UNFIT.sub(lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 32 else "\ufffd", text)


def _beginning(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def number_in(said: str) -> Decimal | None:
    """The number that a printed figure is, in Thai or Arabic digits; None where it is none."""
    said = arabic_digits(said)
    return Decimal(said) if _NUMBER.fullmatch(said) else None


def figured(said: str) -> Value:
    """What our own code printed: a number as one, anything else as it is."""
    number = number_in(said)
    return said if number is None else number


def sheet_name(name: str, taken: Sequence[str] = ()) -> str:
    """A name that every program takes for a sheet: short, without the letters that formulas need, and no other's."""
    plain = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", name).strip()[:SHEET_NAME] or "sheet"
    known, wanted, number = {each.lower() for each in taken}, plain, 1
    while wanted.lower() in known:
        number += 1
        wanted = f"{plain[: SHEET_NAME - len(str(number)) - 1]} {number}"
    return wanted


def book_bytes(book: Workbook) -> bytes:
    """The workbook as a file, with the values of its formulas in it."""
    plain, finished = io.BytesIO(), io.BytesIO()
    save_workbook(book, plain)
    values = _by_path(book)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, _with_values(content, values[name]) if name in values else content)
    return finished.getvalue()


def _by_path(book: Workbook) -> Mapping[str, Mapping[str, Value]]:
    """The values of each sheet by its place in the file."""
    known = getattr(book, "values", {})
    return {
        sheet.path.lstrip("/"): {cell: value for (title, cell), value in known.items() if title == sheet.title}
        for sheet in book.worksheets
    }


def _with_values(content: bytes, values: Mapping[str, Value]) -> bytes:
    """A sheet with the values of its formulas; spaces at the ends of texts and carriage returns stay in it."""

    def filled(found: re.Match) -> str:
        cell, attributes, formula = found.groups()
        value = values.get(cell)
        if value is None:
            return found[0]
        kind = ' t="str"' if isinstance(value, str) else ""
        return f'<c r="{cell}"{attributes}{kind}><f>{formula}</f><v>{escape(str(value))}</v></c>'

    text = _FORMULA_CELL.sub(filled, content.decode())
    return text.replace("<t>", '<t xml:space="preserve">').replace("\r", "&#13;").encode()
