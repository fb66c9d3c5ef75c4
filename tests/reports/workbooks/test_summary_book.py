"""The summary as a workbook: every formula gives the engine's figure, and what doesn't count is seen not to."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from indicators.models import Agreement, Group, Indicator
from kpiportal.audit.models import AuditEvent
from reports.papers import Asked
from reports.papers.summary import build
from reports.workbooks.summary import summary_workbook
from reports.workbooks.writing import book_bytes
from scoring.models import CriterionResult, Result
from scoring.services import certify, save_draft
from scoring.values import ResultEntry
from tests.cast import agreement, browser_of, person
from tests.certified import decided
from tests.definitions import criterion, indicator, opened
from tests.reports.workbooks.formulas import Evaluator
from tests.reports.workbooks.reading import cells, check_formulas, formulas, read_back

pytestmark = pytest.mark.usefixtures("seeds", "db")


def taken(trial: Agreement, who: str | None = None, digits: str = "arabic") -> bytes:
    """The workbook of an agreement's summary."""
    with translation.override("en"):
        return book_bytes(summary_workbook(build(Asked(trial, who and person(who), None, digits))))


def told(content: bytes) -> dict[str, list]:
    """What the formulas of each row give, by the beginning of its name: result, score, share, applies, weight."""
    sheet = read_back(content)["summary"]
    cells_of = Evaluator(sheet)
    found = {}
    for row in sheet.iter_rows(min_row=1):
        name = str(row[0].value or "").strip()
        values = [cells_of.value(cell.coordinate) for cell in row[-5:]]
        found[name] = [value if isinstance(value, str | None) else Decimal(str(float(value))) for value in values]
    return found


def row(content: bytes, name: str) -> list:
    return next(values for key, values in told(content).items() if key.startswith(name))


def scored(trial: Agreement, **levels: str) -> None:
    for number, level in levels.items():
        report = Result.objects.get(indicator__agreement=trial, indicator__number=number)
        entries = {c.pk: {"value": Decimal(level)} for c in report.indicator.criteria.all()}
        save_draft(report, ResultEntry(criteria=entries), by=person("collector"))


class TestSeed004:
    @pytest.fixture(scope="class")
    def content(self, seeds, django_db_blocker) -> bytes:
        with django_db_blocker.unblock():
            return taken(agreement("ega-2557"))

    def test_every_formula_gives_what_stands_beside_it(self, content):
        assert check_formulas(content) > 35

    def test_every_score_of_the_page_is_in_its_row(self, content):
        paper = build(Asked(agreement("ega-2557"), None))
        sheet = read_back(content)["summary"]
        rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
        for said in paper.table.rows:
            for place, text in ((-4, said.score), (-3, said.weighted)):
                value = Evaluator(sheet).value(sheet[rows[said.name]][place].coordinate)
                shown = text and (text if isinstance(value, str) else Decimal(text))
                assert (value if isinstance(value, str | None) else Decimal(str(float(value)))) == (shown or None)

    def test_groups_and_total_are_those_of_the_original(self, content):
        scores = {name[:12]: values[1] for name, values in told(content).items() if name.startswith("มิติ")}
        assert [str(score) for score in scores.values()] == ["4.8333", "4.44", "5.0", "4.5333"]
        assert row(content, "Total weight")[1:3] == [Decimal("4.774"), Decimal("4.774")]
        assert row(content, "1.7")[2] == Decimal("0.25")

    def test_a_changed_score_moves_group_and_total(self, content):
        sheet = read_back(content)["summary"]
        of = {str(cell.value)[:3]: cell.row for cell in sheet["A"] if cell.value}
        sheet.cell(of["2.2"], sheet.max_column - 3).value = "N/A"
        cells_of = Evaluator(sheet)
        total = cells_of.value(sheet[of["Tot"]][-4].coordinate)
        dimension = next(c.row for c in sheet["A"] if str(c.value).startswith("มิติที่ 2"))
        assert cells_of.value(sheet[dimension][-4].coordinate) == 5
        without = (Decimal("477.40") - 5 * Decimal("3.88")) / 95
        assert float(total) == pytest.approx(float(without), abs=0.00005)

    def test_lies_on_paper_like_the_original(self, content):
        sheet = read_back(content)["summary"]
        head = next(cell.row for cell in sheet["A"] if cell.value == "Indicator")
        assert sheet.freeze_panes == f"B{head + 2}"
        assert sheet.print_title_rows == f"${head}:${head + 1}"
        assert sheet.print_area == f"'summary'!$A$1:$M${sheet.max_row}"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
        assert {cell.font.name for cell in cells(read_back(content))} == {"TH Sarabun New"}

    def test_numbers_are_arabic_and_numbers_even_on_thai_paper(self):
        sheet = read_back(taken(agreement("ega-2557"), digits="thai"))["summary"]
        first = next(each for each in sheet.iter_rows() if str(each[0].value).startswith("๑.๑"))
        assert [cell.data_type for cell in first] == ["s", "s", *"nnnnnnnn", "f", "s", "f"]
        assert [cell.number_format for cell in first[9:11]] == ["0.0000", "0.0000"]

    def test_is_downloaded_and_noted(self):
        trial = agreement("ega-2557")
        response = browser_of(person("auditor")).get(reverse("paper_workbook", args=[trial.pk, "summary"]))
        assert response.status_code == 200 and ".xlsx" in response["Content-Disposition"]
        assert check_formulas(response.content) > 35
        entry = AuditEvent.objects.filter(action="paper.printed").latest("pk")
        assert entry.after["paper"] == "summary.xlsx"


