"""Two agencies with certified results, cards of one small page each, and an auditor of each agency."""

from pathlib import Path

import pytest

from reports.issuing import services
from tests.reports.library.shelf import Shelf, auditor_of, filled, small_pdf


@pytest.fixture
def own_storage(settings, tmp_path: Path) -> None:
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
    settings.VAR_DIR = tmp_path


@pytest.fixture
def small_cards(monkeypatch) -> None:
    """What is printed is the business of other tests."""
    monkeypatch.setattr(services, "render", lambda snapshot, made: small_pdf(made.number))


@pytest.fixture
def shelf(seeds, db, own_storage, small_cards) -> Shelf:
    """The ministry's results a and b, and EGA's c; each agency with an auditor of its own."""
    auditor_of("ega")
    auditor_of("moi")
    return filled()
