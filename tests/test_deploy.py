"""What `make run` and `make test` promise when something ends, fails or is in the way."""
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg2
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from deploy import check, serve
from indicators.forms import UNITS_LENGTH
from tests.postgres import running_server
from tests.processes import gone

ROOT = Path(__file__).resolve().parent.parent
PINS = ["requirements.txt", "requirements-test.txt", "deploy/constraints.txt"]
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
NOTHING = [sys.executable, "-c", ""]


def normal(name: str) -> str:
    """A package's name as the index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture
def start():
    """Starts deploy/serve.py's main with other commands; whatever is still running afterwards is killed."""
    started = []

    def _start(children: dict[str, list[str]], preparation: list[str] = NOTHING) -> subprocess.Popen:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        main = f"serve.main({preparation!r}, {children!r})"
        process = subprocess.Popen(
            [sys.executable, "-c", f"from deploy import serve; serve.GRACE_SECONDS = 1; exit({main})"],
            cwd=ROOT,
            env={"PORT": str(port), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def start_gunicorn(tmp_path):
    """Starts gunicorn as deploy/serve.py does, in its own session, which is killed afterwards."""
    started = []

    def _start() -> subprocess.Popen:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (tmp_path / "static").mkdir()
        environment = {"PORT": str(port), "VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
        command = serve.CHILDREN["gunicorn"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True))
        return started[-1]

    yield _start
    for process in started:
        serve.kill_session(process)
        process.wait()


def running_children(process: subprocess.Popen, expected: int) -> list[psutil.Process]:
    """The child processes, once there are as many as expected and each has become its program."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        children = psutil.Process(process.pid).children()
        if len(children) == expected and all("setpriv" not in child.name() for child in children):
            time.sleep(0.3)  # for a handler that the program itself installs
            return children
        time.sleep(0.02)
    raise AssertionError(f"not {expected} children: {process.communicate(timeout=5)}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_ends_both_quietly(start, number):
    process = start({"one": SLEEP, "two": SLEEP})
    children = running_children(process, 2)
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert gone(children)


def test_when_one_ends_the_other_ends_too_with_an_error(start):
    process = start({"web": SLEEP, "worker": [sys.executable, "-c", "raise SystemExit(7)"]})
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "worker ended (status 7)" in output


def test_one_that_does_not_listen_is_killed(start):
    process = start({"one": STUBBORN, "two": SLEEP})
    children = running_children(process, 2)
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert gone(children)


def test_no_orphans_when_we_are_killed_ourselves(start):
    process = start({"one": SLEEP, "two": SLEEP})
    children = running_children(process, 2)
    process.kill()
    assert gone(children)


def test_a_failed_preparation_starts_nothing(start):
    process = start({"one": SLEEP}, preparation=[sys.executable, "-c", "raise SystemExit(1)"])
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "could not be prepared" in output


def is_printer(process: psutil.Process) -> bool:
    """Whether it prints; one that has just ended does not."""
    try:
        return "reports.printer_process" in process.cmdline()
    except psutil.Error:
        return False


def family(process: subprocess.Popen) -> list[psutil.Process]:
    """gunicorn's two web workers and their two printing processes, once all are there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = psutil.Process(process.pid).children(recursive=True)
        if len(found) == 4 and sum(map(is_printer, found)) == 2:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not two workers with a printer each: {found}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_printing_processes_end_with_gunicorn(start_gunicorn, number):
    process = start_gunicorn()
    children = family(process)
    process.send_signal(number)
    assert process.wait(timeout=15) == (-number if number == signal.SIGKILL else 0)
    assert gone(children)


def test_a_killed_web_worker_takes_its_printing_process_along(start_gunicorn):
    process = start_gunicorn()
    family(process)
    worker = psutil.Process(process.pid).children()[0]
    both = [worker, *worker.children()]
    worker.kill()
    assert gone(both)
    assert not set(both) & set(family(process))


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "8000x", "๘๐๐๐"])
def test_port_must_be_a_number_in_range(text):
    with pytest.raises(serve.Refused, match="1 to 65535"):
        serve.chosen_port(text)


def test_a_port_in_use_is_said_so():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(serve.Refused, match=f"Port {port} is in use"):
            serve.chosen_port(str(port))


def test_no_test_run_counts_as_a_failure(tmp_path):
    environment = {"VAR_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    outcome = check.run_part(check.Part("empty", [str(tmp_path)]), environment)
    assert (outcome.passed, outcome.failed) == (0, 1)


def test_errors_count_as_failures_and_skipped_ones_do_not_count_as_passed(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="10" failures="2" errors="1" skipped="3"/></testsuites>')
    assert check.count(report) == (4, 3, 3)


def test_postgresql_ends_with_its_block_even_after_an_error():
    class Broken(Exception):
        pass

    with pytest.raises(Broken), running_server() as url:
        home = url.partition("host=")[2]
        with psycopg2.connect(host=home, user="postgres", dbname="postgres") as connection:
            assert connection.server_version >= 150000
        raise Broken
    assert not Path(home).exists()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(host=home, user="postgres", dbname="postgres")


def test_every_package_that_the_requirements_bring_along_is_pinned():
    installed = {normal(each.metadata["Name"]): each for each in distributions()}
    pins = {}
    for path in PINS:
        for line in (ROOT / path).read_text().splitlines():
            if match := re.match(r"([\w.-]+)(?:\[([\w,-]+)\])?==([\w.]+)", line):
                pins[normal(match[1])] = (match[2], match[3])
    for name, (extras, version) in pins.items():
        assert Version(installed[name].version) == Version(version), name
        for text in installed[name].requires or ():
            needed = Requirement(text)
            asked = ["", *(extras or "").split(",")]
            if not needed.marker or any(needed.marker.evaluate({"extra": each}) for each in asked):
                assert normal(needed.name) in pins, f"{name} needs {needed.name}: pin it in {PINS[2]}"


@pytest.mark.parametrize("script", [".ci/run", "deploy/setup.sh"])
def test_scripts_are_valid_bash(script):
    assert subprocess.run(["bash", "-n", script], cwd=ROOT).returncode == 0


def test_the_longest_list_of_units_to_assign_fits_into_an_address(monkeypatch):
    monkeypatch.setenv("PORT", "8000")
    limit = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))["limit_request_line"]
    asked = urlencode([("indicator", "12345")] * 60 + [("role", "supervisor"), ("units", "ก" * UNITS_LENGTH)])
    assert len(f"GET /rounds/12345/12/people/assign/?{asked}&is_substitute=on&instead=on HTTP/1.1") < limit
