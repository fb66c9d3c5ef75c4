"""Texts are never formulas and come back as they were; numbers are numbers; sheets have names that programs take."""

import io
import re
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.papers.paper import Head
from reports.workbooks.plain import Column, plain_workbook
from reports.workbooks.writing import CELL, Book, Page, book_bytes, combining, fitting, pieces, sheet_name
from tests.reports.workbooks.reading import cells, formulas, read_back

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")',
    "#N/A", "TRUE", "12", "1E5", "2026-01-31", "_x0041_", "_x000D_", "__x0041__x0042_", "_x00_x0041_", " a ", "   ",
    "a\r\nb\rc\nd", "\ufeff", "\x85\x7f", "😀", "<t>&amp;]]>", "ำ้", "-",
]
# What XML 1.0 allows.
VALID = st.characters(blacklist_categories=["Cs"]).filter(
    lambda one: one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff")
)
PIECES = st.sampled_from(HOSTILE)
TEXTS = st.one_of(st.text(VALID, min_size=1, max_size=30), st.lists(PIECES, min_size=1, max_size=3).map("".join))


def written(*texts: str) -> list:
    """The cells of texts, read back."""
    page = Page(Book("trial"), "trial", [20])
    for row, text in enumerate(texts, 1):
        page.text(row, 1, text)
    sheet = read_back(page.book)["trial"]
    return [sheet.cell(row, 1) for row in range(1, len(texts) + 1)]


class TestTexts:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(TEXTS, min_size=250, max_size=250))
    def test_ten_thousand_come_back_as_they_were(self, texts):
        found = written(*texts)
        assert [cell.value for cell in found] == texts
        assert {cell.data_type for cell in found} <= {"s", "inlineStr"}

    @pytest.mark.parametrize("text", HOSTILE)
    def test_are_never_formulas(self, text):
        (cell,) = written(text)
        assert (cell.value, cell.data_type) == (text, "s")
        assert cell.quotePrefix == text.startswith(tuple("=+-@\t\r\n'"))

    def test_no_piece_is_an_escape_that_excel_reads(self):
        page = Page(Book("trial"), "trial", [20])
        page.text(1, 1, "_x0041_ __x000D_x000D_")
        with zipfile.ZipFile(io.BytesIO(book_bytes(page.book))) as file:
            sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
        texts = [node.text for node in sheet.iter() if node.tag.endswith("}t")]
        assert "".join(texts) == "_x0041_ __x000D_x000D_"
        assert not any(re.search("_x[0-9A-Fa-f]{4}_", text) for text in texts)

    def test_control_characters_become_their_signs(self):
        assert fitting("a\x00b\x1f\ufffe\ud800") == "a␀b␟\ufffd\ufffd"
        assert written("\x0bx")[0].value == "␋x"

    @pytest.mark.parametrize("letter", ["ก", "😀"])
    def test_too_long_ones_are_cut_with_a_sentence(self, letter):
        with translation.override("en"):
            assert fitting(letter * (CELL // 2)) == letter * (CELL // 2)
            cut = written(letter * 40_000)[0].value
        assert CELL - 1 <= len(cut.encode("utf-16-le")) // 2 <= CELL
        assert cut.startswith(letter * 1000) and cut.endswith("read the whole text in the portal.]")


    @pytest.mark.parametrize("word", ["ก่ำ", "😀", "ที่ นี้ ", "a line\n", "_x0041_"])
    def test_longer_ones_are_parted_and_lose_no_letter(self, word):
        text = word * (2 * CELL // len(word))
        parts = pieces(text)
        assert "".join(parts) == text and len(parts) > 1
        assert max(len(part.encode("utf-16-le")) // 2 for part in parts) <= CELL
        assert not any(combining(part[0]) for part in parts)


class TestNumbers:
    def test_stay_numbers_with_their_places(self):
        page = Page(Book("trial"), "trial", [20])
        for row, number in enumerate((Decimal("84.40"), 3, Decimal("-0.5"), Decimal("3.1")), 1):
            page.number(row, 1, number)
        page.score(5, 1, Decimal("4.7740"))
        page.figure(6, 1, "๘๔.๔๐")
        found = [row[0] for row in read_back(page.book)["trial"].iter_rows()]
        assert [(cell.value, cell.number_format) for cell in found] == [
            (84.4, "0.00"), (3, "0"), (-0.5, "0.0"), (3.1, "0.0"), (4.774, "0.0000"), (84.4, "0.00"),
        ]

    def test_of_more_digits_than_a_workbook_keeps_are_texts(self):
        page = Page(Book("trial"), "trial", [20])
        page.number(1, 1, Decimal("123456789012345.1234567891"))
        page.figure(2, 1, "N/A")
        page.figure(3, 1, "–")
        page.figure(4, 1, "007")
        found = [row[0] for row in read_back(page.book)["trial"].iter_rows()]
        assert [cell.value for cell in found] == ["123456789012345.1234567891", "N/A", "–", "007"]
        assert {cell.data_type for cell in found} == {"s"}


def test_names_of_sheets_are_short_legal_and_different():
    names = ["a/b:c*d?[e]\\'", "x" * 50, "X" * 50, "", "\x00"]
    taken: list[str] = []
    for name in names:
        taken.append(sheet_name(name, taken))
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in taken)
    assert len({name.lower() for name in taken}) == len(names)


class TestPlainWorkbook:
    HEAD = Head("หัวเรื่อง", "หน่วยงาน", "2559", "รอบ 12 เดือน", "หมายเหตุ", draft=True, printed_on="1 ม.ค. 2569")

    def test_has_texts_numbers_headings_and_a_frame(self):
        columns = [Column("ชื่อ", 30), Column("น้ำหนัก", 10), Column("คะแนน", 10, "0.0000")]
        rows = [["กลุ่ม =1"], ["=1+1", Decimal("2.5"), Decimal("3")], ["b", None, "N/A"]]
        sheet = read_back(plain_workbook(self.HEAD, columns, rows, across=True))["table"]
        told = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
        assert told == [
            ["ชื่อ", "น้ำหนัก", "คะแนน"], ["กลุ่ม =1", None, None], ["=1+1", 2.5, 3], ["b", "–", "N/A"],
        ]
        assert sheet["A8"].data_type == "s" and sheet["C8"].number_format == "0.0000"
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("B7", "$6:$6")
        assert sheet.print_area == "'table'!$A$1:$C$9"
        assert (int(sheet.page_setup.paperSize), sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage

    def test_is_written_in_thai_fonts(self):
        book = read_back(plain_workbook(self.HEAD, [Column("a")], [["x"], ["=1"]]))
        assert {cell.font.name for cell in cells(book)} == {"TH Sarabun New"}
        assert formulas(book) == [] and book.calculation.fullCalcOnLoad
