"""Like for like: last year's results through this year's rubrics, scored by the engine and checked by hand."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.earlier import earlier_agreements, paired
from indicators.models import Agreement, Criterion
from reports.papers import PAPERS, Asked
from scoring.services import approve, certify, close_round, save_draft, submit
from scoring.values import ResultEntry
from tests.cast import agreement, person
from tests.certified import of
from tests.definitions import (
    COMPLETE_COUNT,
    FORMULA,
    ITEMS,
    LEVEL,
    MILESTONES,
    THRESHOLDS,
    criterion,
    in_force,
    indicator,
    opened,
)
from tests.reports.papers.reading import (
    ACROSS,
    assert_pdf_says_what_the_page_says,
    assert_rows,
    page_of,
    pdf_of,
    sheets,
)

pytestmark = pytest.mark.usefixtures("seeds", "db")


def targets(*values: str) -> dict:
    return {"kind": "thresholds", "levels": [{"score": str(n), "target": t} for n, t in enumerate(values, 1)]}


STRICTER = targets("75", "80", "85", "90", "95")
OTHER_LEVELS = {"kind": "milestones", "levels": [{"score": s, "items": [k]} for s, k in zip("245", "abc", strict=True)]}


def one(key: str, rubric: dict, weight: str = "50", items=(), **more) -> dict:
    return indicator(weight, criterion(f"criterion {key}", weight, rubric, items), key=key, **more)


def year(number: int, *indicators: dict, **entries: dict) -> Agreement:
    """An agreement of a year whose 12-month reports say what is given for their criteria, by the indicator's key."""
    trial = opened(*indicators, code=f"y{number}", year=number)
    for key, entry in entries.items():
        report = of(trial, key)
        said = {pk: entry for pk in report.indicator.criteria.values_list("pk", flat=True)}
        save_draft(report, ResultEntry(criteria=said), by=person("collector"))
    return trial


def built(trial: Agreement, reader: str = "office", **asked):
    found = Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)
    with translation.override("en"):
        return PAPERS["like-for-like"].build(Asked(found, person(reader), **asked))


def row(paper, key: str):
    return next(row for row in paper.rows if row.name.startswith(f"{key} "))


class TestScoringAnew:
    @pytest.mark.parametrize(
        ("then", "now", "entry", "published", "anew"),
        [
            # 84.40 lies between 80 and 85: 3 + 4.40 / 5; of the stricter ones between 80 and 85 too, a level lower.
            (THRESHOLDS, STRICTER, {"value": Decimal("84.40")}, "3.8800", "2.8800"),
            (THRESHOLDS, STRICTER, {"value": Decimal("60")}, "1.0000", "1.0000"),
            (THRESHOLDS, targets("90", "85", "80", "75", "70"), {"value": Decimal("84.40")}, "3.8800", "2.1200"),
            (THRESHOLDS, THRESHOLDS | {"between": "step"}, {"value": Decimal("84.40")}, "3.8800", "3.0000"),
            (FORMULA, FORMULA, {"data": {"A": Decimal(211), "B": Decimal(250)}}, "3.8800", "3.8800"),
            (FORMULA, STRICTER, {"data": {"A": Decimal(211), "B": Decimal(250)}}, "3.8800", "2.8800"),
            (MILESTONES, OTHER_LEVELS, {"done": frozenset("ab")}, "3.0000", "4.0000"),
            (MILESTONES, MILESTONES, {"done": frozenset("ac")}, "1.0000", "1.0000"),
            (LEVEL, LEVEL, {"value": Decimal("4.80")}, "4.8000", "4.8000"),
            (THRESHOLDS, LEVEL, {"value": Decimal("84.40")}, "3.8800", "–"),
            (THRESHOLDS, STRICTER, {"not_reported": True, "reason": "lost"}, "1.0000", "1.0000"),
        ],
    )
    def test_is_the_engines_score_of_the_same_result(self, then, now, entry, published, anew):
        items = {"milestones": ITEMS}
        year(2567, one("a", then, "100", items.get(then["kind"], ())), a=entry)
        found = row(built(year(2568, one("a", now, "100", items.get(now["kind"], ())))), "a")
        assert (found.published, found.anew) == (published, anew)

    def test_items_are_known_by_their_names_not_their_keys(self):
        renamed = [item | {"key": key} for item, key in zip(ITEMS, "xyz", strict=True)]
        levels = [level | {"items": [key]} for level, key in zip(OTHER_LEVELS["levels"], "xyz", strict=True)]
        year(2567, one("a", MILESTONES, "100", ITEMS), a={"done": frozenset("ab")})
        assert row(built(year(2568, one("a", OTHER_LEVELS | {"levels": levels}, "100", renamed))), "a").anew == "4.0000"

    def test_other_items_cannot_be_scored_and_it_says_so(self):
        more = [*ITEMS, {"key": "d", "number": "4", "name": "item d"}]
        year(2567, one("a", COMPLETE_COUNT, "100", ITEMS), a={"done": frozenset("ab"), "complete": frozenset("a")})
        found = row(built(year(2568, one("a", COMPLETE_COUNT, "100", more))), "a")
        assert (found.published, found.anew, found.difference) == ("3.0000", "–", "–")
        assert found.changes == ("Items: 1 added, 0 removed",)
        assert found.reason == "can't be scored with this year's definition"

    def test_another_unit_of_measure_cannot_be_compared(self):
        year(2567, one("a", THRESHOLDS, "100", unit_of_measure="บาท"), a={"value": Decimal("84.40")})
        found = row(built(year(2568, one("a", THRESHOLDS, "100", unit_of_measure="ล้านบาท"))), "a")
        assert (found.anew, found.changes) == ("–", ("Unit of measure: บาท → ล้านบาท",))


