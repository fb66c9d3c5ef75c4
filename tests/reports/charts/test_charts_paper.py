"""The charts of an agreement as page and PDF: every number is the summary's, every label is right Thai, and what a
reader may not see is in no picture."""
import re
import subprocess
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from indicators.models import Agreement, Indicator
from reports.papers import PAPERS, Asked
from scoring.freezing.rounds import load_shown
from scoring.models import CriterionResult
from scoring.services import close_round
from scoring.summary_pages import summary_page
from tests.cast import agreement, browser_of, person
from tests.definitions import indicator, opened
from tests.reports.charts.making import ISSUES, agreement_of, led_below, many, put, units_below, with_issues
from tests.reports.papers.reading import assert_rows

pytestmark = pytest.mark.usefixtures("seeds", "db")


def charts(trial: Agreement, reader: str | None = "office", **asked):
    return PAPERS["charts"].build(Asked(trial, person(reader) if reader else None, **asked))


def fresh(trial: Agreement) -> Agreement:
    return Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)


def text_of(pdf: bytes) -> str:
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", "", run.stdout.decode())


def pdf_of(trial: Agreement, query: str = "", reader: str = "office") -> bytes:
    page = browser_of(person(reader)).get(reverse("paper_pdf", args=[trial.pk, "charts"]) + query)
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    return page.content


class TestBars:
    def test_say_what_the_summary_of_seed_004_says(self):
        ega = agreement("ega-2557")
        bars, printed = charts(ega).bars.rows, summary_page(load_shown(ega, user=person("office")), "th").rows
        assert [(bar.name, bar.score) for bar in bars] == [(row.name, row.score) for row in printed]
        assert len(bars) == 20
        # 2.2 stands at 3.8800 of 5: 3.88 / 5 × 320.
        [bar] = [bar for bar in bars if bar.name.startswith("2.2 ")]
        assert (bar.score, bar.length, bar.target_at) == ("3.8800", Decimal("248.3"), Decimal(320))

    def test_the_total_and_the_levels_are_the_summarys(self):
        paper = charts(agreement("ega-2557"))
        assert paper.score == "4.7740"
        assert [column.count for column in paper.levels.columns] == ["0", "0", "2", "2", "10"]

    def test_not_applicable_and_open_ones_have_no_bar(self):
        trial = agreement_of({"a": "60", "b": "30", "c": "10"})
        put(trial, {"a": "4", "b": "N/A"})
        with translation.override("en"):
            paper = charts(trial)
        assert [(bar.score, bar.length) for bar in paper.bars.rows] == [
            ("4.0000", 256), ("Not applicable", None), ("no score yet", None)
        ]
        assert [column.count for column in paper.levels.columns] == ["0", "0", "0", "1", "0", "1", "1"]

    def test_the_target_of_a_rubric_that_ends_at_3_is_3(self):
        targets = [{"score": str(n), "target": str(80 + n)} for n in (1, 2, 3)]
        trial = opened(indicator("100", rubric={"kind": "thresholds", "levels": targets}))
        assert charts(fresh(trial)).bars.rows[0].target == "3"


class TestHidden:
    def test_no_score_is_in_any_picture_of_who_may_not_see_it(self):
        hidden = agreement("ict-2550")
        page = browser_of(person("agency-001-collector-1")).get(reverse("paper", args=[hidden.pk, "charts"]))
        shown = page.content.decode()
        score = str(charts(hidden).bars.rows[-1].score)
        assert re.fullmatch(r"\d\.\d{4}", score) and score not in shown
        mine = charts(hidden, "agency-001-collector-1")
        assert (mine.score, {bar.length for bar in mine.bars.rows}) == ("", {None})
        assert {axis.point for radar in mine.radars for axis in radar.axes} <= {None}
        assert {dot.y for row in mine.trends for dot in row.line.dots} == {None}
        assert {cell.dashed for picture in mine.heat.pictures for cell in picture.cells} == {True}
        assert [column.count for column in mine.levels.columns if column.is_level] == ["0"] * 5

    def test_a_stranger_finds_no_page(self):
        page = browser_of(person("stranger")).get(reverse("paper", args=[agreement("ega-2557").pk, "charts"]))
        assert page.status_code == 404


