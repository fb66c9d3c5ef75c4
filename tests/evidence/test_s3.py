"""S3: what was begun and never ended, bytes that got lost on the way, and a server that refuses or is not there."""
import io
import socket
import time

import pytest
from django.core.management import CommandError, call_command

from evidence import storage
from evidence.models import Evidence
from evidence.problems import StorageDown
from evidence.storage.base import new_key
from evidence.storage.s3 import Bucket
from tests.s3 import BUCKET, client


@pytest.fixture(autouse=True)
def in_s3(settings, s3):
    """The storage is a real S3, empty."""
    settings.EVIDENCE_STORAGE = s3
    for entry in list(storage.entries()):
        storage.remove(entry.key)


def nothing_is_left() -> bool:
    return not list(storage.entries()) and not list(storage.storage().leftovers())


def test_begun_and_never_ended_uploads_are_swept(s3, seeds, db):
    there = client(s3.partition("endpoint=")[2])
    there.create_multipart_upload(Bucket=BUCKET, Key=f"files/ab/{new_key()}")
    (leftover,) = storage.storage().leftovers()
    call_command("verify_evidence")  # it is not an hour old
    storage.storage().discard_leftover(leftover.key)
    assert nothing_is_left()


def test_bytes_that_arrive_otherwise_are_refused(s3):
    class Lossy(Bucket):
        def read(self, key):
            return io.BytesIO(b"other")

    lossy = Lossy(BUCKET, folder="files", endpoint=s3.partition("endpoint=")[2])
    with pytest.raises(StorageDown):
        lossy.put(new_key(), io.BytesIO(b"given"), limit=9)
    assert nothing_is_left()


def test_keys_that_are_refused_are_a_storage_that_is_down(s3, settings, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    stranger = Bucket(BUCKET, endpoint=s3.partition("endpoint=")[2])
    with pytest.raises(StorageDown):
        stranger.put(new_key(), io.BytesIO(b"x"), limit=9)


def test_a_server_that_is_not_there(attach, settings):
    """S3 down: a sentence within seconds, no row, and what was typed is not touched."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EVIDENCE_STORAGE = f"s3://evidence?endpoint=http://127.0.0.1:{free.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(StorageDown) as refusal:
            attach()
    assert time.monotonic() - started < 10
    assert "try again" in refusal.value.message.en and "ลองใหม่" in refusal.value.message.th
    assert not Evidence.objects.filter(kind="file").exists()
    with pytest.raises(CommandError, match="ลองใหม่"):
        call_command("verify_evidence")
