"""Each test of evidence has a storage of its own, and what is left in it agrees with the rows."""
import io
import os
from collections.abc import Iterator

import pytest

from evidence.models import Evidence
from evidence.services import add_file
from kpiportal.accounts.models import Unit, User
from tests.evidence import files
from tests.s3 import KEYS, running_s3


@pytest.fixture(autouse=True)
def evidence_folder(settings, tmp_path):
    """The folder of the local storage."""
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
    return tmp_path / "evidence"


@pytest.fixture
def moi(seeds, db) -> Unit:
    """The ministry."""
    return Unit.objects.get(code="moi")


@pytest.fixture
def attach(moi, collector):
    """Adds a file (a PDF unless said otherwise) to the ministry's evidence, as its collector."""

    def _attach(data: bytes = b"", name: str = "แผน.pdf", by: User | None = None) -> Evidence:
        upload = io.BytesIO(data or files.pdf())
        return add_file(unit=moi, upload=upload, name=name, by=by or collector)

    return _attach


@pytest.fixture
def bytes_on_disk(evidence_folder):
    """The contents of everything in the storage, temporary files included."""
    return lambda: sorted(path.read_bytes() for path in evidence_folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A real S3 with its keys in the environment."""
    old = {name: os.environ.get(name) for name in KEYS}
    os.environ.update(KEYS)
    with running_s3() as address:
        yield address
    for name, value in old.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
