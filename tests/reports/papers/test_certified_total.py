"""A weighted score certified with another total weight than counts now is marked, with a note under the table."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from indicators.models import Agreement
from scoring.services.rounds import change_running
from reports.book.asking import Wanted
from reports.book.sources import sources
from reports.papers import PAPERS, Asked
from reports.workbooks.writing import book_bytes
from scoring.engine.text import thai_digits
from scoring.freezing.codec import canonical, sha256_of
from scoring.freezing.rounds import load_shown
from scoring.models import RoundSeal
from scoring.queries.summary import load_summary
from scoring.services import approve, certify, close_round, save_draft, submit
from scoring.summary_pages import summary_page
from scoring.values import ResultEntry
from tests.cast import browser_of, person
from tests.certified import of
from tests.definitions import indicator, opened
from tests.reports.papers.reading import assert_pdf_says_what_the_page_says, layout, page_of, pdf_of
from tests.reports.workbooks.reading import check_formulas, read_back

pytestmark = pytest.mark.usefixtures("seeds", "db")
NOTE = (
    "* The weighted score is the certified one: W × S / 100, the total weight at its certification. The total weight"
    " that counts now is 90, and the total is Σ(W × S) / 90: the column need not add up to it."
)


def fill(trial: Agreement, number: str, level: str) -> None:
    """Report an indicator and certify it, with the T of this moment."""
    report = of(trial, number)
    entry = {report.indicator.criteria.get().pk: {"value": Decimal(level)}}
    save_draft(report, ResultEntry(criteria=entry), by=person("collector"))
    submit(report, by=person("collector"))
    approve(report, by=person("supervisor"))
    certify(report, by=person("office"))


def cancel(trial: Agreement, number: str) -> None:
    one = trial.indicators.get(number=number)
    change_running(one, first_round=None, cancelled_from=12, reason="resolution 3/2569", by=person("office"))


@pytest.fixture
def trial(seeds, db) -> Agreement:
    """a (60) and b (30) certified with T 100 and 90, c (10) cancelled between: 60 × 4 / 100 = 2.4, 30 × 3 / 90 = 1."""
    made = opened(indicator("60", key="a"), indicator("30", key="b"), indicator("10", key="c"))
    fill(made, "a", "4")
    cancel(made, "c")
    fill(made, "b", "3")
    return Agreement.objects.select_related("unit", "fiscal_year").get(pk=made.pk)


def table_of(trial: Agreement, load=load_summary):
    with translation.override("en"):
        return summary_page(load(Agreement.objects.get(pk=trial.pk), user=None), "en")


def said(table) -> list[tuple[str, str, str]]:
    return [(row.name[-1], row.weighted, row.mark) for row in table.rows]


class TestTheNote:
    MARKED = [("a", "2.4000", "*"), ("b", "1.0000", ""), ("c", "–", "")]

    def test_says_what_was_certified_with_and_what_counts_now(self, trial):
        table = table_of(trial)
        # The column adds up to 3.4; the total is (60 × 4 + 30 × 3) / 90.
        assert (said(table), table.sum_weighted, table.notes) == (self.MARKED, "3.6667", (NOTE,))

    def test_is_not_there_where_nothing_differs(self):
        made = opened(indicator("60", key="a"), indicator("40", key="b"))
        fill(made, "a", "4")
        table = table_of(made)
        assert (said(table), table.notes) == ([("a", "2.4000", ""), ("b", "–", "")], ())

    def test_of_two_other_totals_are_two(self):
        weights = {"a": "50", "b": "30", "c": "10", "d": "10"}
        made = opened(*(indicator(weight, key=key) for key, weight in weights.items()))
        for number, level, gone in (("a", "4", "c"), ("b", "3", "d")):
            fill(made, number, level)
            cancel(made, gone)
        table = table_of(made)
        assert [row.mark for row in table.rows] == ["*", "**", "", ""]
        assert [note.split(",")[0].rsplit(" ", 1)[1] for note in table.notes] == ["100", "90"]
        assert all("now is 80" in note for note in table.notes)

    def test_stays_when_the_round_is_closed(self, trial):
        close_round(trial.rounds.get(), by=person("office"))
        table = table_of(trial, load_shown)
        assert (said(table), table.notes) == (self.MARKED, (NOTE,))

    def test_of_a_seal_that_does_not_keep_the_totals_too(self, trial):
        close_round(trial.rounds.get(), by=person("office"))
        seal = RoundSeal.objects.get()
        content = json.loads(seal.content) | {"number": 2, "replaces": seal.sha256}
        for line in content["lines"]:
            line["figures"]["total"] = None
        RoundSeal.objects.filter(pk=seal.pk).update(superseded_at=timezone.now())
        text = canonical(content)
        RoundSeal.objects.create(
            round=seal.round, number=2, content=text, sha256=sha256_of(text), sealed_at=timezone.now(),
            sealed_by=person("office"),
        )
        table = table_of(trial, load_shown)
        assert (said(table), table.notes) == (self.MARKED, (NOTE,))


class TestItStands:
    def test_on_both_pages(self, trial):
        visitor = browser_of(person("office"))
        visitor.cookies["django_language"] = "en"
        screen = visitor.get(reverse("agreement", args=[trial.pk])).content.decode()
        for page in (screen, page_of(trial, "summary", "office", language="en")):
            assert NOTE in page and page.count("indicator a</a> *") + page.count("indicator a *") == 1

    def test_on_paper_in_its_digits(self, trial):
        text = assert_pdf_says_what_the_page_says(trial, "summary", digits="thai", language="en")
        assert thai_digits(NOTE).replace(" ", "") in text
        assert "indicator a *" in layout(pdf_of(trial, "summary", "office", language="en"))

    def test_in_the_workbook(self, trial):
        with translation.override("en"):
            paper = PAPERS["summary"].build(Asked(trial, person("office")))
            book = PAPERS["summary"].workbook(paper)
        check_formulas(book_bytes(book))
        cells = [str(cell.value).strip() for cell in read_back(book)["summary"]["A"] if cell.value]
        assert "a indicator a *" in cells and "b indicator b" in cells and cells.count(NOTE) == 1

    def test_in_the_book(self, trial):
        with translation.override("en"):
            first = next(sources(Wanted(Asked(trial, person("office")), trial.rounds.get(), "en", [], 0, 0)))
        assert NOTE in first.page["html"] and "indicator a *" in first.page["html"]
