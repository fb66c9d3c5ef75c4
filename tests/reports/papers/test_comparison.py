"""The comparison sheets, of a year and over several: every cell by hand, and nothing that the reader may not see."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.models import Agreement, Indicator
from reports.papers import PAPERS, Asked
from reports.papers.widths import Figures, fit, target_class
from scoring.models import Result
from scoring.services import approve, certify, close_round, mark_criterion, save_draft, submit
from scoring.values import ResultEntry
from tests.cast import agreement, person
from tests.definitions import LEVEL, THRESHOLDS, criterion, indicator, opened
from tests.reports.papers.reading import (
    ACROSS,
    assert_pdf_says_what_the_page_says,
    assert_rows,
    page_of,
    pdf_of,
    sheets,
)

pytestmark = pytest.mark.usefixtures("seeds", "db")


def one(key: str, rubric: dict, weight: str, **more) -> dict:
    return indicator(weight, criterion(f"criterion {key}", weight, rubric), key=key, **more)


def report_of(trial: Agreement, key: str, months: int) -> Result:
    whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    found = Result.objects.select_related(*whole)
    return found.get(indicator__agreement=trial, indicator__number=key, round__months=months)


def say(trial: Agreement, months: int = 12, **values: str) -> None:
    """Enter results, each of the indicator with this number."""
    for key, value in values.items():
        report = report_of(trial, key, months)
        entry = {report.indicator.criteria.get().pk: {"value": Decimal(value)}}
        save_draft(report, ResultEntry(criteria=entry), by=person("collector"))


def year(number: int, *indicators: dict, months: tuple[int, ...] = (12,)) -> Agreement:
    rounds = [{"months": one} for one in months]
    return opened(*indicators, code=f"y{number}", year=number, rounds=rounds)


def approved(trial: Agreement, key: str, months: int, *, marked: str = "") -> None:
    """Submit and approve a report, marked otherwise by the supervisor."""
    submit(report_of(trial, key, months), by=person("collector"))
    if marked:
        report, given = report_of(trial, key, months), {"value": Decimal(marked)}
        criterion_ = report.indicator.criteria.get()
        mark_criterion(report, criterion_, entry=given, reason="no proof", by=person("supervisor"))
    approve(report_of(trial, key, months), by=person("supervisor"))


def three_years() -> Agreement:
    """2569 in rounds 6 and 12, of a (60, targets 70 … 90) and fresh (40, a level); before it 2568 with a and gone, and
    2566 with a under another number. Nothing of 2567."""
    say(year(2566, one("7", THRESHOLDS, "100", name="indicator a")), **{"7": "71.5"})
    say(year(2568, one("a", THRESHOLDS, "70"), one("gone", LEVEL, "30")), a="80.25", gone="3")
    now = year(2569, one("a", THRESHOLDS, "60", unit_of_measure="ร้อยละ"), one("fresh", LEVEL, "40"), months=(6, 12))
    say(now, 6, a="75", fresh="2")
    say(now, 12, a="84.40")
    approved(now, "a", 12, marked="82.50")
    return now


@pytest.fixture
def this(seeds, db) -> Agreement:
    return three_years()


def asked_of(trial: Agreement, reader: str = "office", **asked) -> Asked:
    found = Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)
    return Asked(found, person(reader), **asked)


def built(name: str, trial: Agreement, reader: str = "office", **asked):
    with translation.override("en"):
        return PAPERS[name].build(asked_of(trial, reader, **asked))


class TestTheYear:
    def test_every_cell(self, this):
        paper = built("comparison", this)
        assert (paper.years, paper.rounds) == (("2023", "2024", "2025"), ("6-month round", "12-month round"))
        first, second = paper.rows
        assert (first.name, first.unit, first.target) == ("a indicator a", "ร้อยละ", "90")
        assert first.baselines == ("71.5", "–", "80.25")
        # 75 reaches 2; 84.40 claims 3.8800, and the supervisor's 82.50 gives 3.5.
        assert first.rounds == (("60", "75", "2.0000", "2.0000"), ("60", "82.50", "3.8800", "3.5000"))
        assert (second.name, second.target, second.baselines) == ("fresh indicator fresh", "5", ("–", "–", "–"))
        assert second.rounds == (("40", "2", "2.0000", "2.0000"), ("40", "–", "–", "–"))

    def test_totals_of_both_sides(self, this):
        assert built("comparison", this).totals == (("100", "", "2.0000", "2.0000"), ("100", "", "3.8800", "3.5000"))

    def test_groups_have_their_averages(self):
        paper = built("comparison", agreement("ega-2557"))
        groups = [(row.name.split()[0], row.rounds[0].score) for row in paper.rows if row.is_group]
        assert [score for _, score in groups] == ["4.8333", "5.0000", "4.7500", "4.4400", "5.0000", "4.5333"]
        [row] = [row for row in paper.rows if row.name.startswith("2.2 ")]
        assert (row.target, row.rounds) == ("90", (("5", "84.40", "3.8800", "3.8800"),))
        assert paper.totals == (("100", "", "4.7740", "4.7740"),)

    def test_a_closed_round_stays_as_it_was_sealed(self, this):
        for key in ("a", "fresh"):
            approved(this, key, 6)
            certify(report_of(this, key, 6), by=person("office"))
        close_round(this.rounds.get(months=6), by=person("office"))
        Indicator.objects.filter(agreement=this, number="a").update(weight=55)
        first = built("comparison", this).rows[0]
        assert [cells.weight for cells in first.rounds] == ["60", "55"]

    @pytest.mark.parametrize("digits", ["arabic", "thai"])
    def test_the_text_of_all_sheets_is_the_source(self, this, digits):
        text = assert_pdf_says_what_the_page_says(this, "comparison", digits=digits)
        paper = PAPERS["comparison"].build(asked_of(this, "auditor", digits=digits))
        rounds = [[cell for cells in row.rounds for cell in cells] for row in paper.rows]
        assert_rows(text, [
            (row.name, row.unit, *row.baselines, row.target, *cells)
            for row, cells in zip(paper.rows, rounds, strict=True)
        ])
        assert_rows(text, [["น้ำหนักรวม", *(cell for cells in paper.totals for cell in cells)]])
        assert sheets(pdf_of(this, "comparison")) == ACROSS
        assert "Baseline" in page_of(this, "comparison", language="en")

    def test_of_a_definition_without_rounds_it_prints_the_indicators(self):
        paper = built("comparison", agreement("imm-2559"))
        assert (paper.rounds, paper.totals, len([row for row in paper.rows if not row.is_group])) == ((), (), 12)


class TestWhoSeesWhat:
    def test_hidden_scores_stay_hidden_in_every_year_that_hides_them(self, this):
        Agreement.objects.filter(pk=this.pk).update(hide_scores=True)
        first = built("comparison", this, "collector").rows[0]
        assert [(cells.own, cells.score) for cells in first.rounds] == [("–", "–"), ("–", "–")]
        assert built("comparison", this, "office").rows[0].rounds[1].score == "3.5000"
        row = built("years", this, "collector").rows[0]
        assert [cells.score for cells in row.cells][-3:] == ["1.3000", "3.0500", "–"]

    def test_what_one_may_not_see_is_not_printed(self, this):
        paper = built("comparison", this, "stranger")
        said = {cell for row in paper.rows for cells in row.rounds for cell in cells[1:]}
        assert said == {"–"} and {text for row in paper.rows for text in row.baselines} == {"–"}
        assert len(built("years", this, "stranger").years) == 1


class TestOverSeveralYears:
    def test_every_cell_the_earliest_year_first(self, this):
        paper = built("years", this, months=12)
        assert paper.years[-3:] == ("2023", "2025", "2026")
        rows = {row.name: row.cells[-3:] for row in paper.rows}
        assert rows["a indicator a"] == (
            ("100", "90", "71.5", "1.3000"), ("70", "90", "80.25", "3.0500"), ("60", "90", "82.50", "3.5000"),
        )
        none = ("–", "–", "–", "–")
        assert rows["fresh indicator fresh"] == (none, none, ("40", "5", "–", "–"))
        assert rows["gone indicator gone"] == (none, ("30", "5", "3", "3.0000"), none)
        # (70 × 3.05 + 30 × 3) / 100.
        assert paper.totals[-3:] == ("1.3000", "3.0350", "3.5000")

    def test_an_indicator_is_known_by_the_year_that_it_was_last_seen_in(self, seeds, db):
        """7 of 2569 was 3 in 2568; in 2566 3 has a namesake, and still is 3."""
        say(year(2566, one("3", LEVEL, "50", name="x"), one("4", LEVEL, "50", name="x")), **{"3": "2", "4": "5"})
        say(year(2568, one("3", LEVEL, "100", name="x")), **{"3": "3"})
        now = year(2569, one("7", LEVEL, "100", name="x"))
        assert [cells.score for cells in built("years", now).rows[0].cells[-3:]] == ["2.0000", "3.0000", "–"]

    def test_the_round_of_this_year_is_the_one_that_was_asked_for(self, this):
        assert built("years", this, months=6).rows[0].cells[-1] == ("60", "90", "75", "2.0000")

    @pytest.mark.parametrize("digits", ["arabic", "thai"])
    def test_the_text_of_all_sheets_is_the_source(self, this, digits):
        text = assert_pdf_says_what_the_page_says(this, "years", digits=digits)
        paper = PAPERS["years"].build(asked_of(this, "auditor", digits=digits))
        assert_rows(text, [
            (row.name, f"({row.unit})" if row.unit else "", *(cell for cells in row.cells for cell in cells))
            for row in paper.rows
        ])
        assert_rows(text, [["คะแนนของคำรับรอง", *paper.totals]])
        assert sheets(pdf_of(this, "years")) == ACROSS


@pytest.mark.parametrize("name", ["comparison", "years"])
def test_queries_do_not_grow_with_the_indicators(name):
    def queries(first: int, rows: int) -> int:
        Agreement.objects.filter(unit__code="moi").update(state="draft")
        made = [one(f"i{n}", THRESHOLDS, str(100 // rows)) for n in range(rows)]
        for number in range(first, first + 3):
            trial = year(number, *made)
            say(trial, **{f"i{n}": "84.40" for n in range(rows)})
            built(name, trial)
        asked = Asked(Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk), person("office"))
        with CaptureQueriesContext(connection) as captured:
            assert len(PAPERS[name].build(asked).rows) == rows
        return len(captured)

    assert queries(2561, 1) == queries(2565, 4) <= 20


def test_columns_give_way_step_by_step():
    figures = Figures(["12345678901234"], 3, 4)
    assert fit([figures], 36) == ((9,), "")
    assert fit([figures], 32) == ((8,), "less-figures")
    assert fit([figures], 28) == ((7,), "small-figures")
    assert fit([figures], 20) == ((5,), "small-figures broken-figures")


def test_figures_keep_their_letter_where_a_smaller_one_makes_no_room():
    # Their heads take five each in any letter.
    assert fit([Figures(["5.0000"], 5, 4)], 18, 20) == ((5,), "")
    assert fit([Figures(["๙๙๙.๙๙"], 4, 4)], 15, 20) == ((4,), "less-figures")


def test_short_targets_stand_as_figures_and_longer_ones_go_on_in_a_second_line():
    assert (target_class("1,234.56"), target_class("ดำเนินการได้ตามแผน")) == ("num", "right")
