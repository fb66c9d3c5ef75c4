"""Workers that are killed in the middle lose nothing that was acknowledged; a large upload costs little memory."""
import hashlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from evidence import storage
from evidence.models import Evidence, FileVersion
from tests.evidence.files import text
from tests.evidence.workers import assert_nothing_is_lost, environment, kill_one_of

MEGABYTE = 2**20


def test_kill_9_in_the_middle_of_20_uploads_and_saves(committed_seeds):
    before = Evidence.objects.count()
    acknowledged, place = kill_one_of(2, rounds=4)  # 16 files and 8 documents
    assert 6 <= place < 12, "the kill came too late to prove anything"
    assert len(acknowledged) >= 12 + 6 and Evidence.objects.count() > before
    assert_nothing_is_lost(acknowledged)


def test_the_proof_fails_when_a_file_is_gone(committed_seeds):
    """The check of the test above finds what it is there for."""
    acknowledged, _ = kill_one_of(2, rounds=1)
    storage.remove(FileVersion.objects.last().key)
    with pytest.raises(Exception, match="not in the storage|1 wrong"):
        assert_nothing_is_lost(acknowledged)


@pytest.fixture
def worker(committed_seeds) -> Iterator[tuple[int, psutil.Process]]:
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


def test_an_upload_of_50_mb_adds_less_than_30_mb(worker):
    port, process = worker
    assert post(port, 1000)[0] == 200  # what is imported at the first upload isn't counted
    before = process.memory_info().rss
    status, sha256 = post(port, 50 * MEGABYTE)
    assert (status, sha256) == (200, hashlib.sha256(text(50 * MEGABYTE)).hexdigest())
    added = (peak(process) - before) / MEGABYTE
    print(f"a 50 MB upload adds {added:.1f} MB to its worker")
    assert added < 30
    assert FileVersion.objects.order_by("pk").last().size == 50 * MEGABYTE
