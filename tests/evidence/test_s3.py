"""S3: what was begun and never ended, bytes that got lost on the way, and a server that refuses or is not there."""
import io
import socket
import time
from threading import Thread

import pytest
from django.core.management import CommandError, call_command

from evidence import storage
from evidence.models import Evidence
from evidence.problems import StorageDown
from evidence.storage.base import new_key, sha256_of
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
    key = new_key()
    there.create_multipart_upload(Bucket=BUCKET, Key=f"files/{key[:2]}/{key}")
    (leftover,) = storage.storage().leftovers()
    call_command("verify_evidence")  # it is not an hour old
    storage.storage().discard_leftover(leftover.key)
    assert nothing_is_left()


def test_what_others_keep_in_the_same_bucket_is_none_of_ours(s3, settings, seeds, db):
    there, key = client(s3.partition("endpoint=")[2]), new_key()
    settings.EVIDENCE_STORAGE = s3.replace("/files", "")
    names = [f"other/{key[:2]}/{key}", "report.pdf", f"{key[:2]}/x"]
    uploads = [there.create_multipart_upload(Bucket=BUCKET, Key=name)["UploadId"] for name in names]
    for name in names:
        there.put_object(Bucket=BUCKET, Key=name, Body=b"theirs")
    try:
        assert nothing_is_left()
    finally:
        for name, upload in zip(names, uploads, strict=True):
            there.abort_multipart_upload(Bucket=BUCKET, Key=name, UploadId=upload)
            there.delete_object(Bucket=BUCKET, Key=name)


def test_bytes_that_arrive_otherwise_are_refused(s3):
    class Lossy(Bucket):
        def read(self, key):
            return io.BytesIO(b"other")

    lossy = Lossy(BUCKET, folder="files", endpoint=s3.partition("endpoint=")[2])
    with pytest.raises(StorageDown):
        lossy.put(new_key(), io.BytesIO(b"given"), limit=9)
    assert nothing_is_left()


def test_an_answer_that_breaks_off_is_a_storage_that_is_down(s3):
    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(2**16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=answer, args=[listening])
        thread.start()
        breaking = Bucket(BUCKET, endpoint=f"http://127.0.0.1:{listening.getsockname()[1]}")
        with breaking.read(new_key()) as stream, pytest.raises(StorageDown):
            sha256_of(stream)
        thread.join(10)


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