class TestWhyItIsNotScoredAnew:
    """One sentence for each case; last year's indicator a has two criteria of 50 each, levels both."""

    DEFINITION = "can't be scored with this year's definition"

    def reason(self, *levels: str | None, now: dict | None = None, reader: str = "office", **changed) -> str:
        two = [criterion("c1", "50"), criterion("c2", "50")]
        then = opened(indicator("100", *two, key="a"), code="y2567", year=2567)
        report = of(then, "a")
        keys = report.indicator.criteria.order_by("order").values_list("pk", flat=True)
        said = {pk: {"value": Decimal(level)} for pk, level in zip(keys, levels, strict=True) if level}
        if said:
            save_draft(report, ResultEntry(criteria=said), by=person("collector"))
        Agreement.objects.filter(pk=then.pk).update(**changed)
        this = opened(now or indicator("100", *two, key="a"), code="y2568", year=2568)
        found = row(built(this, reader), "a")
        assert found.anew == ("4.0000" if not found.reason else "–")
        return found.reason

    def test_none_where_it_is(self):
        assert self.reason("4", "4") == ""

    def test_nothing_reported(self):
        assert self.reason(None, None) == "last year's result has no score yet"

    def test_reported_in_part(self):
        assert self.reason("4", None) == "last year's result is incomplete: a part of it has no score yet"

    def test_the_definition_has_more(self):
        more = indicator("100", criterion("c1", "50"), criterion("c3", "50"), key="a")
        assert self.reason("4", "4", now=more) == self.DEFINITION

    def test_both_at_once_is_the_definition_which_stays(self):
        more = indicator("100", criterion("c1", "50"), criterion("c3", "50"), key="a")
        assert self.reason(None, "4", now=more) == self.DEFINITION

    def test_not_certified_where_scores_are_hidden_until_then(self):
        assert self.reason("4", "4", hide_scores=True, reader="collector") == "Scores are shown after certification."

    def test_not_applicable_last_year_and_no_score_beside_it(self):
        both = indicator("60", key="a", cancelled_from=12), indicator("40", key="b")
        opened(*both, code="y2567", year=2567, rounds=[{"months": 6}, {"months": 12}])
        paper = built(year(2568, one("a", LEVEL, "60"), one("b", LEVEL, "40")))
        assert (row(paper, "a").reason, row(paper, "b").reason) == (
            "not applicable last year", "last year's result has no score yet",
        )

    def test_no_report_that_one_may_see(self):
        in_force(indicator("100", key="a"), code="y2567", year=2567)
        found = row(built(year(2568, one("a", LEVEL, "100"))), "a")
        assert found.reason == "there is no report of last year that you may see"

    @pytest.mark.parametrize(("now", "reason"), [
        (LEVEL, "last year's result is incomplete: a part of it has no score yet"), (THRESHOLDS, DEFINITION),
    ])
    def test_of_an_indicator_of_parts_is_what_keeps_its_parts(self, now, reason):
        def whole(rubric: dict) -> list[dict]:
            above = {name: value for name, value in indicator("100", key="a").items() if name != "rubric"}
            return [above, one("p", LEVEL, "70", parent="a"), one("q", rubric, "30", parent="a")]

        year(2567, *whole(LEVEL), p={"value": Decimal(4)})
        found = row(built(year(2568, *whole(now))), "a")
        assert (found.published, found.anew, found.reason) == ("4.0000", "–", reason)


