"""The storage on disk: whole and durable or not there at all, never over an existing name."""
import datetime
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from evidence import storage
from evidence.problems import StorageDown, StorageFull
from evidence.storage.address import BucketAddress, read_address
from evidence.storage.base import new_key
from evidence.storage.disk import Disk
from tests.evidence import files

AT_LEAST = 5 * 2**20


@pytest.fixture
def disk(tmp_path) -> Disk:
    return Disk(tmp_path / "evidence")


def everything(disk: Disk) -> list[Path]:
    return [path for path in disk.root.rglob("*") if path.is_file()]


def test_under_its_name_a_file_is_whole_from_the_first_moment(disk, monkeypatch):
    """Written and fsynced under another name, renamed, and then the folder is fsynced."""
    steps, fsync, rename = [], os.fsync, Path.rename
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append(os.readlink(f"/proc/self/fd/{fd}")), fsync(fd))[1])
    monkeypatch.setattr(Path, "rename", lambda path, to: (steps.append(f"{path} -> {to}"), rename(path, to))[1])
    key = new_key()
    disk.put(key, io.BytesIO(b"data"), limit=9)
    part, path = disk.root / "unfinished" / key, disk.root / key[:2] / key
    assert steps[-3:] == [str(part), f"{part} -> {path}", str(path.parent)]


def test_lists_by_age():
    old, new = (storage.put(io.BytesIO(b"x"), limit=9).key for _ in range(2))
    path = storage.storage().root / old[:2] / old
    os.utime(path, (1, 1))
    assert storage.keys_older_than(datetime.timedelta(hours=1)) == [old]
    assert {entry.key for entry in storage.entries()} == {old, new}


def assert_full(disk: Disk, data: bytes) -> None:
    """Too much for the disk: a sentence, no byte left, and what fits goes in afterwards."""
    kept = disk.put(new_key(), io.BytesIO(b"small"), limit=9)
    with pytest.raises(StorageFull) as refusal:
        disk.put(new_key(), io.BytesIO(data), limit=len(data))
    assert "full" in refusal.value.message.en and "เต็ม" in refusal.value.message.th
    assert [path.read_bytes() for path in everything(disk)] == [b"small"]
    assert disk.put(new_key(), io.BytesIO(b"fits"), limit=9).size == 4 and disk.size(kept.key) == 5


def test_a_full_disk(tmp_path):
    """A real one: two megabytes of tmpfs."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a tmpfs; the test with a limit of the system runs everywhere")
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        assert_full(Disk(tmp_path / "evidence"), files.text(AT_LEAST))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_limit_of_the_system_on_the_size_of_a_file(disk):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20 + 5, limits[1]))
    try:
        assert_full(disk, files.text(AT_LEAST))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_folder_that_can_not_be_made_is_a_storage_that_is_down(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageDown) as refusal:
        Disk(tmp_path / "file" / "evidence").put(new_key(), io.BytesIO(b"x"), limit=9)
    assert "try again" in refusal.value.message.en


class TestSetting:
    @pytest.fixture(autouse=True)
    def keys(self, monkeypatch):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "name")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("file:/srv/kpi", Path("/srv/kpi")),
            ("file:///srv/kpi", Path("/srv/kpi")),
            ("s3://evidence", BucketAddress("evidence", "", None, "us-east-1")),
            (
                "s3://evidence/kpi/files?endpoint=http://127.0.0.1:8333&region=th-1",
                BucketAddress("evidence", "kpi/files", "http://127.0.0.1:8333", "th-1"),
            ),
        ],
    )
    def test_reads(self, text, address):
        assert read_address(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            "", "/srv/kpi", "file:evidence", "file:", "ftp://x/y", "s3:evidence", "s3://", "s3://E", "s3://a",
            "s3://evidence?endpoint=", "s3://evidence?endpoint=minio:9000", "s3://evidence?end=http://x",
            "s3://key:secret@evidence", "s3://evidence?endpoint=http://key:secret@host", "s3://evidence?region=",
        ],
    )
    def test_refuses(self, text):
        with pytest.raises(ImproperlyConfigured, match="EVIDENCE_STORAGE can't be"):
            read_address(text)

    def test_refuses_s3_without_its_keys(self, monkeypatch):
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(ImproperlyConfigured, match="AWS_SECRET_ACCESS_KEY is not set"):
            read_address("s3://evidence")


@pytest.mark.parametrize(
    "nonsense",
    [
        {"EVIDENCE_STORAGE": "somewhere"},
        {"EVIDENCE_MAX_MB": "0"},
        {"EVIDENCE_MAX_MB": "fifty"},
        {"EVIDENCE_UNIT_GB": "-1"},
        {"CLAMD_URL": "http://127.0.0.1"},
        {"EVIDENCE_MAX_MB": "100", "CLAMD_URL": "unix:/run/clamd"},
    ],
)
def test_nonsense_stops_the_start_with_a_sentence(nonsense, tmp_path):
    start = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "kpiportal.settings", "VAR_DIR": str(tmp_path), **nonsense},
        capture_output=True, text=True,
    )
    assert start.returncode == 1
    assert "ImproperlyConfigured" in start.stderr.splitlines()[-1] and next(iter(nonsense)) in start.stderr
