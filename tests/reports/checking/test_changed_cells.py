"""Seed 004 with one cell changed says so once, whatever cell it is; what is hidden or doesn't apply misleads nobody."""
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook

from reports.checking.report import Report, check_file, check_text
from tests.reports.checking.tables import SEED, as_number, lines, tabs, workbook

HEADING, NAME, WEIGHT, RESULT, SCORE, WEIGHTED = 2, 0, 2, 8, 9, 10
JUDGED = (WEIGHT, SCORE, WEIGHTED)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def right() -> list[list[str]]:
    """Seed 004 without its misprint."""
    return [[*line[:WEIGHTED], "0.2500"] if line[NAME].startswith("1.7") else line for line in lines()]


def changed(line: int, column: int, to: str) -> Report:
    cells = right()
    cells[line][column] = to
    return check_text(tabs(cells))


def where(report: Report) -> list[tuple[int, int]]:
    return [(each.line, each.column) for each in report.wrong]


def numbers() -> Iterator[tuple[int, int, str]]:
    """Where each number that is judged stands."""
    for number, line in enumerate(right()):
        for column in JUDGED if number >= HEADING else ():
            if line[column]:
                yield number, column, line[column]


class TestOneChangedCell:
    def test_of_any_kind_is_exactly_one_finding_with_the_right_value(self):
        """Weights too, though every sum over them is off: the one weight that explains them all is named."""
        for line, column, printed in numbers():
            places = len(printed.partition(".")[2])
            last = Decimal(1).scaleb(-places)
            for to in (Decimal(printed) + last, Decimal(printed) + 1, Decimal(0)):
                report = changed(line, column, str(to))
                assert where(report) == [(line, column)], (line, column, to)
                assert Decimal(report.wrong[0].right) == Decimal(printed) and not report.wrong[0].follows

    def test_a_weight_comes_with_what_is_left_for_it(self):
        [wrong] = changed(4, WEIGHT, "11").wrong
        assert (wrong.cell, wrong.printed, wrong.right) == ("weight", "11", "10")
        assert wrong.working == ("100 − 90 = 10",)

    def test_weights_that_cannot_be_told_apart_leave_the_sums_as_findings(self):
        heads = "name\tweight\t1\t5\tresult\tscore\n"
        report = check_text(f"{heads}a\t50\t1\t5\t3\t3.0000\nb\t50\t1\t5\t3\t3.0000\ntotal\t90\t\t\t\t3.0000")
        assert [(each.row, each.printed, each.right) for each in report.wrong] == [("total", "90", "100")]

    def test_what_is_no_number_is_told_in_the_total_too(self):
        report = changed(len(lines()) - 1, SCORE, "4,7740")
        assert not report.wrong and not report.is_right
        assert report.problems[0].text.startswith("line 23, column 10") and "'4,7740' is not a number" in (
            report.problems[0].text)

    def test_also_where_merged_cells_push_it_aside(self):
        report = check_text(SEED.replace("\t4.7740", "\t4,7740"))
        assert [one.text.split(":")[0] for one in report.problems] == ["line 23, column 5 (2)"]
        assert len(report.wrong) == 1

    @pytest.mark.parametrize("column", [RESULT, SCORE, WEIGHTED])
    def test_not_applicable_amid_numbers_is_asked_about(self, column):
        report = changed(4, column, "N/A")
        assert not report.wrong and [(each.line, each.column) for each in report.problems] == [(4, column)]

    def test_a_result_between_the_levels_does_not_turn_the_whole_table_into_steps(self):
        """5.01 in 1.6 would be 3.0000 in steps, but then 2.2 would be wrong by as much."""
        report = changed(10, RESULT, "5.01")
        assert [each.row[:3] for each in report.wrong if not each.follows] == ["1.6"]


class TestNotApplicable:
    @pytest.mark.parametrize("score", ["N/A", "-"])
    def test_a_whole_dimension_counts_once(self, score):
        cells = right()
        for line in cells:
            if line[NAME].startswith("มิติที่ 2"):
                line[SCORE] = score
            elif line[NAME].startswith("2."):
                line[RESULT:] = ["N/A", "-", "-"]
        report = check_text(tabs(cells))
        assert report.notes[0] == "The weighted column is the share W × S / 90."
        assert {each.cell for each in report.wrong if each.line < 22} == {"weighted"}

    def test_a_heading_without_rows_of_its_own_is_a_row(self):
        text = ("name\tweight\t1\t5\tresult\tscore\tweighted\nDimension 1\t60\t\t\t\t3.0000\t\n"
                "a\t60\t1\t5\t3\t3.0000\t3.0000\n"
                "Dimension 2\t40\t\t\t\tN/A\t\ntotal\t100\t\t\t\t3.0000\t3.0000")
        assert check_text(text).is_right


class TestHidden:
    def report(self, hide) -> Report:
        book = load_workbook(io.BytesIO(workbook(right(), as_number)))
        hide(book.active)
        written = io.BytesIO()
        book.save(written)
        return check_file(written.getvalue())

    def test_columns_and_lines_are_left_out_and_it_says_so(self):
        def hide(sheet):
            sheet.insert_cols(3)
            for row in range(1, 24):
                sheet.cell(row, 3).value = "น้ำหนัก (เดิม)" if row == 1 else 1
            sheet.column_dimensions["C"].hidden = True
            sheet.insert_rows(8)
            for column, value in ((1, "1.x"), (4, 10), (11, 3), (12, 0.3)):
                sheet.cell(8, column).value = value
            sheet.row_dimensions[8].hidden = True

        report = self.report(hide)
        assert report.is_right and report.notes[0].startswith("Hidden lines and columns of the sheet were left out")

    def test_places_are_those_of_the_sheet(self):
        def hide(sheet):
            sheet.column_dimensions["B"].hidden = sheet.row_dimensions[7].hidden = True
            sheet["K12"] = 0.5

        report = self.report(hide)
        assert [one.place for one in report.wrong] == ["line 12, column K"]
