"""Joining a book's parts in a process of its own, with bounded time and memory (join_process.py)."""
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pikepdf

from reports.book.join_process import OUT_OF_SPACE
from reports.bundles.problems import BROKEN, NOT_STORED, NotMade
from reports.printer import OUT_OF_MEMORY
from scoring.engine.text import Message

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "reports.book.join_process"]
PATIENCE_SECONDS = 300
OUT_OF_BOUNDS = OUT_OF_MEMORY | {-signal.SIGXCPU, -signal.SIGKILL}
TOO_LARGE = Message(
    "เล่มรายงานนี้ใหญ่เกินกว่าจะรวมเป็นไฟล์เดียวได้ โปรดพิมพ์รายงานแต่ละฉบับจากหน้าของตัวชี้วัดแทน",
    "This book is too large to be joined into one file: print the report cards one by one instead.",
)


class Heading(NamedTuple):
    """A line of the outline: how deep it stands, and the file on whose first sheet it leads to."""

    title: str
    depth: int
    file: int


PREFIX = "book-part:"


def join(
    files: Sequence[Path], outline: Sequence[Heading], numbers: Sequence[Path], target: Path, *, title: str, lang: str,
    labels: Sequence[str] = (),
) -> None:
    """Join files into one plain PDF. The links of the first one to `PREFIX` and the number of a file lead there; the
    sheets of `numbers` are laid over all sheets but the first; `labels` names each sheet where plain numbers don't do.
    The same files give the same bytes. Raises NotMade."""
    plan = {
        "files": list(map(str, files)), "outline": outline, "numbers": list(map(str, numbers)), "target": str(target),
        "title": title, "lang": lang, "labels": labels, "prefix": PREFIX,
    }
    try:
        ended = subprocess.run(
            COMMAND, input=json.dumps(plan).encode(), capture_output=True, cwd=ROOT, timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotMade(TOO_LARGE) from error
    if ended.returncode:
        why = ended.stderr[-2000:].decode(errors="replace")
        logger.error("A book could not be joined (status %s): %s", ended.returncode, why)
        raise NotMade(_why(ended.returncode))


def _why(status: int) -> Message:
    if status == OUT_OF_SPACE:
        return NOT_STORED
    return TOO_LARGE if status in OUT_OF_BOUNDS else BROKEN


def sheets(file: Path) -> list[bool]:
    """Of each sheet of a file, whether it lies across."""
    with pikepdf.open(file) as document:
        boxes = [page.mediabox for page in document.pages]
        return [box[2] - box[0] > box[3] - box[1] for box in boxes]
