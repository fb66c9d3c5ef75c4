"""Printing many parts: two processes beside each other, each with the memory of a single paper."""
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from django.conf import settings

from reports.printer import Printer

PROCESSES = 2
# Nobody waits at a page: a part may take so many times as long as a single paper.
AS_LONG = 3


class Press:
    """Prints into files while the caller goes on; its processes end with the `with`, whatever happens inside."""

    def __enter__(self) -> Self:
        self._printers = [Printer(settings.RENDER_MEGABYTES) for _ in range(PROCESSES)]
        self._idle: SimpleQueue[Printer] = SimpleQueue()
        for printer in self._printers:
            printer.start()
            self._idle.put(printer)
        self._pool = ThreadPoolExecutor(PROCESSES)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        for printer in self._printers:
            printer.stop()

    def print(self, page: dict, file: Path) -> Future[None]:
        """Print a page (reports.printer.page_of) into a file. The future raises RenderFailed and CardTooLong."""
        return self.run(lambda: self._print(page, file))

    def run(self, step: Callable[[], None]) -> Future[None]:
        """Do something else in the same order; it must not ask the database."""
        return self._pool.submit(step)

    def _print(self, page: dict, file: Path) -> None:
        printer = self._idle.get()
        try:
            file.write_bytes(printer.print(page, seconds=AS_LONG * settings.RENDER_SECONDS))
        finally:
            self._idle.put(printer)
