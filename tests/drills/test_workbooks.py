"""Each workbook of the seeds, recalculated by LibreOffice: every number equals the engine's, every text is itself."""

import io

import pytest
from openpyxl import load_workbook

from reports.cards import build
from reports.papers import Asked
from reports.papers.summary import build as summary
from reports.workbooks.card_book import card_workbook
from reports.workbooks.summary import summary_workbook
from reports.workbooks.writing import Book, Page, book_bytes
from scoring.models import Result
from tests.cast import agreement
from tests.certified import certified
from tests.reports.workbooks.recalculating import SOFFICE, differences, recalculated
from tests.reports.workbooks.test_writing import HOSTILE

pytestmark = [
    pytest.mark.usefixtures("seeds", "db"),
    pytest.mark.skipif(not SOFFICE, reason="soffice is not installed: apt-get install libreoffice-calc"),
]


def test_seeds(tmp_path):
    whole = Result.objects.select_related(
        "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
    )
    sealed = certified()
    reports = [*whole.filter(indicator__agreement__code__in=["ega-2557", "moi-2559", "ict-2550"]), sealed]
    books = {f"card-{one.pk}": book_bytes(card_workbook(build(one, user=None), one)) for one in reports}
    for code in ("ega-2557", "moi-2559", "ict-2550"):
        books[f"summary-{code}"] = book_bytes(summary_workbook(summary(Asked(agreement(code), None))))
    assert len(books) == 21
    computed = recalculated(tmp_path, books)
    counted = 0
    for name, content in books.items():
        count, found = differences(load_workbook(io.BytesIO(content), data_only=True), computed[name])
        assert found == [], name
        counted += count
    assert counted > 500


def test_hostile_texts_stay_texts(tmp_path):
    page = Page(Book("trial"), "trial", [20])
    texts = [text for text in HOSTILE if "\r" not in text]  # LibreOffice writes every line break as \n
    for row, text in enumerate(texts, 1):
        page.text(row, 1, text)
    sheet = recalculated(tmp_path, {"texts": book_bytes(page.book)})["texts"]["trial"]
    assert [sheet.cell(row, 1).value for row in range(1, len(texts) + 1)] == texts
