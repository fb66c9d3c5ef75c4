"""The summary table, against every number of seed 004, on the page and in the text of the PDF."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Agreement
from reports.papers import PAPERS, Asked
from scoring.engine.text import thai_digits
from scoring.services import approve, certify, close_round, mark_criterion, reopen, save_draft, submit
from scoring.values import CriterionEntry, ResultEntry
from tests.cast import agreement, person
from tests.certified import of
from tests.definitions import COUNT, ITEMS, criterion, indicator, opened
from tests.reports.papers.reading import (
    ACROSS,
    assert_pdf_says_what_the_page_says,
    layout,
    page_of,
    pdf_of,
    sheets,
)

pytestmark = pytest.mark.usefixtures("seeds", "db")
# Seed 004: number, unit of measure, weight, five targets, result, score, weighted score. 1.7 prints 0.5000 there, a
# misprint: 5 × 5 / 100 is 0.2500, and only so do the rows add up to 4.7740.
INDICATORS = """
1.1 ระดับ 10 1 2 3 4 5 5.00 5.0000 0.5000
1.2 ระดับ 10 1 2 3 4 5 5.00 5.0000 0.5000
1.3 ล้านบาท 10 461.30 511.30 561.30 611.30 661.30 773.00 5.0000 0.5000
1.4 ระบบ 10 270 285 300 325 350 482.00 5.0000 0.5000
1.5 ระดับ 10 1 2 3 4 5 5.00 5.0000 0.5000
1.6 บริการ 5 4 - 5 - 6 5.00 3.0000 0.1500
1.7 ระดับ 5 1 2 3 4 5 5.00 5.0000 0.2500
2.1 ระดับ 5 1 2 3 4 5 5.00 5.0000 0.2500
2.2 ร้อยละ 5 70 75 80 85 90 84.40 3.8800 0.1940
3.1 ร้อยละ 3 80 85 90 95 100 100.00 5.0000 0.1500
3.2 ร้อยละ 6 99.3 99.4 99.5 99.6 99.7 100.00 5.0000 0.3000
3.3 ร้อยละ 6 99.3 99.4 99.5 99.6 99.7 99.88 5.0000 0.3000
4.1 ระดับ 10 1 2 3 4 5 4.80 4.8000 0.4800
4.2 ระดับ 5 1 2 3 4 5 4.00 4.0000 0.2000
""".strip().splitlines()
GROUPS = [
    ("มิติที่ 1", "60", "4.8333"), ("ตัวชี้วัดตามนโยบายรัฐบาล", "20", "5.0000"),
    ("ตัวชี้วัดตามวัตถุประสงค์การจัดตั้ง", "40", "4.7500"), ("มิติที่ 2", "10", "4.4400"),
    ("มิติที่ 3", "15", "5.0000"), ("มิติที่ 4", "15", "4.5333"),
]


@pytest.fixture(scope="module")
def sheets_of_004(seeds, django_db_blocker) -> dict[str, str]:
    """The text of the PDF as it lies on the pages, by the kind of digits."""
    with django_db_blocker.unblock():
        ega = agreement("ega-2557")
        return {digits: layout(pdf_of(ega, "summary", digits=digits)) for digits in ("arabic", "thai")}


@pytest.mark.parametrize("digits", ["arabic", "thai"])
class TestEveryNumberOfSeed004:
    def found(self, text: str, digits: str, *cells: str) -> bool:
        """Whether the cells stand side by side on a line, whatever the names beside them do."""
        inked = [re.escape(thai_digits(cell) if digits == "thai" else cell) for cell in cells]
        beside = r"\s+".join(inked)
        return bool(re.search(rf"(?m)^.*\s{beside}\s*$", text))

    @pytest.mark.parametrize("row", INDICATORS, ids=lambda row: row.split()[0])
    def test_of_an_indicator(self, sheets_of_004, digits, row):
        number, *cells = row.split()
        text = sheets_of_004[digits]
        assert self.found(text, digits, *cells)
        inked = thai_digits(number) if digits == "thai" else number
        assert re.search(rf"(?m)^\s*{re.escape(inked)} .*{re.escape(cells[0])}", text)

    @pytest.mark.parametrize("row", GROUPS, ids=lambda row: row[1] + row[2])
    def test_of_a_group(self, sheets_of_004, digits, row):
        name, *cells = (thai_digits(cell) if digits == "thai" else cell for cell in row)
        assert re.search(rf"(?m)^\s*{name}.*\s{cells[0]}\s+{re.escape(cells[1])}\s*$", sheets_of_004[digits])

    def test_of_the_total(self, sheets_of_004, digits):
        assert self.found(sheets_of_004[digits], digits, "100", "คะแนนที่ได้", "4.7740", "4.7740")

    def test_and_the_misprint_of_1_7_is_not_among_them(self, sheets_of_004, digits):
        half = "0.5000" if digits == "arabic" else "๐.๕๐๐๐"
        assert sheets_of_004[digits].count(half) == 5


@pytest.mark.parametrize("digits", ["arabic", "thai"])
def test_the_text_of_all_sheets_is_the_source(digits):
    assert_pdf_says_what_the_page_says(agreement("ega-2557"), "summary", digits=digits)


def test_it_lies_across_and_says_on_every_sheet_that_its_round_is_still_open():
    pdf = pdf_of(agreement("ega-2557"), "summary")
    assert sheets(pdf) == ACROSS and ["ร่าง" in sheet for sheet in layout(pdf).split("\f")[:-1]] == [True, True]


def test_in_english_the_form_is_english():
    page = page_of(agreement("ega-2557"), "summary", language="en")
    assert "Summary of performance under the performance agreement" in page and "head of the agency" in page
    assert "4.7740" in page and "2014" in page


@pytest.mark.parametrize(("asked", "shown"), [({}, "12"), ({"round": "6"}, "6")])
def test_the_switch_marks_the_round_that_is_shown_on_every_paper_of_a_round(asked, shown):
    for name in PAPERS.keys() - {"like-for-like"}:  # it has nothing to compare here
        page = page_of(agreement("moi-2559"), name, **asked)
        marked = re.findall(r'<a class="round[^>]*href="\?round=(\d+)[^>]*aria-current="page"', page)
        assert marked == ([shown] if PAPERS[name].by_round else []), name


def built(trial: Agreement, reader: str = "office", **asked):
    return PAPERS["summary"].build(Asked(Agreement.objects.get(pk=trial.pk), person(reader), **asked))


def marked() -> Agreement:
    """a (60) and b (40): collectors claim 4 and 3, the supervisor gives 3 for the first."""
    trial = opened(indicator("60", key="a"), indicator("40", key="b"))
    for number, level in (("a", "4"), ("b", "3")):
        report = of(trial, number)
        entry = {report.indicator.criteria.get().pk: {"value": Decimal(level)}}
        save_draft(report, ResultEntry(criteria=entry), by=person("collector"))
        submit(report, by=person("collector"))
    report = of(trial, "a")
    given: CriterionEntry = {"value": Decimal(3)}
    mark_criterion(report, report.indicator.criteria.get(), entry=given, reason="no proof", by=person("supervisor"))
    for number in "ab":
        approve(of(trial, number), by=person("supervisor"))
    return trial


def figures(table) -> list[tuple[str, str, str]]:
    return [(row.result, row.score, row.weighted) for row in table.rows]


class TestBothSides:
    OWN = [("4", "4.0000", "2.4000"), ("3", "3.0000", "1.2000")]
    FINAL = [("3", "3.0000", "1.8000"), ("3", "3.0000", "1.2000")]

    def test_stand_beside_each_other_once_they_differ(self):
        paper = built(marked())
        assert (figures(paper.own), figures(paper.table)) == (self.OWN, self.FINAL)
        assert (paper.own.score, paper.own.sum_weighted) == ("3.6000", "3.6000")
        assert (paper.table.score, paper.table.sum_weighted) == ("3.0000", "3.0000")

    def test_are_printed_under_their_names(self):
        trial = marked()
        text = layout(pdf_of(trial, "summary", "office"))
        assert "ประเมินตนเอง" in text and "คณะกรรมการประเมิน" in text
        assert re.search(r"4\s+4\.0000\s+2\.4000\s+3\s+3\.0000\s+1\.8000", text)
        assert re.search(r"3\.6000\s+3\.6000\s+3\.0000\s+3\.0000", text)
        assert_pdf_says_what_the_page_says(trial, "summary")

    def test_are_left_out_on_demand_and_where_they_agree(self):
        trial = marked()
        paper = built(trial, sides="one")
        assert paper.own is None and paper.offers_sides
        page = page_of(trial, "summary", "office", sides="one")
        assert "คณะกรรมการประเมิน" not in page and "2.4000" not in page
        assert not built(agreement("ega-2557")).offers_sides

    def test_of_what_was_certified_are_the_certified_ones(self):
        trial = marked()
        for number in "ab":
            certify(of(trial, number), by=person("office"))
        close_round(trial.rounds.get(), by=person("office"))
        report = reopen(of(trial, "a"), reason="wrong", by=person("office"))
        entry = {report.indicator.criteria.get().pk: {"value": Decimal(1)}}
        save_draft(of(trial, "a"), ResultEntry(criteria=entry), by=person("collector"))
        paper = built(trial)
        assert (figures(paper.own), figures(paper.table)) == (self.OWN, self.FINAL)
        assert not paper.head.draft and "SHA-256" in paper.sealed
        assert "SHA-256" in page_of(trial, "summary", "office")

    def test_hidden_scores_have_no_other_side(self):
        trial = marked()
        Agreement.objects.filter(pk=trial.pk).update(hide_scores=True)
        paper = built(trial, "collector")
        assert not paper.offers_sides and {row.score for row in paper.table.rows} == {"–"}
        assert built(trial).offers_sides


def test_what_one_may_not_see_is_not_printed():
    shown = built(agreement("ega-2557"), "auditor")
    assert shown.table.score == "4.7740"
    hidden = built(agreement("ega-2557"), "stranger")
    assert {row.score for row in hidden.table.rows} <= {"–", ""} and hidden.table.score == "–"


class TestWidths:
    def trial(self, *targets: str) -> Agreement:
        levels = [{"score": str(n), "target": target} for n, target in enumerate(targets, 1)]
        return opened(indicator("100", criterion("c", "100", {"kind": "thresholds", "levels": levels})))

    @pytest.mark.parametrize("digits", ["arabic", "thai"])
    @pytest.mark.parametrize("first", ["461.30", "1234567.89", "12345678901.25"])
    def test_no_figure_breaks(self, digits, first):
        targets = [str(Decimal(first) + n) for n in range(5)]
        text = layout(pdf_of(self.trial(*targets), "summary", "office", digits=digits))
        for target in targets:
            assert (thai_digits(target) if digits == "thai" else target) in text.split()

    def test_the_longest_figures_that_there_can_be_are_all_there(self):
        trial = self.trial(*(f"{n}23456789012345.1234567891" for n in range(1, 6)))
        assert "523456789012345.1234567891" in assert_pdf_says_what_the_page_says(trial, "summary")

    def test_targets_in_words_have_room(self):
        words = ["แต่งตั้งคณะทำงานและจัดทำแผนพัฒนาระบบสารสนเทศแล้วเสร็จ"] * 3
        rubric = COUNT | {"levels": [one | {"wording": word} for one, word in zip(COUNT["levels"], words, strict=True)]}
        trial = opened(indicator("100", criterion("c", "100", rubric, ITEMS)))
        assert built(trial).has_words
        assert_pdf_says_what_the_page_says(trial, "summary")


def test_queries_do_not_grow_with_the_indicators():
    def queries(trial: Agreement) -> int:
        built(trial)
        asked = Asked(Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk), person("office"))
        with CaptureQueriesContext(connection) as captured:
            PAPERS["summary"].build(asked)
        return len(captured)

    more = opened(*(indicator("20", key=f"i{n}") for n in range(5)), code="more")
    assert queries(marked()) == queries(more) <= 7
