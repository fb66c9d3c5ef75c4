"""Whole books at their limits: a card that can't be printed, many indicators, and the same book twice."""

from io import BytesIO

import pikepdf
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from scoring.services import save_draft
from scoring.values import ResultEntry
from tests.cast import agreement, person
from tests.certified import of, two_indicators
from tests.definitions import indicator, opened
from tests.reports.book.conftest import own_storage, patient_printer
from tests.reports.book.making import arabic, asked, book_of, contents, round_of, texts
from tests.reports.papers.reading import squeezed

__all__ = ["own_storage", "patient_printer"]
pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage")


def test_a_card_too_long_for_its_process_is_a_sheet_that_says_so(monkeypatch):
    trial = two_indicators()
    save_draft(of(trial, "a"), ResultEntry(texts={"measures": "ทำแล้ว\n" * 16_000}), by=person("collector"))
    monkeypatch.setattr(settings, "RENDER_MEGABYTES", 110)
    pdf = book_of(asked(round_of(trial), "office"), "office")
    sheets, (_, _, _, first, second, _) = texts(pdf), contents(pdf)
    with translation.override("th"):
        assert squeezed(gettext("This part is missing in this book.")) in sheets[first.leads_to - 1]
    assert second.leads_to == first.leads_to + 1 and second.title in sheets[second.leads_to - 1]


def test_a_book_of_two_hundred_indicators_has_contents_of_many_sheets():
    keys = [f"k{n}" for n in range(200)]
    trial = opened(*(indicator("0.5", key=key) for key in keys))
    pdf = book_of(asked(round_of(trial), "office"), "office")
    sheets, document = texts(pdf), pikepdf.open(BytesIO(pdf))
    with document.open_outline() as outline:
        first = [page.obj.objgen for page in document.pages].index(outline.root[1].destination[0].objgen)
    assert first > 5
    lines = contents(pdf, sheets=first - 1)
    assert len(lines) == 204
    for line in lines[3:-1]:
        assert arabic(line.named) == line.leads_to and line.title in sheets[line.leads_to - 1]


def test_the_same_book_twice_is_the_same_bytes():
    wanted = asked(round_of(agreement("moi-2559")), "auditor", "en")
    assert book_of(wanted, "auditor") == book_of(wanted, "auditor")
