"""The engine's command line, run as the world runs it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(text: str | bytes, *options: str) -> tuple[list[dict], int, str]:
    """Answers, exit status and standard error of `python -S -m scoring.engine`."""
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run(
        [sys.executable, "-S", "-m", "scoring.engine", *options],
        input=data,
        capture_output=True,
        cwd=ROOT,
        timeout=30,
    )
    return (
        [json.loads(line) for line in done.stdout.decode().splitlines()],
        done.returncode,
        done.stderr.decode(),
    )
