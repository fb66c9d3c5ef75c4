"""The entries as files that are taken along: a workbook to read, and JSON lines whose hashes can be verified."""
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext

from kpiportal.audit.chain import FIELDS, canonical_json, canonical_text, canonical_time
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.sentences import actor_of, say_entry
from scoring.engine.text import date_text, time_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

SHEET_ROWS = 1_000_000  # Excel takes 1,048,576
CELL = 32_767
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# Excel reads _x0041_ in a text as the letter A.
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def json_lines(entries: Iterable[AuditEvent]) -> Iterator[str]:
    """Each entry as a JSON object: its hash, then the fields whose values, as a JSON array in this order, have that
    SHA-256; `before` and `after` are strings, as they were hashed."""
    for entry in entries:
        values = {name: getattr(entry, name) for name in FIELDS}
        values |= {
            "at": canonical_time(entry.at), "before": canonical_json(entry.before), "after": canonical_json(entry.after)
        }
        yield canonical_text({"hash": entry.hash, **values}) + "\n"


def workbook(entries: Iterable[AuditEvent], units: Mapping[int, str]) -> IO[bytes]:
    """The entries as an xlsx file on the disk, that vanishes when it is closed."""
    # Loaded by those who export only.
    from openpyxl import Workbook
    from openpyxl.writer.excel import save_workbook

    book = Workbook(write_only=True)
    sheet, row = None, SHEET_ROWS
    for entry in entries:
        if row >= SHEET_ROWS:
            sheet, row = _new_sheet(book), 0
        sheet.append([_cell(sheet, value) for value in _values(entry, units)])
        row += 1
    if sheet is None:
        _new_sheet(book)
    file = tempfile.TemporaryFile()
    save_workbook(book, file)
    file.seek(0)
    return file


def _new_sheet(book: "Workbook") -> "WriteOnlyWorksheet":
    sheet = book.create_sheet()
    widths = (14, 10, 26, 28, 60, 40, 30, 16, 22, 26, 10, 50, 50, 8, 10, 66)
    for number, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number]].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, head) for head in _heads()])
    return sheet


def _heads() -> list[str]:
    return [
        gettext("Date"), gettext("Time"), gettext("Moment"), gettext("Who"),
        gettext("What happened"), pgettext("of the trail", "Object"), gettext("Unit"),
        gettext("Network address"), gettext("Action"), gettext("Kind of object"), gettext("Key"),
        gettext("Before"), gettext("After"), gettext("Chain"), gettext("Number"), gettext("Hash"),
    ]


def _values(entry: AuditEvent, units: Mapping[int, str]) -> list[object]:
    moment, language = timezone.localtime(entry.at), get_language() or "th"
    return [
        date_text(moment.date(), language), time_text(moment, language), moment.isoformat(), actor_of(entry),
        str(say_entry(entry)), entry.target_name, units.get(entry.unit_id, ""), entry.address, entry.action,
        entry.target_type, entry.target_id, canonical_json(entry.before), canonical_json(entry.after),
        entry.chain, entry.number, entry.hash,
    ]


def _cell(sheet: "WriteOnlyWorksheet", value: object) -> object:
    """A number as it is; everything else as a text, whatever it begins with: never a formula."""
    if value is None or isinstance(value, int):
        return value
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=plain_text(str(value)))
    cell.data_type = "s"
    return cell


def plain_text(text: str) -> str:
    """A text that a workbook can hold: control characters as the signs for them, cut at what a cell takes."""
    text = CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 32 else "\ufffd", text)
    text = ESCAPED.sub("_x005F_", text)
    return text if len(text) <= CELL else f"{text[: CELL - 1]}…"