class TestOfEarlierRounds:
    """What was sealed, or stands in another year's agreement, is kept back like what stands in this one."""

    def test_a_closed_round_hides_the_scores_that_its_agreement_hides(self):
        trial = agreement_of({"a": "100"}, months=(6, 12))
        put(trial, {"a": "2"}, 6)
        close_round(trial.rounds.get(months=6), reason="over", by=person("office"))
        Agreement.objects.filter(pk=trial.pk).update(hide_scores=True)
        assert charts(fresh(trial), "office").trends[0].scores[0] == "2.0000"
        mine = charts(fresh(trial), "collector")
        assert {dot.y for row in mine.trends for dot in row.line.dots} == {None}

    def test_of_a_closed_round_a_unit_below_sees_its_own_indicator_alone(self):
        trial = led_below({"a": "5", "b": "2"}, months=(6, 12))
        close_round(trial.rounds.get(months=6), reason="over", by=person("office"))
        scores = {row.name[0]: row.scores[0] for row in charts(fresh(trial), "stranger").trends}
        assert scores["b"] == "2.0000" and "5.0000" not in scores.values()

    def test_an_earlier_year_of_which_one_may_read_nothing_is_not_drawn(self):
        old = agreement_of({"b": "100"}, year=2568, code="trial-2568")
        put(old, {"b": "4"})
        trial = led_below({"a": "5", "b": "2"})
        assert len(charts(trial, "office").trend.dots) == 2
        assert [dot.score for dot in charts(trial, "stranger").trend.dots] == ["2.0000"]


class TestTrend:
    def test_goes_over_rounds_and_the_years_before_by_number_and_name(self):
        old = agreement_of({"a": "60", "b": "40"}, months=(6, 12), year=2568, code="trial-2568")
        put(old, {"a": "2", "b": "5"}, 6)
        put(old, {"a": "3"}, 12)
        new = agreement_of({"a": "50", "c": "50"}, months=(6,))
        put(new, {"a": "4", "c": "1"}, 6)
        paper = charts(new)
        # 0.6 × 2 + 0.4 × 5; a alone, b being open; 0.5 × 4 + 0.5 × 1
        assert [dot.score for dot in paper.trend.dots] == ["3.2000", "3.0000", "2.5000"]
        a, c = paper.trends
        assert [dot.y is None for dot in a.line.dots] == [False] * 3 and a.scores == ("2.0000", "3.0000", "4.0000")
        assert [dot.y is None for dot in c.line.dots] == [True, True, False]

    def test_of_a_closed_round_shows_what_was_sealed(self):
        trial = agreement_of({"a": "100"}, months=(6, 12))
        put(trial, {"a": "2"}, 6)
        close_round(trial.rounds.get(months=6), reason="over", by=person("office"))
        CriterionResult.objects.filter(mark__result__round__months=6, criterion__indicator__agreement=trial).update(
            score=5
        )
        put(trial, {"a": "4"}, 12)
        assert charts(fresh(trial)).trends[0].scores == ("2.0000", "4.0000")
        assert charts(fresh(trial), months=6).bars.rows[-1].score == "2.0000"


class TestHeat:
    def test_shows_the_same_indicators_of_all_agreements_of_the_year(self):
        first, *_ = many("moi", 3, 4)
        [picture] = charts(first).heat.pictures
        assert (len(picture.rows), len(picture.columns), len(picture.cells)) == (3, 4, 12)
        # (n + m) % 5 + 1 for indicator n of unit m, none where n + m is a multiple of 7
        assert [cell.said for cell in picture.cells] == list("2345" "3451" "4512")

    def test_indicators_of_the_same_number_and_name_have_a_column_each(self):
        def twice(code: str, unit: str, *levels: str) -> Agreement:
            same = [indicator("50", key=f"{code}{n}", lead_unit=unit) | {"number": "1.2", "name": "n"} for n in (1, 2)]
            made = opened(*same, code=code, unit=unit)
            for one, level in zip(made.indicators.order_by("order"), levels, strict=True):
                rows = CriterionResult.objects.filter(criterion__indicator=one)
                rows.update(status="reported", value=Decimal(level), score=Decimal(level))
            return fresh(made)

        own = twice("own", "moi", "4", "2")
        twice("other", units_below("moi", 1)[0].code, "5", "3")
        [picture] = charts(own).heat.pictures
        assert [label for label, _ in picture.columns] == ["1.2", "1.2"]
        assert [cell.said for cell in picture.cells] == list("4253")

    def test_who_reads_one_agreement_sees_one_unit(self):
        made = many("moi", 2, 2)
        person("stranger").memberships.update(unit=made[0].unit)
        for trial in (made[0], made[0]):
            own = charts(trial, "stranger").heat.pictures
            assert [len(picture.rows) for picture in own] == [1]


