"""What holds of a storage wherever it is: on the disk, and in a real S3."""
import datetime
import hashlib
import io

import pytest
from django.core.management import CommandError, call_command

from evidence import storage
from evidence.models import FileVersion
from evidence.problems import FileMissing, TooLarge
from evidence.services import take_down
from evidence.storage.base import new_key
from evidence.streaming import respond
from tests.evidence import files

MEGABYTE = 2**20


@pytest.fixture(params=["disk", "s3"], autouse=True)
def where(request, settings, evidence_folder):
    """The storage under test, empty."""
    if request.param == "s3":
        settings.EVIDENCE_STORAGE = request.getfixturevalue("s3")
        for entry in list(storage.entries()):
            storage.remove(entry.key)


def nothing_is_left() -> bool:
    return not list(storage.entries()) and not list(storage.storage().leftovers())


# In S3, 5 MB are one piece and more is sent in parts.
@pytest.mark.parametrize("size", [1, MEGABYTE, 5 * MEGABYTE, 12 * MEGABYTE + 7])
def test_what_was_put_can_be_read(size):
    data = files.text(size)
    stored = storage.put(io.BytesIO(data), limit=size)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(data).hexdigest())
    with storage.open_(stored.key) as file:
        assert file.read() == data
    assert [(entry.key, entry.size) for entry in storage.entries()] == [(stored.key, size)]
    assert storage.storage().size(stored.key) == size


def test_two_files_with_the_same_bytes_have_their_own_names():
    first, second = (storage.put(io.BytesIO(b"same"), limit=9) for _ in range(2))
    storage.remove(first.key)
    with storage.open_(second.key) as file:
        assert file.read() == b"same"


class Breaking(io.BytesIO):
    """A stream that ends with an error, as an upload whose sender vanished."""

    def read(self, size=-1):
        piece = super().read(size)
        if not piece:
            raise ConnectionResetError
        return piece


@pytest.mark.parametrize("size", [3, 13])
@pytest.mark.parametrize(("kind", "error"), [(io.BytesIO, TooLarge), (Breaking, ConnectionResetError)])
def test_what_breaks_off_leaves_no_byte(size, kind, error):
    data = files.text(size * MEGABYTE)
    with pytest.raises(error):
        storage.put(kind(data), limit=len(data) - (kind is io.BytesIO))
    assert nothing_is_left()


def test_an_existing_name_is_never_overwritten():
    key = new_key()
    storage.storage().put(key, io.BytesIO(b"first"), limit=9)
    with pytest.raises(FileExistsError):
        storage.storage().put(key, io.BytesIO(b"second"), limit=9)
    with storage.open_(key) as file:
        assert file.read() == b"first"


def test_a_missing_file_says_so():
    with pytest.raises(FileMissing) as missing:
        storage.open_(new_key())
    assert "administrator" in missing.value.message.en
    storage.remove(new_key())
    assert storage.storage().size(new_key()) is None


@pytest.mark.parametrize("key", ["../../etc/passwd", "ab", "", "A" * 32, "0" * 31 + "\n", "unfinished"])
def test_only_names_of_its_own_making(key):
    where = storage.storage()
    for use in (where.read, where.size, where.discard, lambda key: where.put(key, io.BytesIO(b"x"), limit=9)):
        with pytest.raises(ValueError, match="not the name"):
            use(key)


def test_lists_by_age():
    key = storage.put(io.BytesIO(b"x"), limit=9).key
    assert storage.keys_older_than(datetime.timedelta(hours=1)) == []
    assert storage.keys_older_than(datetime.timedelta(seconds=-5)) == [key]


def test_a_file_through_service_page_and_verification(attach, office, django_capture_on_commit_callbacks):
    version = attach(files.text(6 * MEGABYTE), "บันทึก.txt").versions.get()
    for inline in (True, False):
        response = respond(version, inline=inline)
        assert b"".join(response.streaming_content) == files.text(6 * MEGABYTE)
        assert response.headers["Content-Length"] == str(6 * MEGABYTE)
        response.file_to_stream.close()
    call_command("verify_evidence", "--hashes")
    storage.remove(version.key)
    with pytest.raises(CommandError, match="1 wrong"):
        call_command("verify_evidence")
    with django_capture_on_commit_callbacks(execute=True):
        take_down(version, reason="x", by=office)
    call_command("verify_evidence")


def test_a_refused_file_leaves_nothing_anywhere(attach, settings):
    settings.EVIDENCE_UNIT_GB = 0
    with pytest.raises(Exception, match="GB"):
        attach()
    assert nothing_is_left() and not FileVersion.objects.exists()
