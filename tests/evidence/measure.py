"""Examines the files of a folder in a fresh process and writes what came out, with time and memory, as JSON.

Run as a program: what the tests themselves take in memory must not count.
"""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evidence.intake import Refused, examine


def measured(path: Path, name: str) -> dict:
    """The outcome for one file: a code of refusal, or 'as ' and its name."""
    with path.open("rb") as stream:
        start = time.monotonic()
        try:
            found = examine(stream, name)
            outcome, extension = f"as {found.name}", found.extension
        except Refused as refusal:
            outcome, extension = refusal.code, ""
            assert refusal.message.th and refusal.message.en
        return {
            "outcome": outcome, "extension": extension, "seconds": time.monotonic() - start, "position": stream.tell(),
        }  # fmt: skip


def megabytes(whose: int) -> float:
    """The most that a process, or the largest of its children, has held."""
    return resource.getrusage(whose).ru_maxrss / 1000


def main() -> None:
    """Examine each file of index.json in the folder, two at a time."""
    folder = Path(sys.argv[1])
    files = [(folder / key, name) for key, name in json.loads((folder / "index.json").read_text()).items()]
    own, handles = megabytes(resource.RUSAGE_SELF), len(os.listdir("/proc/self/fd"))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda file: measured(*file), files))
    report = {
        "results": results,
        "worker": megabytes(resource.RUSAGE_SELF) - own,
        "child": megabytes(resource.RUSAGE_CHILDREN),
        "handles": len(os.listdir("/proc/self/fd")) - handles,
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