class TestEmpty:
    def test_an_agreement_without_rounds_says_what_comes_next(self):
        draft = agreement("imm-2559")
        page = browser_of(person("office")).get(reverse("paper", args=[draft.pk, "charts"]))
        assert page.status_code == 200
        paper = charts(draft)
        assert {bar.length for bar in paper.bars.rows} == {None} and paper.heat.pictures == ()
        assert page.content.decode().count('class="empty"') == 3

    def test_an_agreement_without_indicators(self):
        bare = agreement("imm-2556")
        bare.indicators.all().delete()
        assert charts(fresh(bare)).bars.rows == ()
        assert browser_of(person("office")).get(reverse("paper", args=[bare.pk, "charts"])).status_code == 200


class TestPaper:
    @pytest.mark.parametrize("digits", ["thai", "arabic"])
    def test_every_label_is_in_the_pdf_in_right_thai(self, digits):
        result = with_issues(["5", "2", None, "4", "3"], name="คำรับรองการปฏิบัติราชการ", digits=digits)
        trial = fresh(result.indicator.agreement)
        paper, text = charts(trial, digits=digits), text_of(pdf_of(trial, f"?digits={digits}"))
        [radar] = paper.radars
        wanted = [axis.said for axis in radar.axes] + [column.name for column in paper.levels.columns]
        wanted += [bar.name for bar in paper.bars.rows] + [bar.score for bar in paper.bars.rows]
        wanted += [label for picture in paper.heat.pictures for label, _ in picture.rows + picture.columns]
        assert [label for label in wanted if re.sub(r"\s+", "", label) not in text] == []
        assert [name for name in ISSUES if name not in text] == []
        rows = [(bar.name, "น้ำหนัก", bar.weight, bar.score) for bar in paper.bars.rows]
        rows += [(axis.label, axis.name, axis.score) for axis in radar.axes]
        units = [row for table in paper.heat.tables for row in table.rows]
        rows += [(name, *(score.said for score in scores)) for name, scores in units]
        rows.append([column.count for column in paper.levels.columns])
        assert_rows(text, rows)
        assert ("๕.๐๐๐๐" in text, "5.0000" in text) == (digits == "thai", digits == "arabic")

    def test_the_pictures_say_what_they_show(self):
        result = with_issues(["5", "2", None])
        page = browser_of(person("office")).get(reverse("paper", args=[result.indicator.agreement_id, "charts"]))
        pictures = re.findall(r'<svg[^>]*role="img".*?</svg>', page.content.decode(), re.DOTALL)
        assert len(pictures) >= 4
        for picture in pictures:
            assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>[^<]+</desc>", picture) or "aria-label=" in picture
            assert " id=" not in picture  # two papers may stand on one page

    def test_nothing_in_it_is_an_inline_style(self):
        page = browser_of(person("office")).get(reverse("paper", args=[agreement("ega-2557").pk, "charts"]))
        assert "style=" not in page.content.decode()

    def test_a_name_that_looks_like_markup_stays_text(self):
        trial = agreement_of({"a": "100"})
        Indicator.objects.filter(agreement=trial).update(name="<script>&</title>")
        page = browser_of(person("office")).get(reverse("paper", args=[trial.pk, "charts"])).content.decode()
        assert "<script>&" not in page and "&lt;script&gt;&amp;&lt;/title&gt;" in page

    def test_of_sixty_indicators_has_them_all_on_paper(self):
        [trial] = many("moi", 1, 60)
        text = text_of(pdf_of(trial))
        names = list(Indicator.objects.filter(agreement=trial).values_list("name", flat=True))
        assert len(names) == 60 and [name for name in names if re.sub(r"\s+", "", name) not in text] == []


def test_bars_lead_to_what_stands_behind_them(moi_result):
    path = reverse("paper", args=[moi_result.indicator.agreement_id, "charts"])
    page = browser_of(person("office")).get(f"{path}?round=12").content.decode()
    assert f'href="{reverse("result", args=[moi_result.pk])}"' in page
