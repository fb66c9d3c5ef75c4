"""The papers as workbooks: every figure that a paper prints is a number in its place, averages are formulas, and texts
come back whole."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl.worksheet.worksheet import Worksheet

from indicators.models import Agreement, ChecklistItem
from reports.papers import PAPERS, Asked
from reports.workbooks.writing import CELL, book_bytes, number_in
from scoring.models import CriterionResult
from tests.cast import agreement, browser_of, person
from tests.definitions import LEVEL, indicator, opened
from tests.reports.charts.making import agreement_of, put, with_issues
from tests.reports.papers.test_comparison import say, three_years, year
from tests.reports.papers.test_evidence_index import shown
from tests.reports.papers.test_like_for_like import two_years
from tests.reports.papers.test_summary import marked
from tests.reports.workbooks.formulas import Evaluator
from tests.reports.workbooks.reading import cells, check_formulas, formulas, read_back

pytestmark = pytest.mark.usefixtures("seeds", "db")
DIMENSION_2 = 10  # the row of seed 004's second dimension, from its first on


def paper_of(name: str, trial: Agreement, reader: str | None = "office", **asked):
    found = Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)
    with translation.override("en"):
        return PAPERS[name].build(Asked(found, reader and person(reader), **asked))


def book_of(name: str, paper) -> bytes:
    with translation.override("en"):
        return book_bytes(PAPERS[name].workbook(paper))


def rows_below(sheet: Worksheet, head: str) -> list[list]:
    """The values of the rows below a head of two rows, formulas computed, numbers to four places."""
    top = next(cell.row for cell in sheet["A"] if cell.value == head) + 2
    found = [[Evaluator(sheet).value(cell.coordinate) for cell in row] for row in sheet.iter_rows(min_row=top)]
    return [[told(value) for value in row] for row in found]


def told(value) -> Decimal | str:
    return (value or "") if isinstance(value, str | None) else Decimal(str(float(value))).quantize(Decimal("0.0001"))


def said(*texts: str) -> list[Decimal | str]:
    """What a paper prints, its figures as numbers."""
    numbers = [number_in(text.replace("−", "-").lstrip("+")) for text in texts]
    return [text if number is None else told(number) for text, number in zip(texts, numbers, strict=True)]


class TestComparison:
    @pytest.mark.parametrize(("make", "digits"), [(three_years, "thai"), (lambda: agreement("ega-2557"), "arabic")])
    def test_every_figure_stands_in_its_place(self, make, digits):
        paper = paper_of("comparison", make(), digits=digits)
        content = book_of("comparison", paper)
        assert check_formulas(content) == 2 * len(paper.rounds) * (1 + sum(row.is_group for row in paper.rows))
        rows = rows_below(read_back(content)["comparison"], "Indicator")
        for row, printed in zip(rows, paper.rows, strict=False):
            before = [""] * 4 if printed.is_group else [*printed.baselines, printed.target]
            assert row == said(printed.name, printed.unit, *before, *(cell for each in printed.rounds for cell in each))
        total = said("Total weight", "", *[""] * 4, *(cell for each in paper.totals for cell in each))
        assert rows[len(paper.rows)] == total

    def test_a_changed_score_moves_its_dimension_and_the_total(self):
        sheet = read_back(book_of("comparison", paper_of("comparison", agreement("ega-2557"))))["comparison"]
        top = next(cell.row for cell in sheet["A"] if cell.value == "Indicator") + 2
        assert sheet.cell(top + DIMENSION_2, 1).value.startswith("มิติที่ 2")
        sheet.cell(top + DIMENSION_2 + 2, 10).value = "–"
        dimension, total = (Evaluator(sheet).value(f"J{top + row}") for row in (DIMENSION_2, 20))
        assert (float(dimension), float(total)) == (5.0, 4.8211)  # (477.40 − 5 × 3.88) / 95

    def test_parts_count_once_and_what_does_not_apply_not_at_all(self):
        whole = indicator("40", key="whole", criteria=())
        del whole["rubric"]
        parts = (indicator(weight, key=key, parent="whole") for key, weight in (("p", "28"), ("q", "12")))
        trial = opened(indicator("50", key="a"), indicator("10", key="b"), whole, *parts)
        say(trial, a="2", p="5", q="4")
        rows = CriterionResult.objects.filter(mark__result__indicator__number="b")
        rows.update(status="not_applicable", score=None)
        for name, count in (("comparison", 4), ("years", 3)):
            paper = paper_of(name, trial)
            content = book_of(name, paper)
            assert check_formulas(content) == count
            found = {row[0][:5]: row[-1] for row in rows_below(read_back(content)[name], "Indicator")}
            # (50 × 2 + 40 × 4.7) / 90.
            assert (found["whole"], found["b ind"]) == (Decimal("4.7"), "–") and Decimal("3.2") in found.values()


class TestYears:
    def test_every_figure_stands_in_its_place_the_published_total_too(self):
        paper = paper_of("years", three_years(), months=12, digits="thai")
        content = book_of("years", paper)
        # The seeds' excerpt among the four years has no total of its own.
        assert check_formulas(content) == 3
        rows = rows_below(read_back(content)["years"], "Indicator")
        for row, printed in zip(rows, paper.rows, strict=False):
            assert row[1:] == said(*(cell for each in printed.cells for cell in each))
        assert rows[len(paper.rows)][4::4] == said(*paper.totals)

    def test_parts_whose_indicator_is_gone_are_no_part_of_another(self):
        whole = indicator("40", key="whole", criteria=())
        del whole["rubric"]
        say(year(2567, indicator("60", key="a"), whole, indicator("40", key="p", parent="whole")), a="5", p="5")
        trial = year(2568, indicator("60", key="a"), indicator("40", key="whole"))
        Agreement.objects.filter(code="moi-2559").update(state="draft")
        assert check_formulas(book_of("years", paper_of("years", trial))) == 2  # the totals alone


class TestLikeForLike:
    def test_every_figure_difference_and_average(self):
        _, now = two_years()
        paper = paper_of("like-for-like", now)
        content = book_of("like-for-like", paper)
        # A difference for each row and the average, both averages, both totals.
        assert check_formulas(content) == 4 + 1 + 2 + 2
        rows = rows_below(read_back(content)["like for like"], "Indicator")
        for row, one in zip(rows, paper.rows, strict=False):
            printed = (one.name, one.weight_then, one.result_then, one.published, one.anew, one.difference)
            assert row[:-1] == said(*printed, one.weight_now, one.score_now)
            assert row[-1] == "\n".join(one.changes)
        assert rows[4][3:6] == said("3.9333", "3.2533", "−0.6800")
        assert (rows[5][3], rows[5][7]) == (Decimal("4.04"), Decimal("3.2"))

    def test_without_an_earlier_year_it_says_so(self):
        content = book_of("like-for-like", paper_of("like-for-like", agreement("ega-2557")))
        assert any("no agreement of an earlier year" in str(cell.value) for cell in cells(read_back(content)))


def test_the_summary_shows_both_sides_where_the_paper_does():
    paper = paper_of("summary", marked())
    content = book_of("summary", paper)
    # Each side: a share and a counting weight a row, and score, share and weights of the total.
    assert check_formulas(content) == 2 * (2 * 2 + 3)
    rows = rows_below(read_back(content)["summary"], "Indicator")
    for row, both in zip(rows, paper.lines, strict=False):
        printed = said(both.own.result, both.own.score, both.own.weighted, both.row.result, both.row.score)
        assert row[-9:-4] == printed and row[-4] == said(both.row.weighted)[0]
    assert [rows[2][place] for place in (-8, -7, -5, -4)] == said("3.6000", "3.6000", "3.0000", "3.0000")
    one = read_back(book_of("summary", paper_of("summary", Agreement.objects.get(code="trial"), sides="one")))
    assert one["summary"].max_column == read_back(content)["summary"].max_column - 4


def test_the_list_of_papers_offers_the_workbook_of_each_rounds_pdf(auditor):
    moi = agreement("moi-2559")
    page = browser_of(auditor).get(reverse("papers", args=[moi.pk])).content.decode()
    links = re.findall(r'href="[^"]*/papers/([\w-]+)\.(pdf|xlsx)(\?round=\d+)?"', page)
    offered = {kind: {(name, query) for name, end, query in links if end == kind} for kind in ("pdf", "xlsx")}
    with_workbook = {name for name, paper in PAPERS.items() if paper.workbook}
    assert offered["xlsx"] == {(name, query) for name, query in offered["pdf"] if name in with_workbook}
    assert {query for name, query in offered["xlsx"] if name == "summary"} == {"?round=6", "?round=12"}


class TestLists:
    def test_the_matrix_has_all_cells_of_seed_003(self):
        paper = paper_of("matrix", agreement("imm-2559"))
        sheet = read_back(book_of("matrix", paper))["matrix"]
        top = next(cell.row for cell in sheet["A"] if cell.value == "Indicator")
        rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=top + 1)]
        assert rows[0][0] == "มิติภายนอก (weight 60 per cent)"
        printed = [[row.name, *row.cells] for row in paper.rows if not row.is_group]
        assert [row for row in rows if any(row[1:])] == printed

    def test_the_plan_of_seed_000_loses_no_letter_however_long(self):
        item = ChecklistItem.objects.filter(criterion__indicator__agreement__code="imm-2556").first()
        text = "=1+1\n" + "กำลังคน 123\n" * 8000
        ChecklistItem.objects.filter(pk=item.pk).update(explanation=text)
        paper = paper_of("evidence-plan", agreement("imm-2556"))
        sheet = read_back(book_of("evidence-plan", paper))["evidence plan"]
        held = [row[0].value for row in sheet.iter_rows(min_col=3, max_col=3) if isinstance(row[0].value, str)]
        assert len(text) > 2 * CELL and max(map(len, held)) <= CELL
        assert "".join(held).endswith("".join(row.why for table in paper.tables for row in table.rows))
        assert formulas(sheet.parent) == []

    def test_the_index_has_whole_hashes(self):
        paper = paper_of("evidence-index", shown().indicator.agreement)
        found = {cell.value for cell in cells(read_back(book_of("evidence-index", paper)))}
        hashes = {row.sha256 for table in paper.tables for item in table.items for row in item.rows if row.sha256}
        assert {len(one) for one in hashes} == {64} and hashes <= found and {"plan-1.pdf", "letter 1", 1} <= found

    def test_the_pictures_numbers_have_a_sheet_each(self):
        one = with_issues(["5", "2", None, "4"]).indicator.agreement
        issues = read_back(book_of("charts", paper_of("charts", one)))
        assert issues.sheetnames == ["scores", "levels", "issues", "units"]
        assert [row[1].value for row in issues["issues"].iter_rows()][-4:] == [5, 2, "no score yet", 4]
        trial = agreement_of({"a": "60", "b": "40"}, months=(6, 12), year=2570, code="two")
        put(trial, {"a": "2", "b": "5"}, 6)
        put(trial, {"a": "4"}, 12)
        book = read_back(book_of("charts", paper_of("charts", trial, digits="thai")))
        last = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()][-3:] for sheet in book}
        assert [row[1:] for row in last["over time"]] == [[3.2, 4], [2, 4], [5, "no score"]]
        assert last["scores"][-1] == ["Score of the agreement", None, 4, None]
        assert [row[1:] for row in last["scores"]][0] == [60, 4, 5]
        assert [row[1] for row in last["levels"]] == [1, 0, 1] and last["units"][-1][1:] == [4, "–"]


def test_every_paper_has_one_that_prints_and_whose_page_leads_to_it():
    reader, trial = browser_of(person("auditor")), agreement("ega-2557")
    for name in PAPERS:
        link = reverse("paper_workbook", args=[trial.pk, name])
        assert link in reader.get(reverse("paper", args=[trial.pk, name])).content.decode()
        response = reader.get(link, {"digits": "thai"})
        assert response.status_code == 200 and f"{name}.xlsx" in response["Content-Disposition"]
        check_formulas(response.content)
        book = read_back(response.content)
        assert {cell.font.name for cell in cells(book)} == {"TH Sarabun New"}
        for sheet in book:
            assert sheet.freeze_panes and sheet.print_title_rows and sheet.print_area
            assert (int(sheet.page_setup.paperSize), sheet.page_setup.fitToWidth) == (9, 1)


def test_hidden_scores_are_in_no_workbook():
    _, trial = two_years()
    Agreement.objects.update(hide_scores=True)
    for name in PAPERS:
        seen, hidden = (
            {cell.value for cell in cells(read_back(book_of(name, paper_of(name, trial, who)), values=True))}
            for who in ("office", "collector")
        )
        assert not hidden & {3.2, 3.88, 2.88, 4.04, "3.2000"}, name
        assert name in ("matrix", "evidence-plan", "evidence-index") or 3.2 in seen, name


def test_levels_beyond_the_letter_z_have_columns():
    rubric = {"kind": "thresholds", "levels": [{"score": f"{1 + n / 10:.1f}", "target": str(n)} for n in range(30)]}
    trial = opened(indicator("50", rubric=rubric), indicator("50", key="b", rubric=LEVEL))
    assert check_formulas(book_of("summary", paper_of("summary", trial))) > 4
