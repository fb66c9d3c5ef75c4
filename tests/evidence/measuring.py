"""What an upload costs the worker that takes it, measured in a gunicorn of its own."""
import hashlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.evidence.files import text
from tests.evidence.workers import environment

MEGABYTE = 2**20


def memory_of_an_upload(size: int) -> float:
    """The most MB that a worker held during an upload of `size` bytes, beyond what it held before."""
    with gunicorn() as (port, process):
        assert post(port, 1000)[0] == 200  # what is imported at the first upload isn't counted
        forget_the_peak(process)
        before = process.memory_info().rss
        status, sha256 = post(port, size)
        assert (status, sha256) == (200, hashlib.sha256(text(size)).hexdigest())
        return (peak(process) - before) / MEGABYTE


@contextmanager
def gunicorn() -> Iterator[tuple[int, psutil.Process]]:
    """A gunicorn with one worker: its port, and the worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--no-control-socket", "--log-level", "warning", "tests.evidence.upload_site:application",
    ]
    server = subprocess.Popen(command, env=environment())
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not psutil.Process(server.pid).children():
            time.sleep(0.05)
        (child,) = psutil.Process(server.pid).children()
        yield port, child
    finally:
        server.terminate()
        server.wait()


def post(port: int, size: int) -> tuple[int, str]:
    """Send a file of Thai text as a browser would, piece by piece; status and answer."""
    head = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="plan.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n"
    )
    tail = b"\r\n--edge--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Type", "multipart/form-data; boundary=edge")
    connection.putheader("Content-Length", str(len(head) + size + len(tail)))
    connection.endheaders()
    connection.send(head + text(size) + tail)
    response = connection.getresponse()
    return response.status, response.read().decode()


def peak(process: psutil.Process) -> int:
    """The most memory (bytes) that a process ever held."""
    with open(f"/proc/{process.pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def forget_the_peak(process: psutil.Process) -> None:
    """Let the peak be counted from now on."""
    with open(f"/proc/{process.pid}/clear_refs", "w") as refs:
        refs.write("5")