def two_years() -> tuple[Agreement, Agreement]:
    """2567: a (60), b (40) and gone; 2568: a with stricter targets and a greater weight, b as it was, and fresh."""
    then = year(
        2567, one("a", THRESHOLDS, "50"), one("b", LEVEL, "40"), one("gone", LEVEL, "10"),
        a={"value": Decimal("84.40")}, b={"value": Decimal(4)}, gone={"value": Decimal(5)},
    )
    now = year(
        2568, one("a", STRICTER, "60"), one("b", LEVEL, "30"), one("fresh", LEVEL, "10"), a={"value": Decimal(86)},
    )
    return then, now


class TestTheTable:
    def test_marks_what_was_added_removed_and_changed(self):
        _, now = two_years()
        paper = built(now)
        assert [found.name.split()[0] for found in paper.rows] == ["a", "b", "fresh", "gone"]
        assert row(paper, "a").changes == (
            "Weight: 50 → 60",
            "Targets: 70 / 75 / 80 / 85 / 90 → 75 / 80 / 85 / 90 / 95",
        )
        assert row(paper, "b").changes == ("Weight: 40 → 30",)
        assert row(paper, "fresh").changes == ("Added this year",)
        assert row(paper, "gone").changes == ("Removed this year",)

    def test_shows_that_a_fall_comes_from_stricter_targets(self):
        _, now = two_years()
        found = row(built(now), "a")
        # The result rose from 84.40 to 86 and the score fell from 3.8800 to 3.2000: by like for like it rose.
        assert (found.result_then, found.published, found.anew, found.difference) == (
            "84.40", "3.8800", "2.8800", "−1.0000",
        )
        assert found.score_now == "3.2000"

    def test_scores_of_different_scales_have_no_difference_and_it_says_so(self):
        year(2567, one("a", THRESHOLDS, "100"), a={"value": Decimal("84.40")})
        hundred = [level | {"score": str(20 * n)} for n, level in enumerate(THRESHOLDS["levels"], 1)]
        now = opened(one("a", THRESHOLDS | {"levels": hundred}, "100"), code="y2568", year=2568,
                     scale={"min": "0", "max": "100"})
        paper = built(now)
        found = row(paper, "a")
        assert (found.published, found.anew, found.difference, paper.difference) == ("3.8800", "77.6000", "–", "–")
        said = "2024: 1–5, 2025: 0–100"
        with translation.override("en"):
            years = PAPERS["years"].build(Asked(Agreement.objects.get(pk=now.pk), person("office")))
        assert all(one.head.note.endswith(said) and "as numbers" in one.head.note for one in (paper, years))

    def test_figures_of_the_usual_length_keep_their_letter_in_either_digits(self):
        year(2567, one("a", THRESHOLDS, "100"), a={"value": Decimal(100)})
        now = year(2568, one("a", targets("100", "200", "300", "400", "500"), "100"), a={"value": Decimal(100)})
        papers = [built(now, digits=digits) for digits in ("arabic", "thai")]
        assert [row(paper, "a").difference for paper in papers] == ["−4.0000", "−๔.๐๐๐๐"]
        assert {paper.fitted.letters for paper in papers} == {""}

    def test_averages_are_over_the_indicators_of_both_years(self):
        _, now = two_years()
        paper = built(now)
        # (50 × 3.88 + 40 × 4) / 90, and (60 × 2.88 + 30 × 4) / 90.
        assert (paper.compared, paper.published, paper.anew, paper.difference) == ("2", "3.9333", "3.2533", "−0.6800")
        # (194 + 160 + 50) / 100; this year so far a alone.
        assert (paper.total_then, paper.total_now) == ("4.0400", "3.2000")

    def test_the_text_of_all_sheets_is_the_source(self):
        _, now = two_years()
        for digits in ("arabic", "thai"):
            text = assert_pdf_says_what_the_page_says(now, "like-for-like", digits=digits)
            paper = PAPERS["like-for-like"].build(Asked(built_from(now), person("auditor"), digits=digits))
            assert_rows(text, [
                (one.name, one.weight_then, one.result_then, one.published, one.anew, one.difference, one.weight_now,
                 one.score_now, *one.changes) for one in paper.rows
            ])
            assert_rows(text, [(paper.published, paper.anew, paper.difference), (paper.total_then, paper.total_now)])
        assert sheets(pdf_of(now, "like-for-like")) == ACROSS
        assert "Result of 2024, targets of 2025" in page_of(now, "like-for-like", language="en")


