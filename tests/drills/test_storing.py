"""Storing under hard knocks: workers killed among 200 uploads and saves, on the disk and in a real S3, and an S3 that
goes away."""
import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from evidence import storage
from evidence.models import Evidence, FileVersion
from evidence.problems import StorageDown
from evidence.services import add_file
from kpiportal.accounts.models import Unit
from tests.cast import person
from tests.evidence.files import text
from tests.evidence.measuring import MEGABYTE, memory_of_an_upload
from tests.evidence.workers import assert_nothing_is_lost, kill_one_of
from tests.s3 import KEYS, s3_server


@pytest.fixture
def server(monkeypatch) -> Iterator[tuple]:
    """A real S3: its address and its process."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as (address, process):
        yield address, process


@pytest.fixture(params=["disk", "s3"])
def where(request, settings, tmp_path) -> None:
    """The storage under test."""
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
    if request.param == "s3":
        settings.EVIDENCE_STORAGE = request.getfixturevalue("server")[0]


def test_kill_9_in_the_middle_of_200_uploads_and_saves(committed_seeds, where):
    acknowledged, place = kill_one_of(4, rounds=17)  # 136 files and 68 documents
    assert 25 <= place < 51, "the kill came too late to prove anything"
    assert len(acknowledged) >= 3 * 51 + 25
    assert_nothing_is_lost(acknowledged)
    print(f"{len(acknowledged)} acknowledged, none lost")


class Fatal(io.BytesIO):
    """A file in the middle of which the server dies."""

    def __init__(self, data: bytes, process) -> None:
        super().__init__(data)
        self.process = process

    def read(self, size=-1):
        if self.tell() > 20 * MEGABYTE:
            self.process.kill()
            self.process.wait()
        return super().read(size)


def test_an_s3_that_dies_in_the_middle_of_an_upload(committed_seeds, server, settings):
    settings.EVIDENCE_STORAGE, process = server
    unit, by = Unit.objects.get(code="moi"), person("collector")
    before = Evidence.objects.count()
    with pytest.raises(StorageDown) as refusal:
        storage.put(Fatal(text(50 * MEGABYTE), process), limit=50 * MEGABYTE)
    assert "try again" in refusal.value.message.en
    with pytest.raises(StorageDown):
        add_file(unit=unit, upload=io.BytesIO(text(5000)), name="a.txt", by=by)
    assert Evidence.objects.count() == before and not FileVersion.objects.exists()
    with pytest.raises(CommandError):
        call_command("verify_evidence")


def test_memory_of_a_large_upload_to_s3(committed_seeds, server, settings):
    """50 MB in parts hold two parts in memory at most."""
    settings.EVIDENCE_STORAGE = server[0]
    added = memory_of_an_upload(50 * MEGABYTE)
    print(f"a 50 MB upload to S3 adds {added:.1f} MB to its worker")
    assert added < 30
