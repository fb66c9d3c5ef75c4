"""Each workbook of the seeds and of trials over years, recalculated by LibreOffice: every number equals the engine's,
every text is itself."""

import io
import re
import zipfile

import pytest
from django.utils import translation
from openpyxl import load_workbook

from indicators.models import Agreement
from reports.cards import build
from reports.papers import PAPERS, Asked
from reports.workbooks.card_book import card_workbook
from reports.workbooks.writing import Book, Page, book_bytes
from scoring.freezing.printed import printed
from scoring.models import Result
from tests.certified import certified
from tests.definitions import indicator, opened
from tests.reports.papers.test_comparison import say, three_years
from tests.reports.papers.test_like_for_like import two_years
from tests.reports.papers.test_summary import marked
from tests.reports.workbooks.recalculating import SOFFICE, differences, recalculated
from tests.reports.workbooks.test_writing import HOSTILE

pytestmark = [
    pytest.mark.usefixtures("seeds", "db"),
    pytest.mark.skipif(not SOFFICE, reason="soffice is not installed: apt-get install libreoffice-calc"),
]
FORMULA = re.compile("<f>([^<]*SUMPRODUCT[^<]*)</f>")


def of_parts() -> Agreement:
    """An indicator of two parts beside one that isn't reported yet."""
    whole = indicator("40", key="whole", criteria=())
    del whole["rubric"]
    parts = (indicator(weight, key=key, parent="whole") for key, weight in (("p", "28"), ("q", "12")))
    trial = opened(indicator("60", key="open"), whole, *parts, code="parts")
    say(trial, p="5", q="4")
    return trial


def papers_of(code: str, digits: str) -> dict[str, bytes]:
    """All papers of an agreement."""
    found = Agreement.objects.select_related("unit", "fiscal_year").get(code=code)
    with translation.override("en"):
        return {
            f"{code}-{name}": book_bytes(paper.workbook(paper.build(Asked(found, None, None, digits))))
            for name, paper in PAPERS.items()
        }


def cards() -> dict[str, bytes]:
    """The cards of the seeds' reports, and a certified one."""
    whole = Result.objects.select_related(
        "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
    )
    sealed = certified()
    seeds = whole.filter(indicator__agreement__code__in=["ega-2557", "moi-2559", "ict-2550"])
    paged = {f"card-{one.pk}": printed(one) for one in [*seeds, sealed]}
    return {name: book_bytes(card_workbook(build(one, user=None), one)) for name, one in paged.items()}


def compared(folder, books: dict[str, bytes]) -> tuple[int, list[str]]:
    """How many numbers the workbooks hold, and what LibreOffice has otherwise."""
    computed, counted, found = recalculated(folder, books), 0, []
    for name, content in books.items():
        count, others = differences(load_workbook(io.BytesIO(content), data_only=True), computed[name])
        counted, found = counted + count, found + [f"{name} {other}" for other in others]
    return counted, found


def broken(content: bytes) -> bytes:
    """The same workbook with a formula that counts one more."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            held = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                held = FORMULA.sub(r"<f>1+\1</f>", held.decode(), count=1).encode()
            new.writestr(name, held)
    return target.getvalue()


def test_cards_and_papers_of_the_seeds(tmp_path):
    books = cards()
    for code in ("ega-2557", "moi-2559", "ict-2550", "imm-2556", "imm-2559"):
        books |= papers_of(code, "thai" if code == "moi-2559" else "arabic")
    counted, found = compared(tmp_path, books)
    assert found == [] and len(books) == 18 + 5 * len(PAPERS)
    assert counted > 1000


@pytest.mark.parametrize(
    ("make", "code"), [(three_years, "y2569"), (two_years, "y2568"), (marked, "trial"), (of_parts, "parts")]
)
def test_papers_over_years_of_both_sides_and_of_parts(tmp_path, make, code):
    make()
    counted, found = compared(tmp_path, papers_of(code, "thai"))
    assert found == [] and counted > 50


def test_a_broken_formula_is_found_in_each_kind_of_workbook(tmp_path):
    two_years()
    books = papers_of("y2568", "arabic")
    kinds = [f"y2568-{name}" for name in ("summary", "comparison", "years", "like-for-like")]
    _, found = compared(tmp_path, {name: broken(books[name]) for name in kinds})
    assert {line.split()[0] for line in found} == set(kinds)


def test_hostile_texts_stay_texts(tmp_path):
    page = Page(Book("trial"), "trial", [20])
    texts = [text for text in HOSTILE if "\r" not in text]  # LibreOffice writes every line break as \n
    for row, text in enumerate(texts, 1):
        page.text(row, 1, text)
    sheet = recalculated(tmp_path, {"texts": book_bytes(page.book)})["texts"]["trial"]
    assert [sheet.cell(row, 1).value for row in range(1, len(texts) + 1)] == texts
