"""Seed 004 in every shape has exactly its one misprint; what can't be read is told by line and column."""
import random

import pytest
from django.utils import translation

from reports.checking.report import Report, Unreadable, check_file, check_text
from scoring.engine.text import arabic_digits
from tests.reports.checking import tables
from tests.reports.checking.tables import MISPRINT, SEED, THAI, WIDTH, as_number, as_thai_text, lines, one_heading

SHUFFLED = [9, 2, 0, 7, 6, 5, 4, 3, 10, 1, 8]
NO_NUMBER = "is not a number: write one, or – where there is none"
ENGLISH = ("Indicator", "Unit", "Weight (%)", *(f"Level {n}" for n in range(1, 6)), "Result", "Score", "Weighted score")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def found(report: Report) -> list[tuple]:
    return [(each.row, each.cell, each.printed, each.right) for each in report.wrong]


def only_the_misprint(report: Report) -> Report:
    assert [tuple(map(arabic_digits, each)) for each in found(report)] == [MISPRINT]
    assert report.problems == () and report.rows == 21
    assert report.wrong[0].working == ("5 × 5.0000 / 100 = 0.2500",) and not report.wrong[0].follows
    return report


class TestSeed004:
    def test_as_given(self):
        report = only_the_misprint(check_text(SEED))
        assert report.wrong[0].place == "line 12, column 11"
        assert report.notes == ("The weighted column is the share W × S / 100.",)
        # 14 scores and weighted scores, weight and score of 6 headings and of the total
        assert report.cells == 28 + 12 + 2

    def test_in_thai_digits_and_amid_other_text(self):
        text = SEED.translate(THAI)
        report = only_the_misprint(check_text(f"รายงานประจำปี ๒๕๕๗\n\nน้ำหนัก\n{text}\n\nหมายเหตุ คะแนนเต็ม ๕ คะแนน"))
        assert (report.wrong[0].printed, report.wrong[0].right) == ("๐.๕๐๐๐", "๐.๒๕๐๐")

    @pytest.mark.parametrize("write", [tables.tabs, tables.pipes, tables.commas, lambda c: tables.commas(c, ";")])
    @pytest.mark.parametrize("heads", [(), ENGLISH], ids=["th", "en"])
    def test_in_any_order_of_columns(self, write, heads):
        for seed in range(5):
            order = random.Random(seed).sample(range(WIDTH), WIDTH)
            only_the_misprint(check_text(write(one_heading(order, heads))))
            only_the_misprint(check_text(write(one_heading(order, heads)).translate(THAI)))

    def test_in_columns_that_only_blanks_part(self):
        only_the_misprint(check_text(tables.blanks(one_heading())))
        only_the_misprint(check_text(tables.blanks(lines())))

    @pytest.mark.parametrize("form", [as_number, as_thai_text])
    def test_as_a_workbook(self, form):
        report = only_the_misprint(check_file(tables.workbook(one_heading(SHUFFLED), form, above=3)))
        assert report.wrong[0].place == "line 14, column I" and report.grid.sheet == "Sheet"

    def test_as_a_workbook_that_shows_numbers_as_they_come(self):
        """The last zeros are gone: 0.5 stands in a column of which the finest number, 0.194, has three places."""
        report = check_file(tables.workbook(one_heading(), lambda text, name: (as_number(text, name)[0], None)))
        assert found(report) == [(*MISPRINT[:2], "0.500", "0.2500")]

    def test_as_a_workbook_with_a_merged_heading_of_two_lines(self):
        merged = ["A1:A2", "B1:B2", "C1:C2", "D1:H1", "I1:K1"]
        only_the_misprint(check_file(tables.workbook(lines(), as_number, merged=merged)))

    def test_as_a_workbook_of_percentages_and_of_formulas_that_were_never_calculated(self):
        def form(text: str, name: str) -> tuple:
            if name.startswith("มิติที่ 2") and text == "10":
                return 0.1, "0%"
            return ("=AVERAGE(J1:J2)", None) if text == "4.7500" else as_number(text, name)

        report = check_file(tables.workbook(one_heading(), form))
        assert found(report) == [MISPRINT]
        [problem] = report.problems
        assert problem.text.startswith("line 6, column J (SM): the workbook holds a formula without its result")

    @pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp874"])
    def test_as_a_file_of_any_coding(self, coding):
        text = tables.commas(one_heading()).replace("–", "-")
        only_the_misprint(check_file(text.encode(coding)))

    def test_number_and_name_in_columns_of_their_own(self):
        cells = [[*_split(line[0]), *line[1:]] for line in one_heading()]
        cells[0][:2] = ["ที่", "ตัวชี้วัด"]
        only_the_misprint(check_text(tables.tabs(cells)))

    def test_two_assessments_side_by_side(self):
        mended = [line[8:] for line in one_heading()]
        mended[10][2] = "0.2500"
        both = check_text(tables.tabs([line + other for line, other in zip(one_heading(), mended, strict=True)]))
        assert found(both) == [MISPRINT] and len(both.heading.sides) == 2
        mended[10][1] = "4.0000"
        both = check_text(tables.tabs([line + other for line, other in zip(one_heading(), mended, strict=True)]))
        assert [(each.column, each.printed) for each in both.wrong] == [(10, "0.5000"), (12, "4.0000")]