class TestWhatCounts:
    def test_not_applicable_and_open_ones_count_nothing(self):
        trial = opened(*(indicator(w, key=k) for k, w in (("a", "50"), ("b", "30"), ("c", "20"))))
        scored(trial, a="4", b="2")
        CriterionResult.objects.filter(mark__result__indicator__number="b").update(status="not_applicable", score=None)
        content = taken(trial)
        assert check_formulas(content) == 10
        assert row(content, "a indicator")[1:] == [4, Decimal("2.8571"), "yes", 50]
        assert row(content, "b indicator") == ["N/A", "–", "–", "N/A", 0]
        assert row(content, "c indicator") == ["–", "–", "–", "yes", 0]
        assert row(content, "Total weight") == ["Score so far", 4, Decimal("2.8571"), None, 50]
        total = next(c for c in formulas(read_back(content)) if c.value.startswith("=100-"))
        assert Evaluator(read_back(content)["summary"]).value(total.coordinate) == 70

    def test_an_indicator_of_parts_is_their_average_and_they_count_once(self):
        whole = indicator("40", key="whole", criteria=())
        del whole["rubric"]
        parts = (indicator(w, key=k, parent="whole") for k, w in (("p", "28"), ("q", "12")))
        trial = opened(indicator("60", criterion("x", "60"), key="other"), whole, *parts)
        scored(trial, other="2", p="5", q="4")
        content = taken(trial)
        check_formulas(content)
        assert row(content, "whole")[1] == Decimal("4.7")
        assert row(content, "Total weight")[1] == Decimal("3.08")

    def test_groups_whose_indicators_stand_apart(self):
        trial = opened(*(indicator("25", key=k) for k in "abcd"))
        for number, name in enumerate("xy"):
            group = Group.objects.create(agreement=trial, kind="dimension", order=number, number="", name=name)
            Indicator.objects.filter(agreement=trial, number__in="ac" if name == "x" else "bd").update(group=group)
        Agreement.objects.filter(pk=trial.pk).update(definition_stamp="grouped")
        scored(trial, a="1", b="2", c="4", d="5")
        content = taken(Agreement.objects.get(pk=trial.pk))
        check_formulas(content)
        scores = [str(values[1]) for values in told(content).values() if values[1] is not None]
        assert {"2.5", "3.5"} <= set(scores) and row(content, "Total weight")[1] == 3

    def test_an_excerpt_has_no_total_score(self):
        assert row(taken(agreement("moi-2559")), "Total weight")[:2] == ["Excerpt", "–"]

    def test_hidden_scores_stay_hidden(self):
        """Seed 001: its reporting unit sees no score before certification, nor what would tell it."""
        trial, who = agreement("ict-2550"), person("agency-001-collector-1")
        assert build(Asked(trial, who)).source.hidden
        content = taken(trial, "agency-001-collector-1")
        values = [cell.value for cell in cells(read_back(content, values=True)) if cell.data_type == "n"]
        assert 0.2 not in values and row(content, "14")[1:3] == ["–", "–"]
        assert 0.2 in [cell.value for cell in cells(read_back(taken(trial), values=True))]

    def test_a_share_that_was_sealed_stays_though_the_rest_changed(self):
        trial = opened(indicator("60", key="a"), indicator("40", key="b"))
        scored(trial, a="4", b="3")
        report = Result.objects.get(indicator__agreement=trial, indicator__number="a")
        decided(report)
        certify(Result.objects.get(pk=report.pk), by=person("office"))
        CriterionResult.objects.filter(mark__result__indicator__number="b").update(status="not_applicable", score=None)
        content = taken(trial)
        assert row(content, "a indicator")[2] == Decimal("2.4")
        check_formulas(content)


def test_no_text_of_people_is_a_formula():
    trial = opened(indicator("100", key="a") | {"name": '=HYPERLINK("http://x")'})
    content = taken(trial)
    assert all(cell.data_type == "f" for cell in cells(read_back(content)) if str(cell.value).startswith("=IF"))
    named = [cell for cell in cells(read_back(content)) if "HYPERLINK" in str(cell.value)]
    assert named and {cell.data_type for cell in named} == {"s"}
