"""A workbook's sheets as lines of cells, read by a process of its own (workbook_process.py)."""
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from reports.checking.grid import Cell, Grid, Line, Unreadable
from reports.checking.workbook_process import GENERAL
from scoring.engine.text import clean_text

logger = logging.getLogger(__name__)
_ROOT = str(Path(__file__).resolve().parents[2])
_START = f"import sys; sys.path.insert(0, {_ROOT!r}); from reports.checking.workbook_process import main; main()"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
_PATIENCE_SECONDS = 30
REASONS = {
    "broken": _("This workbook is damaged or is none: open it in Excel, save it as .xlsx and choose that file."),
    "large": _("Unpacked, this workbook is abnormally large: copy the table into a new workbook, or paste it here."),
    "encrypted": _("This workbook has a password: save it without one, or paste the table here."),
    "old": _("This is a workbook of the old kind or has a password: save it as .xlsx, or paste the table here."),
    "other": _("This file is no Excel workbook: choose an .xlsx or .csv file, or paste the table here."),
    "long": _("A sheet has more than 5,000 lines: copy the table into a new workbook, or paste it here."),
}


def grids(content: bytes) -> Iterator[Grid]:
    """The visible sheets of an .xlsx file, in order. Unreadable says why there are none."""
    answer = _read(content)
    if "refused" in answer:
        raise Unreadable(REASONS[answer["refused"]])
    for sheet in answer["sheets"]:
        yield Grid(tuple(_lines(sheet["lines"])), sheet=sheet["name"], hidden=sheet["hidden"])


def _read(content: bytes) -> dict:
    """What the reading process answers; 'large' if it did not come to an answer."""
    descriptor = os.memfd_create("workbook")
    with open(descriptor, "w+b") as copy:
        copy.write(content)
        copy.flush()
        try:
            ended = subprocess.run(
                [sys.executable, "-I", "-c", _START], stdin=descriptor, capture_output=True, env=_ENVIRONMENT, cwd="/",
                timeout=_PATIENCE_SECONDS, check=False,
            )
        except subprocess.TimeoutExpired:
            return {"refused": "large"}
    if ended.returncode == 0:
        return json.loads(ended.stdout)
    logger.warning("Reading a workbook ended with status %s: %s", ended.returncode, ended.stderr[-2000:])
    return {"refused": "large"}


def _lines(read: list) -> Iterator[Line]:
    """Numbers without a format of their own are shown with the places of the finest in their column."""
    finest: dict[int, int] = {}
    for _number, cells in read:
        for column, (text, places) in enumerate(cells):
            if places == GENERAL:
                finest[column] = max(finest.get(column, 0), min(_places(text), 4))
    for number, cells in read:
        yield Line(number, tuple(
            Cell(_clean(text), max(_places(text), finest[column]) if places == GENERAL else places)
            for column, (text, places) in enumerate(cells)
        ))


def _clean(text: str) -> str:
    return " ".join(clean_text(text).split())


def _places(text: str) -> int:
    return len(text.partition(".")[2])
