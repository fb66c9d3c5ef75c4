"""Files on their way in: too large or no room on the disk is said of the file, and the form's other fields stay."""
import resource
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from evidence.models import FileVersion
from evidence.problems import StorageDown, StorageFull, TooLarge
from evidence.services import add_file, receive
from evidence.uploading import BoundedUploadHandler
from tests.cast import person, result
from tests.evidence.files import text

LARGE = 4 * 2**20


@pytest.fixture
def temporary(settings, tmp_path) -> Path:
    """Where Django keeps files meanwhile."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temporary"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def posted(*sizes: int):
    """A request with files of these sizes and a field."""
    files = [SimpleUploadedFile(f"แผน {size}.txt", text(size), "text/plain") for size in sizes]
    return RequestFactory().post("/", {"progress": "ดำเนินการแล้ว", "file": files})


def test_a_large_file_arrives_whole(temporary):
    with posted(LARGE).FILES["file"] as upload:
        assert upload.read() == text(LARGE) and upload.name == f"แผน {LARGE}.txt"
    assert list(temporary.iterdir()) == []


def test_one_too_large_is_refused_and_the_others_arrive(temporary, settings, moi, collector):
    settings.EVIDENCE_MAX_MB = 3
    request = posted(1000, LARGE, 2000)
    small, large, other = request.FILES.getlist("file")
    assert request.POST["progress"] == "ดำเนินการแล้ว"
    with small, other:
        assert (small.read(), other.read()) == (text(1000), text(2000))
    with pytest.raises(TooLarge, match="3 MB"):
        add_file(unit=moi, upload=large, name=large.name, by=collector)
    assert list(temporary.iterdir()) == [] and not FileVersion.objects.exists()


def test_no_room_for_what_is_on_its_way(temporary):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    request = posted(LARGE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, limits[1]))
    try:
        upload = request.FILES["file"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(StorageFull):
        receive(upload, name=upload.name)
    assert request.POST["progress"] == "ดำเนินการแล้ว" and list(temporary.iterdir()) == []


def test_no_place_for_what_is_on_its_way(temporary):
    temporary.rmdir()
    upload = posted(LARGE).FILES["file"]
    with pytest.raises(StorageDown):
        receive(upload, name=upload.name)


class Witness(BoundedUploadHandler):
    """Remembers that somebody's file was begun to be written."""

    begun: list[str] = []

    def new_file(self, *args, **kwargs) -> None:
        self.begun.append(args[1])
        super().new_file(*args, **kwargs)


@pytest.mark.parametrize(("who", "begun"), [(None, []), ("collector", ["a.txt"])])
def test_no_file_is_read_of_somebody_who_is_not_signed_in(settings, seeds, db, who, begun):
    settings.FILE_UPLOAD_HANDLERS = [f"{Witness.__module__}.Witness"]
    Witness.begun.clear()
    browser = Client(enforce_csrf_checks=True)
    if who:
        browser.force_login(person(who))
    browser.cookies["csrftoken"] = "a" * 32
    answer = browser.post(
        reverse("evidence_add", args=[result("moi-2559").pk]),
        {"files": SimpleUploadedFile("a.txt", b"x"), "csrfmiddlewaretoken": "b" * 32},
    )
    assert (answer.status_code, Witness.begun) == (403 if who else 302, begun)
