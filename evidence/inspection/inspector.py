"""The examining process: reads the file on its standard input and writes its verdict, one JSON object."""

import json
import resource
import sys
from io import BytesIO
from typing import BinaryIO

from evidence.inspection.limits import Limits
from evidence.inspection.reasons import Refused


class Inspection:
    """One examination: its limits, and how deep in other files it stands."""

    def __init__(self, limits: Limits, *, table: bool = False, depth: int = 0) -> None:
        self.limits, self.table, self.depth = limits, table, depth

    def inside(self, content: bytes, name: str, *, data: bool = False) -> str:
        """The kind of a file inside this one, by the same rules; with `data`, XML that is no page counts as text."""
        if self.depth >= self.limits.depth:
            raise Refused("nested", name)
        deeper = Inspection(self.limits, depth=self.depth + 1)
        try:
            return deeper.kind_of(BytesIO(content), data=data)
        except Refused as refusal:
            raise Refused(refusal.code, refusal.inside or name, refusal.limit) from refusal

    def kind_of(self, stream: BinaryIO, *, data: bool = False) -> str:
        """One of KINDS. Raises Refused."""
        from evidence.inspection.sniffing import kind_of

        return kind_of(stream, self, data=data)


def _bound(limits: Limits) -> None:
    """No more than these from here on: the parsers are still to be loaded."""
    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_AS, 4 * limits.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Examine standard input as the request in the first argument says."""
    request = json.loads(sys.argv[1])
    limits = Limits(**request["limits"])
    _bound(limits)
    # Opened anew, so that reading here does not move the position of the one who asks.
    with open("/dev/fd/0", "rb") as stream:
        try:
            verdict = {"kind": Inspection(limits, table=request["table"]).kind_of(stream)}
        except Refused as refusal:
            verdict = {"refused": refusal.code, "inside": refusal.inside, "limit": refusal.limit}
        except (MemoryError, RecursionError):
            verdict = {"refused": "unreadable", "inside": "", "limit": 0}
    sys.stdout.write(json.dumps(verdict))
