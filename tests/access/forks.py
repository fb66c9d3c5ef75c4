"""Work for as many processes at once as there are cores: children of a process that has everything ready in memory,
each with a copy of its database."""
import json
import os
import shutil
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

Work = Callable[[], object]


def in_children(works: Sequence[Work], folder: Path) -> Iterator[tuple[int, object]]:
    """What each work returned, with its number, as they end. Raises if a child broke."""
    connection.close()
    running: dict[int, int] = {}
    waiting = iter(range(len(works)))
    while True:
        while len(running) < (os.cpu_count() or 1) and (number := next(waiting, None)) is not None:
            running[_child(works[number], folder / str(number))] = number
        if not running:
            return
        process, status = os.wait()
        number = running.pop(process)
        if status:
            raise ChildProcessError(f"the child with work {number} ended with status {status}")
        yield number, json.loads((folder / str(number) / "said").read_text())
        shutil.rmtree(folder / str(number))


def _child(work: Work, folder: Path) -> int:
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        _use_a_copy(folder)
        said = json.dumps(work())
        (folder / "said").write_text(said)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _use_a_copy(folder: Path) -> None:
    folder.mkdir(parents=True)
    connection.settings_dict["NAME"] = str(shutil.copy(connection.settings_dict["NAME"], folder / "copy.sqlite3"))
    kind, _, files = settings.EVIDENCE_STORAGE.partition(":")
    if Path(files).exists():
        shutil.copytree(files, folder / "evidence")
    settings.EVIDENCE_STORAGE = f"{kind}:{folder / 'evidence'}"
