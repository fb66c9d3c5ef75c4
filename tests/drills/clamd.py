"""A real clamd of its own for as long as a block lasts, with one signature of ours and none of the world's."""
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = "/usr/sbin/clamd"
START_SECONDS = 60
MARKER = b"kpi-portal-test-virus"
STREAM_MB = 60


@contextmanager
def running_clamd() -> Iterator[str]:
    """Start clamd on a socket in a folder of its own and give its address as CLAMD_URL; it knows MARKER as a virus and
    looks at STREAM_MB at most. Raises RuntimeError with its log if it does not start."""
    home = Path(tempfile.mkdtemp(prefix="kpi-clamd-", dir="/tmp"))  # a socket's path has 107 characters at most
    try:
        (home / "signatures").mkdir()
        (home / "signatures" / "test.ndb").write_text(f"Test.Portal:0:*:{MARKER.hex()}\n")
        (home / "clamd.conf").write_text(
            f"LocalSocket {home}/socket\nDatabaseDirectory {home}/signatures\nTemporaryDirectory {home}\n"
            f"Foreground yes\nStreamMaxLength {STREAM_MB}M\nMaxFileSize {STREAM_MB}M\nMaxScanSize 400M\n"
            "AlertExceedsMax yes\n" + ("User root\n" if os.geteuid() == 0 else "")
        )
        with (home / "log").open("w") as log:
            command = ["setpriv", "--pdeathsig", "KILL", PROGRAM, "-c", str(home / "clamd.conf")]
            server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(home / "socket", server, home / "log")
            yield f"unix:{home}/socket"
        finally:
            server.kill()
            server.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(path: Path, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if path.exists():
            return
        time.sleep(0.1)
    raise RuntimeError(f"clamd did not start within {START_SECONDS} s:\n{log.read_text()}")
