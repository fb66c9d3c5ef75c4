"""A storage of its own for each test, so that what lies in it is this test's."""

from pathlib import Path

import pytest


@pytest.fixture
def own_storage(settings, tmp_path: Path) -> None:
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
