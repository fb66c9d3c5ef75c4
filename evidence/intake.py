"""What may be stored as evidence, decided by content: a process of its own, bounded in time and memory, looks.

libmagic, qpdf and the parsers of mail and OLE are written for honest files. In a process that holds no secret, writes
nothing and is killed when it takes too long, what they do with another kind of file stays without effect.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, NamedTuple

from evidence.inspection.kinds import KINDS
from evidence.inspection.limits import MEGABYTE, Limits
from evidence.inspection.reasons import Refused
from evidence.names import clean_name

__all__ = ["Examined", "Limits", "Refused", "clean_name", "examine"]

logger = logging.getLogger(__name__)
DEFAULT = Limits()
_ROOT = str(Path(__file__).resolve().parents[1])
_START = f"import sys; sys.path.insert(0, {_ROOT!r}); from evidence.inspection.inspector import main; main()"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


class Examined(NamedTuple):
    """An accepted file: the type of its content, and a name that is safe to show and to hand out."""

    content_type: str
    extension: str
    name: str


def examine(stream: BinaryIO, name: str, *, limits: Limits = DEFAULT) -> Examined:
    """What `stream`, a seekable file, is by its content; its position is 0 afterwards.

    `name` is what the sender calls it: it is cleaned, gets the ending of the content, and decides nothing but which
    of the two plain ones, .txt or .csv, a text gets. Raises Refused for all that is not accepted.
    """
    size = stream.seek(0, os.SEEK_END)
    if size is None:  # Django's own files return nothing
        size = stream.tell()
    stream.seek(0)
    if not size:
        raise Refused("empty")
    if size > limits.size:
        raise Refused("too_large", limit=limits.size // MEGABYTE)
    try:
        with _as_file(stream) as descriptor:
            verdict = _inspect(descriptor, name, limits)
    finally:
        stream.seek(0)
    if "refused" in verdict:
        inside = verdict["inside"] and clean_name(verdict["inside"])
        raise Refused(verdict["refused"], inside, verdict["limit"])
    kind = KINDS[verdict["kind"]]
    return Examined(kind.content_type, kind.extension, clean_name(name, kind.extension))


@contextmanager
def _as_file(stream: BinaryIO) -> Iterator[int]:
    """A descriptor of the stream's content; what lies in memory only is copied into a file in memory."""
    try:
        descriptor = stream.fileno()
    except (UnsupportedOperation, AttributeError):
        descriptor = os.memfd_create("evidence")
        with open(descriptor, "wb") as copy:
            shutil.copyfileobj(stream, copy)
            copy.flush()
            yield descriptor
    else:
        yield descriptor


def _inspect(descriptor: int, name: str, limits: Limits) -> dict:
    """The verdict of the examining process; 'unreadable' if it did not come to one."""
    request = json.dumps({"table": name.lower().rstrip(" .").endswith((".csv", ".tsv")), "limits": limits._asdict()})
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _START, request],
        stdin=descriptor, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_ENVIRONMENT, cwd="/",
    )
    with process:
        try:
            output, errors = process.communicate(timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
    if process.returncode == 0:
        return json.loads(output)
    told = errors[-2000:].decode(errors="replace")
    logger.warning("An examination ended with status %s: %s", process.returncode, told)
    return {"refused": "unreadable", "inside": "", "limit": 0}
