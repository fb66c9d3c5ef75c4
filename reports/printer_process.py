"""Prints one card after the other, apart from the web worker: `python -m reports.printer_process MEGABYTES`.

reports/printer.py starts it with a socket as its standard input. Its memory is limited, the kernel ends it when a job
takes too long, and it ends as soon as the socket is closed, which the end of the web worker does however that came
about. It needs no Django, so that a new one is ready within half a second.
"""
import itertools
import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from queue import SimpleQueue

from reports import parcels
from reports.render import render_pdf

SAID = 20  # what a page may write into the log: one of signs that no font has says so of each
JOBS = 200  # after so many a new process takes over, should this one have leaked
GRACE_SECONDS = 1  # the web worker's own clock comes first


def main(megabytes: int) -> None:
    """Answer jobs for ever; the process ends by the closed socket, a limit, or a signal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the web worker's to answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Writable memory, not addresses: fonts and libraries that are only mapped would count as those.
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    logging.basicConfig(format="{asctime} {levelname} {name}: {message}", style="{")
    logging.getLogger().handlers[0].addFilter(_said)
    channel = socket.socket(fileno=sys.stdin.fileno())
    jobs: SimpleQueue[dict] = SimpleQueue()
    threading.Thread(target=_take_jobs, args=(channel, jobs), daemon=True).start()
    try:
        render_pdf("ก")  # the first page of a process takes 0.1 s longer than the next
        for number in itertools.count(1):
            kind, body = _print(jobs.get())
            if kind == parcels.PDF and (number >= JOBS or _peak_megabytes() > megabytes / 2):
                kind = parcels.LAST_PDF
            parcels.send(channel, kind, body)
    except MemoryError:
        os._exit(parcels.OUT_OF_MEMORY)


def _take_jobs(channel: socket.socket, jobs: SimpleQueue) -> None:
    """Read jobs, also while one is printed: the end of the web worker ends this process in the midst of it."""
    try:
        while True:
            jobs.put(json.loads(parcels.receive(channel)[1]))
    except MemoryError:
        os._exit(parcels.OUT_OF_MEMORY)
    finally:
        os._exit(0)


class _Said(logging.Filter):
    """Lets the first SAID records of a page through, each only once, and says that there were more."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, bool] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if text in self.texts or len(self.texts) > SAID:
            return False
        self.texts[text] = True
        if len(self.texts) > SAID:
            record.msg, record.args = "More of this page is not logged.", ()
        return True


_said = _Said()


def _print(job: dict) -> tuple[bytes, bytes]:
    """Print a job; any error but lack of memory goes back as its traceback. The alarm's default is to end us."""
    _said.texts = {}
    signal.setitimer(signal.ITIMER_REAL, job.pop("seconds") + GRACE_SECONDS)
    try:
        return parcels.PDF, render_pdf(**job)
    except MemoryError:
        raise
    except Exception:
        return parcels.ERROR, traceback.format_exc().encode()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _peak_megabytes() -> int:
    """The most memory that this program has held; getrusage also counts the web worker's before the exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


if __name__ == "__main__":
    main(int(sys.argv[1]))
