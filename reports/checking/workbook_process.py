"""Reads a workbook apart from the web worker: the file on standard input, its sheets as JSON on standard output.

openpyxl is not guarded against bombs (a 409 kB workbook took 838 MB): the zip directory and the actual bytes are
checked first, and memory and time are bounded. No Django is needed, so that it starts fast.
"""
import datetime
import itertools
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

MOST_SHEETS, MOST_LINES, MOST_COLUMNS, LONGEST_CELL = 20, 5_000, 60, 2_000
MEGABYTES, SECONDS = 400, 10
GENERAL = -1  # a number whose last zeros a workbook does not show
_TEXT_IN_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
_PLACES = re.compile(r"[0#?]\.([0#?]+)")


def main() -> None:
    """Answer {"sheets": [{"name", "hidden", "lines": [[number, [[text, places], …]], …]}, …]} or {"refused": why}."""
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_DATA, MEGABYTES << 20), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    with open("/dev/fd/0", "rb") as stream:
        try:
            answer = {"sheets": list(_sheets(stream))}
        except _Refused as refusal:
            answer = {"refused": str(refusal)}
        except MemoryError:
            answer = {"refused": "large"}
        except Exception:  # whatever openpyxl makes of a file that is none
            answer = {"refused": "broken"}
    sys.stdout.write(json.dumps(answer))


class _Refused(Exception):
    """Why there is nothing to read: 'broken', 'large', 'encrypted' …"""


def _check(stream: BinaryIO) -> None:
    """The zip directory, and then every part unpacked once: no more than it says, and no more than a table needs."""
    from evidence.inspection.limits import Limits
    from evidence.inspection.package import open_package, unpacked
    from evidence.inspection.reasons import Refused

    limits = Limits(unpacked=60_000_000, small=4_000_000, entries=1_000)
    try:
        with open_package(stream, limits) as package:
            for entry in package.infolist():
                for _ in unpacked(package, entry):
                    pass
    except Refused as refusal:
        known = {"bomb": "large", "encrypted": "encrypted"}
        raise _Refused(known.get(refusal.code, "broken")) from refusal


def _sheets(stream: BinaryIO) -> Iterator[dict]:
    start = stream.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise _Refused("old")
    _check(stream)
    stream.seek(0)
    with zipfile.ZipFile(stream) as package:
        if "xl/workbook.xml" not in package.namelist():
            raise _Refused("other")
    from openpyxl import load_workbook

    stream.seek(0)
    values = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    for sheet in values.worksheets[:MOST_SHEETS]:
        if sheet.sheet_state == "visible":
            rows, columns = _hidden(sheet)
            lines = list(_lines(sheet, formulas[sheet.title], rows, columns))
            yield {"name": sheet.title, "lines": lines, "hidden": bool(rows or columns)}


def _hidden(sheet) -> tuple[set[int], set[int]]:
    """The numbers of the rows and columns that nobody sees, on the screen or on paper."""
    from openpyxl.xml.functions import iterparse

    rows, columns, number = set(), set(), 0
    with sheet._get_source() as source:
        for _event, element in iterparse(source):
            kind = element.tag.rpartition("}")[2]
            unseen = element.get("hidden") in ("1", "true")
            if kind == "row":
                number = int(element.get("r", number + 1))
                rows |= {number} if unseen else set()
                element.clear()
            elif kind == "col" and unseen:
                columns |= set(range(int(element.get("min")), min(int(element.get("max")), MOST_COLUMNS) + 1))
    return rows, columns


def _lines(sheet, typed, hidden_rows: set[int], hidden_columns: set[int]) -> Iterator[list]:
    """The lines that hold anything to be seen; a formula that was never calculated stands as its own text."""
    sheet.reset_dimensions()  # which files state wrongly
    typed.reset_dimensions()
    rows = zip(sheet.iter_rows(max_col=MOST_COLUMNS), typed.iter_rows(max_col=MOST_COLUMNS), strict=False)
    for number, (shown, formulas) in enumerate(itertools.islice(rows, MOST_LINES + 1), 1):
        if number > MOST_LINES and any(cell.value is not None for cell in shown):
            raise _Refused("long")
        if number in hidden_rows:
            continue
        pairs = enumerate(zip(shown, formulas, strict=False), 1)
        cells = [["", None] if column in hidden_columns else _cell(*pair) for column, pair in pairs]
        while cells and not cells[-1][0]:
            cells.pop()
        if cells:
            yield [number, cells]


def _cell(cell, formula) -> list:
    value = cell.value
    if value is None:
        typed = formula.value
        return [typed[:LONGEST_CELL] if isinstance(typed, str) and typed.startswith("=") else "", None]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [_words(value), None]
    return _number(Decimal(repr(value)), str(cell.number_format or "General"))


def _words(value: object) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return str(value)[:LONGEST_CELL]


def _number(number: Decimal, shape: str) -> list:
    """A number as text, exact but for what a double adds behind the tenth place, and the places that are shown."""
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return [str(number), None]
    plain = _TEXT_IN_FORMAT.sub("", shape.split(";")[0])
    percent = "%" in plain
    text = f"{number * 100 if percent else number:.10f}".rstrip("0").rstrip(".")
    if not re.search(r"[0#?]", plain):
        return [text, GENERAL]
    places = _PLACES.search(plain)
    return [text + "%" * percent, len(places[1]) if places else 0]


if __name__ == "__main__":
    main()
