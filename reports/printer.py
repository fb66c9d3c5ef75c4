"""Printing with bounds: each web worker has one warm process that prints, which is ended when a card goes too far.

WeasyPrint takes as long and as much memory as the page asks for (32,000 lines: 15 s and 270 MB), it holds the
interpreter meanwhile, and nothing in the same process can stop it.
"""
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings

from reports import parcels
from reports.parcels import Attached
from scoring.engine.text import Message

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "reports.printer_process"]
# gunicorn gives a worker four threads: with one card printed and two waiting, one is left for the pages.
PLACES = 3
PATIENCE_SECONDS = 3
# How the process ends that got no more memory: its own exit status, or GLib's and the C library's signals.
OUT_OF_MEMORY = {parcels.OUT_OF_MEMORY, -signal.SIGTRAP, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}
TOO_LONG = Message(
    "รายงานนี้ยาวเกินกว่าจะพิมพ์เป็น PDF ได้ โปรดย่อข้อความในรายงานผลนี้ให้สั้นลงแล้วพิมพ์ใหม่",
    "This report card is too long for a PDF: shorten the texts of this result, then print it again.",
)
BUSY = Message(
    "มีรายงานอื่นรอพิมพ์อยู่หลายฉบับ โปรดลองใหม่ในอีกหนึ่งนาที",
    "Several other report cards are waiting to be printed: try again in a minute.",
)
FAILED = Message(
    "พิมพ์รายงานเป็น PDF ไม่สำเร็จ โปรดลองใหม่ในอีกหนึ่งนาที และแจ้งผู้ดูแลระบบหากยังไม่สำเร็จ",
    "The PDF could not be made: try again in a minute, and tell the administrator if it fails again.",
)


class RenderFailed(Exception):
    """There is no PDF; `message` says what to do. The same card may be printed later."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class CardTooLong(RenderFailed):
    """The card took more time or memory than a card may; only a shorter one can be printed."""


def print_pdf(html: str, *, stylesheets: Sequence[str | Path] = (), title: str | None = None,
              lang: str = "th", variant: str | None = None, attachments: Sequence[Attached] = ()) -> bytes:
    """render_pdf's arguments and bytes, within RENDER_SECONDS and RENDER_MEGABYTES.

    The seconds count from its turn on; for that it waits as long again. Raises CardTooLong, RenderFailed, and OSError
    for a stylesheet that can't be read. Source: stack.md, 'rendering is bounded'.
    """
    page = page_of(html, stylesheets=stylesheets, title=title, lang=lang)
    page |= {"variant": variant, "attachments": list(attachments)}
    return printer().print(page, seconds=settings.RENDER_SECONDS)


def page_of(
    html: str, *, stylesheets: Sequence[str | Path] = (), title: str | None = None, lang: str = "th"
) -> dict:
    """What Printer.print is given to print a page. OSError for a stylesheet that can't be read."""
    texts = [sheet.read_text("utf-8") if isinstance(sheet, Path) else sheet for sheet in stylesheets]
    return {"html": html, "stylesheets": texts, "title": title, "lang": lang}


def printer() -> "Printer":
    """The printer of this very process: a forked one must not read from its parent's socket."""
    return _printer_of(os.getpid(), settings.RENDER_MEGABYTES)


@cache
def _printer_of(_pid: int, megabytes: int) -> "Printer":
    return Printer(megabytes)


class Printer:
    """One printing process, and the queue before it; threads may share it."""

    def __init__(self, megabytes: int) -> None:
        """`megabytes` of writable memory are what the process may have; it starts with start() or the first job."""
        self._megabytes = megabytes
        self._places = threading.BoundedSemaphore(PLACES)
        self._lock = threading.Lock()
        self.process: subprocess.Popen | None = None
        self._channel: socket.socket | None = None

    def start(self) -> None:
        """Start the process ahead of its first job; does not wait until it is warm."""
        with self._lock:
            self._ensure_running()

    def stop(self) -> None:
        """End the process; a job in progress is waited for."""
        with self._lock:
            self._end()

    def print(self, page: dict, *, seconds: float) -> bytes:
        """Print a page, the arguments of render_pdf by name, within `seconds`; CardTooLong and RenderFailed."""
        job = json.dumps({**page, "seconds": seconds}).encode()
        with self._turn(seconds + PATIENCE_SECONDS):
            kind, body = self._exchange(job, time.monotonic() + seconds)
        if kind == parcels.ERROR:
            logger.error("A report card could not be printed.\n%s", body.decode())
            raise RenderFailed(FAILED)
        return body

    @contextmanager
    def _turn(self, seconds: float) -> Iterator[None]:
        """Wait for a place in the queue, then for `seconds` at most for our turn."""
        if not self._places.acquire(timeout=PATIENCE_SECONDS):
            raise RenderFailed(BUSY)
        try:
            if not self._lock.acquire(timeout=seconds):
                raise RenderFailed(BUSY)
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._places.release()

    def _exchange(self, job: bytes, deadline: float) -> tuple[bytes, bytes]:
        """Send the job and wait for its answer. A process that still owes one is replaced whatever happened, or
        the next card would be this one."""
        kind = None
        try:
            self._ensure_running()
            parcels.send(self._channel, parcels.JOB, job, deadline)
            kind, body = parcels.receive(self._channel, deadline)
            return kind, body
        except TimeoutError as error:
            logger.warning("A report card took too long to print and was given up.")
            raise CardTooLong(TOO_LONG) from error
        except (EOFError, OSError) as error:
            raise self._explained() from error
        finally:
            if kind != parcels.PDF:
                self._replace()

    def _explained(self) -> RenderFailed:
        """What it means for the card that the process has ended by itself."""
        status = self._end()
        if status in OUT_OF_MEMORY:
            logger.warning("A report card took too much memory to print and was given up (%s).", status)
            return CardTooLong(TOO_LONG)
        logger.error("The printing process ended (status %s).", status)
        return RenderFailed(FAILED)

    def _replace(self) -> None:
        """End the process and start another, so that it is warm for the next card."""
        self._end()
        try:
            self._ensure_running()
        except OSError:
            logger.exception("No printing process could be started; the next report card tries again.")

    def _ensure_running(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        self._end()
        ours, its = socket.socketpair()
        self._channel = ours
        with its:
            self.process = subprocess.Popen(
                [*COMMAND, str(self._megabytes)], stdin=its, stdout=subprocess.DEVNULL, cwd=ROOT
            )

    def _end(self) -> int | None:
        """End the process and give its exit status, which is its own if it was ending by itself."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.kill()
        return process.wait()