def _split(name: str) -> list[str]:
    number, _, rest = name.partition(" ")
    return [number, rest] if number[0].isdigit() else ["", name]


class TestCells:
    def check(self, **cells: str) -> Report:
        """A table of two rows, the first with these cells."""
        row = {"name": "a", "weight": "40", "1": "70", "2": "75", "3": "80", "4": "85", "5": "90", "result": "84.4",
               "score": "3.8800", "weighted": "1.5520"} | cells
        heads = "name\tweight\t1\t2\t3\t4\t5\tresult\tscore\tweighted"
        return check_text("\n".join([heads, "\t".join(row.values()), "b\t60\t1\t2\t3\t4\t5\t5\t5.0000\t3.0000"]))

    @pytest.mark.parametrize("cells", [
        {}, {"weight": "40%"}, {"weight": "ร้อยละ 40"}, {"result": "84.40 %"}, {"result": "๘๔.๔"}, {"score": "3.88"},
        {"5": "≥ 90"}, {"2": "-", "4": "–"}, {"score": "*3.8800*"}, {"weighted": "1.55"},
        {"score": "-", "weighted": ""},
        {"1": "1,070", "2": "1,075", "3": "1,080", "4": "1,085", "5": "1,090", "result": "1,084.40"},
    ])
    def test_that_are_right(self, cells):
        assert self.check(**cells).is_right

    @pytest.mark.parametrize(("cells", "said"), [
        ({"weight": "forty"}, f"2 (weight): 'forty' {NO_NUMBER}"),
        ({"3": "8O"}, f"5 (3): '8O' {NO_NUMBER}"),
        ({"result": "ดี"}, f"8 (result): 'ดี' {NO_NUMBER}"),
        ({"score": "3,88"}, f"9 (score): '3,88' {NO_NUMBER}"),
        ({"weight": ""}, "2 (weight): there is no weight, so the row can't be checked: fill it in"),
        ({"weight": "-4"}, "2 (weight): a weight must be above 0: mend it"),
        ({"weighted": "=B2*I2"}, "10 (weighted): the workbook holds a formula without its result: open it in Excel or"
                                 " LibreOffice and save it again"),
    ])
    def test_that_cannot_be_read(self, cells, said):
        report = self.check(**cells)
        assert [problem.text for problem in report.problems] == [f"line 2, column {said}"]
        assert report.wrong == () and not report.is_right

    def test_not_applicable_in_a_cell_or_the_name(self):
        so_named = {"name": "a (Not applicable)", "score": "", "weighted": ""}
        for cells in ({"result": "N/A", "score": "-", "weighted": "-"}, so_named):
            report = self.check(**cells)
            assert found(report) == [("b", "weighted", "3.0000", "5.0000")]
            assert report.notes[-1].startswith("Not applicable, so left out")

    def test_levels_in_words_and_what_is_no_row(self):
        text = ("name\tweight\t1\t2\tscore\tweighted\nมิติที่ 1\t\t\t\t\t\na\t40\tno\tyes\t2.0000\t0.8000\n"
                "(continued)\nรวมมิติที่ 1\t40\t\t\t2.0000\t\n"
                "b\t60\tno\tyes\t2.0000\t1.3000\nรวม\t100\t\t\t2.0000\t2.0000")
        report = check_text(text)
        assert found(report) == [("b", "weighted", "1.3000", "1.2000")]
        assert report.notes[1:] == (
            "The targets or the result are no numbers, so the score is taken as printed. (a, b)",
            "Lines that were not checked, because they are subtotals: 5")

    def test_another_scale_by_its_levels(self):
        heads = "name\tweight\t50\t75\t100\tresult\tscore\n"
        assert check_text(f"{heads}a\t100\t40\t60\t80\t70\t87.50").is_right
        assert found(check_text(f"{heads}a\t100\t40\t60\t80\t30\t1")) == [("a", "score", "1", "50.0000")]


class TestRefusals:
    @pytest.mark.parametrize(("text", "said"), [
        ("hello", "No table was found"), ("", "No table was found"), ("weight\tscore\n\n", "no row with numbers"),
        ("a\tweight\tscore\n" + "x\t1\t2\n" * 600, "more than 500 rows"), ("x\n" * 6000, "more here than a table"),
        ("x" * 1_000_001, "more here than a table"),
    ])
    def test_of_texts(self, text, said):
        with pytest.raises(Unreadable, match=said):
            check_text(text)

    @pytest.mark.parametrize(("content", "said"), [
        (b"PK\x03\x04 and no more", "damaged"), (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old kind"),
        (b"\x00\x01\x02", "can't be read"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ])
    def test_of_files(self, content, said):
        with pytest.raises(Unreadable, match=said):
            check_file(content)