class TestWhatCounts:
    def test_a_certified_result_is_scored_as_it_was_certified(self):
        then = year(2567, one("a", THRESHOLDS, "100"), a={"value": Decimal("84.40")})
        submit(of(then, "a"), by=person("collector"))
        approve(of(then, "a"), by=person("supervisor"))
        certify(of(then, "a"), by=person("office"))
        close_round(then.rounds.get(), by=person("office"))
        now = year(2568, one("a", STRICTER, "100"))
        level = Criterion.objects.get(indicator__agreement=then).levels.get(score=1)
        type(level).objects.filter(pk=level.pk).update(target=Decimal(72))
        found = row(built(now), "a")
        assert (found.published, found.anew) == ("3.8800", "2.8800")
        assert found.changes == ("Targets: 70 / 75 / 80 / 85 / 90 → 75 / 80 / 85 / 90 / 95",)

    def test_without_an_earlier_agreement_it_says_so(self):
        page = page_of(agreement("ega-2557"), "like-for-like", language="en")
        assert "There is no agreement of an earlier year that you may see" in page

    def test_hidden_scores_stay_hidden(self):
        then, now = two_years()
        Agreement.objects.filter(pk=then.pk).update(hide_scores=True)
        paper = built(now, "collector")
        assert {(found.published, found.anew, found.difference) for found in paper.rows} == {("–", "–", "–")}
        assert (paper.published, paper.anew, paper.total_then) == ("–", "–", "–")
        assert row(paper, "a").score_now == "3.2000" and built(now, "office").published == "3.9333"

    def test_agreements_out_of_sight_are_not_compared_with(self):
        then, now = two_years()
        assert earlier_agreements(built_from(now), user=person("office"))[0] == then
        assert earlier_agreements(built_from(now), user=person("stranger")) == []


def built_from(trial: Agreement) -> Agreement:
    return Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)


def test_things_are_paired_by_number_and_name_then_by_a_name_that_nobody_else_has():
    def things(*rows: tuple[str, str]) -> list[Criterion]:
        return [Criterion(pk=n, number=number, name=name) for n, (number, name) in enumerate(rows, 1)]

    now = things(("1.2", "ก"), ("1.2", "ก"), ("๓.", "ข  ค"), ("4", "ง"), ("5", "จ"), ("6", "จ"))
    then = things(("1.2", "ก"), ("1.2", "ก"), ("3", "ขค"), ("9", "ง"), ("7", "จ"), ("8", "ฉ"))
    assert {pk: found.pk for pk, found in paired(now, then).items()} == {1: 1, 2: 2, 3: 3, 4: 4}


def test_queries_do_not_grow_with_the_indicators():
    def queries(first: int, rows: int) -> int:
        made = [one(f"i{n}", THRESHOLDS, str(100 // rows)) for n in range(rows)]
        said = {f"i{n}": {"value": Decimal("84.40")} for n in range(rows)}
        Agreement.objects.filter(code__startswith="y").update(state="draft")
        year(first, *made, **said)
        now = year(first + 1, *made)
        built(now)
        asked = Asked(built_from(now), person("office"))
        with CaptureQueriesContext(connection) as captured:
            assert len(PAPERS["like-for-like"].build(asked).rows) == rows
        return len(captured)

    assert queries(2561, 1) == queries(2565, 4) <= 30
