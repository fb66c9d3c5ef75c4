"""verify_evidence: every row has its file, every file its row."""
import io
import os
import time

import pytest
from django.core.management import CommandError, call_command

from evidence import storage
from evidence.models import FileVersion
from evidence.services import take_down

HOURS = 3600


@pytest.fixture
def version(attach) -> FileVersion:
    return attach().versions.get()


@pytest.fixture
def path(version, evidence_folder):
    return evidence_folder / version.key[:2] / version.key


def verify(*options: str) -> tuple[int, str]:
    """Exit status and list."""
    out = io.StringIO()
    try:
        call_command("verify_evidence", *options, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def put(age: float = 0) -> str:
    key = storage.put(io.BytesIO(b"nobody's"), limit=99).key
    path = storage.storage()._path(key)
    os.utime(path, (time.time() - age,) * 2)
    return key


def test_all_is_well(version):
    assert verify("--hashes") == (0, "1 rows and their files agree.\n")


def test_a_row_without_its_file(version, path):
    path.unlink()
    status, listed = verify("--sweep")
    assert status == 1 and f"has no file {version.key}" in listed


def test_a_file_of_another_size(version, path):
    path.write_bytes(b"x")
    status, listed = verify()
    assert status == 1 and f"should have {version.size} bytes" in listed


def test_a_file_with_other_bytes_shows_by_its_hash_only(version, path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert verify()[0] == 0
    status, listed = verify("--hashes")
    assert status == 1 and "another SHA-256" in listed


def test_a_file_without_a_row_has_an_hour(version):
    young, old = put(HOURS - 60), put(HOURS + 60)
    status, listed = verify()
    assert status == 1 and old in listed and young not in listed
    status, listed = verify("--sweep")
    assert status == 0 and f"removed: no row knows the file {old}" in listed
    assert {entry.key for entry in storage.entries()} == {young, version.key}
    assert verify()[0] == 0


def test_leftovers_of_interrupted_uploads(version, evidence_folder):
    young, old = (evidence_folder / "unfinished" / (letter * 32) for letter in "ab")
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    assert verify()[0] == 1
    assert verify("--sweep")[0] == 0
    assert young.exists() and not old.exists()


def test_what_others_left_in_the_folders_is_none_of_ours(version, evidence_folder):
    folders = evidence_folder / version.key[:2], evidence_folder / "unfinished"
    strangers = [folder / name for folder in folders for name in ("Thumbs.db", "f" * 31)]
    for path in strangers:
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 2 * HOURS,) * 2)
    assert verify("--sweep") == (0, "1 rows and their files agree.\n") and all(path.exists() for path in strangers)


def test_bytes_of_what_was_taken_down_go_at_once(version, path, office):
    take_down(version, reason="x", by=office)  # and killed before the bytes were removed
    status, listed = verify()
    assert status == 1 and "was taken down but is still there" in listed
    assert verify("--sweep")[0] == 0 and not path.exists()
    assert verify() == (0, "1 rows and their files agree.\n")


def test_an_empty_storage_is_fine(seeds, db):
    assert verify()[0] == 0
