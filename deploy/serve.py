"""Serves the portal until Ctrl-C: prepares the database, then keeps gunicorn and one task worker together.

If either ends, the other is ended too and the exit status is 1. PORT (8000) is where it listens on 127.0.0.1.
"""
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
# The tests run Django's checks; here they would only import every view twice more.
PREPARATION = [*MANAGE, "prepare", "--skip-checks"]
WORKER_OPTIONS = ["--skip-checks", "--queue-name", "*", "--no-startup-delay", "--no-reload"]
CHILDREN = {
    "gunicorn": [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")],
    "db_worker": [*MANAGE, "db_worker", *WORKER_OPTIONS],
}
GRACE_SECONDS = 15
POLL_SECONDS = 0.05


class Refused(Exception):
    """The portal can't start; the text says what to mend."""


class Supervisor:
    """Child processes that end together, and with us."""

    def __init__(self) -> None:
        """Take over the signals that ask a program to end."""
        self.ending = False
        self.children: dict[str, subprocess.Popen] = {}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)

    def _end(self, number: int, _frame: object) -> None:
        """Begin to end; a second Ctrl-C does not wait for what is still under way."""
        if self.ending and number == signal.SIGINT:
            for child in self.children.values():
                kill_session(child)
        self.ending = True

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start a child in its own session: Ctrl-C reaches it once, through us; it ends if we are killed."""
        command = ["setpriv", "--pdeathsig", "TERM", *command]
        self.children[name] = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def ended(self) -> str | None:
        """The name of a child that is no longer running, if there is one."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """Ask all to end, wait GRACE_SECONDS at most, then kill whatever is left of their sessions."""
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children.values():
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass  # the kill below ends it
            kill_session(child)
            child.wait()


def kill_session(child: subprocess.Popen) -> None:
    """Kill what is left of a child and its own children."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # nothing was left


def chosen_port(text: str) -> int:
    """The port that PORT names, free on 127.0.0.1; raises Refused otherwise."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise Refused(f"PORT ต้องเป็นเลข 1 ถึง 65535 · PORT must be a number from 1 to 65535, not '{text}'.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            reserved = f"พอร์ต {port} สงวนไว้ โปรดใช้ 1024 ขึ้นไป · Port {port} is reserved; use 1024 or above."
            raise Refused(reserved) from error
        except OSError as error:
            other = port + 1 if port < 65535 else 8000
            raise Refused(
                f"พอร์ต {port} มีโปรแกรมอื่นใช้อยู่ โปรดใช้พอร์ตอื่น · Port {port} is in use; take another:"
                f" make run PORT={other}"
            ) from error
    return port


def answers(port: int) -> bool:
    """Whether the portal answers a request yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):  # still starting
        return False
    finally:
        connection.close()


def prepare(supervisor: Supervisor, command: list[str], environment: dict[str, str]) -> None:
    """Bring database, seed data and static files up to date in one process; Refused when that fails."""
    supervisor.start("prepare", command, environment)
    child = supervisor.children["prepare"]
    while child.poll() is None and not supervisor.ending:
        time.sleep(POLL_SECONDS)
    if supervisor.ending:
        return
    del supervisor.children["prepare"]
    if child.returncode:
        raise Refused("เตรียมฐานข้อมูลไม่สำเร็จ โปรดดูด้านบน · The database could not be prepared; see above.")


def keep_running(supervisor: Supervisor, port: int) -> None:
    """Announce the address once it answers; return when a person ends us, Refused when a child ends."""
    announced = False
    while not supervisor.ending:
        name = supervisor.ended()
        if name:
            status = supervisor.children[name].returncode
            raise Refused(f"{name} หยุดทำงาน จึงหยุดทั้งหมด · {name} ended (status {status}), so all is stopped.")
        if not announced and answers(port):
            print(f"KPI Portal: http://127.0.0.1:{port}/  (Ctrl-C หยุด · ends it)", flush=True)
            announced = True
        time.sleep(POLL_SECONDS if not announced else 0.25)


def main(preparation: list[str], children: dict[str, list[str]]) -> int:
    """Prepare, then serve; 0 after Ctrl-C or a request to end, 1 with a sentence when something failed."""
    supervisor = Supervisor()
    try:
        port = chosen_port(os.environ.get("PORT", "8000"))
        environment = {**os.environ, "PORT": str(port)}
        prepare(supervisor, preparation, environment)
        if not supervisor.ending:
            for name, command in children.items():
                supervisor.start(name, command, environment)
            keep_running(supervisor, port)
    except Refused as reason:
        print(f"KPI Portal: {reason}", file=sys.stderr, flush=True)
        return 1
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(PREPARATION, CHILDREN))
