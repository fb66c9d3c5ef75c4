"""The checker's page and command: what is said, that nothing is lost or stored, and what no file can do to it."""
import io
import json
import random
import re
import zipfile
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kpiportal.audit.models import AuditEvent
from reports.check_views import MOST_PASTED
from reports.checking.report import Unreadable, check_file, check_text
from tests.cast import agreement, browser_of
from tests.reports.checking import tables
from tests.reports.checking.tables import SEED, as_number, as_thai_text, one_heading

RIGHT = "name\tweight\t1\t5\tresult\tscore\nx\t10\t1\t5\t3\t3.0000"


@pytest.fixture
def visitor(stranger):
    visitor = browser_of(stranger)
    visitor.cookies["django_language"] = "en"
    return visitor


class TestPage:
    def test_marks_the_misprint_of_seed_004_with_the_right_value_and_its_working(self, visitor):
        before = AuditEvent.objects.count()
        page = visitor.post("/check/", {"table": SEED})
        text = page.content.decode()
        assert page.status_code == 200 and "1 cell is wrong." in text and "5 × 5.0000 / 100 = 0.2500" in text
        [cell] = re.findall(r'<td class="num wrong" id="cell-1">(.*?)</td>', text)
        assert "<s>0.5000</s>" in cell and "<strong>0.2500</strong>" in cell and "✗" in cell
        assert unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)[1]) == SEED
        assert AuditEvent.objects.count() == before

    def test_takes_a_workbook_with_columns_in_any_order_and_thai_digits(self, visitor):
        order = random.Random(4).sample(range(11), 11)
        file = SimpleUploadedFile("ตาราง.xlsx", tables.workbook(one_heading(order), as_thai_text, above=2))
        text = visitor.post("/check/", {"file": file, "table": ""}).content.decode()
        assert "ตาราง.xlsx" in text and text.count('class="num wrong') == 1 and "<strong>๐.๒๕๐๐</strong>" in text

    def test_says_that_nothing_is_wrong(self, visitor):
        text = visitor.post("/check/", {"table": RIGHT}).content.decode()
        assert "Nothing is wrong." in text and "1 cell was recomputed." in text

    @pytest.mark.parametrize(("data", "said"), [
        ({}, "There is nothing to check"), ({"table": "น้ำหนัก <b>5</b>\n"}, "No table was found"),
    ])
    def test_a_refusal_keeps_what_was_pasted(self, visitor, data, said):
        page = visitor.post("/check/", data)
        text = page.content.decode()
        assert page.status_code == 422 and said in text
        assert unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)[1]) == data.get("table", "")

    def test_a_file_that_is_too_large_or_empty(self, visitor, settings):
        for size, status in ((5_000_001, 422), (0, 422)):
            assert visitor.post("/check/", {"file": SimpleUploadedFile("a.csv", b"x" * size)}).status_code == status
        settings.EVIDENCE_MAX_MB = 1
        page = visitor.post("/check/", {"file": SimpleUploadedFile("a.csv", b"x" * 3_000_000), "table": "kept"})
        assert page.status_code == 422 and "kept" in page.content.decode()

    @pytest.mark.parametrize("enforced", [True, False])
    def test_a_paste_that_is_too_large_says_what_to_do(self, stranger, enforced):
        """Whoever reads the form first: the search for its token, or the page."""
        visitor = Client(enforce_csrf_checks=enforced)
        visitor.force_login(stranger)
        visitor.cookies["django_language"] = "en"
        visitor.get("/check/")
        page = visitor.post("/check/", {"table": "x" * 2_700_000})
        text = page.content.decode()
        assert page.status_code == 413 and "drop the table as a file of up to 5 MB" in unescape(text)
        assert f'data-most-bytes="{MOST_PASTED}"' in text and 'aria-invalid="true"' in text
        other = visitor.post("/reminders/", {"language": "x" * 2_700_000})
        assert other.status_code == 413 and "A form takes 2.5 MB of text at most" in other.content.decode()

    def test_as_much_as_the_page_lets_go_is_read(self, visitor):
        assert visitor.post("/check/", {"table": "x" * MOST_PASTED}).status_code == 422

    def test_is_for_those_who_are_signed_in(self, client, visitor):
        assert client.get("/check/").status_code == 302 and client.post("/check/", {"table": SEED}).status_code == 302
        assert visitor.get("/check/").status_code == 200 and '<a href="/check/"' in visitor.get("/").content.decode()

    def test_a_long_table_shows_its_first_lines_and_those_that_are_wrong(self, visitor):
        lines = ["x\t10\t1\t5\t3\t3.0000", *["only words"] * 500, "y\t10\t1\t5\t3\t4.0000"]
        page = visitor.post("/check/", {"table": "name\tweight\t1\t5\tresult\tscore\n" + "\n".join(lines)})
        text = page.content.decode()
        assert text.count("only words</td>") == 399 and "<s>4.0000</s>" in text and "101 further lines" in text

    @pytest.mark.parametrize("language", ["th", "en"])
    @pytest.mark.parametrize("digits", ["thai", "arabic"])
    def test_finds_our_own_summary_table_right(self, auditor, language, digits):
        """What the portal prints of seed 004, copied from its page."""
        visitor = browser_of(auditor)
        visitor.cookies["django_language"] = language
        page = visitor.get(f"/agreements/{agreement('ega-2557').pk}/papers/summary/?digits={digits}").content.decode()
        report = check_text(copied(re.search(r'<table class="lined[^"]*">.*?</table>', page, re.DOTALL)[0]))
        assert report.is_right and report.rows == 21 and report.cells > 30


def copied(table: str) -> str:
    """A table of a page as the clipboard has it: cells between tabs, empty ones for those that are spanned."""
    spanned: dict[tuple[int, int], str] = {}
    lines = []
    for number, line in enumerate(re.findall(r"<tr\b.*?</tr>", table, re.DOTALL)):
        cells: list[str] = []
        for attributes, inside in re.findall(r"<t[dh]\b([^>]*)>(.*?)</t[dh]>", line, re.DOTALL):
            while (number, len(cells)) in spanned:
                cells.append("")
            wide, high = (int((re.search(rf'{way}span="(\d+)"', attributes) or [0, 1])[1]) for way in ("col", "row"))
            spanned |= {(number + down, len(cells) + n): "" for down in range(1, high) for n in range(wide)}
            cells += [unescape(re.sub(r"<[^>]*>", "", inside)).strip(), *[""] * (wide - 1)]
        lines.append("\t".join(cells))
    return "\n".join(lines)


class TestCommand:
    def run(self, capsys, *arguments) -> tuple[int, str]:
        status = 0
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("check_table", *map(str, arguments), "--lang", "en", stdout=out, stderr=err)
        except SystemExit as end:
            status = end.code
        return status, out.getvalue() + err.getvalue()

    def test_of_seed_004(self, capsys, tmp_path):
        (tmp_path / "seed.txt").write_text(SEED)
        status, said = self.run(capsys, tmp_path / "seed.txt")
        assert status == 1 and said.count("✗") == 1 and "prints 0.5000, should be 0.2500" in said
        (tmp_path / "seed.xlsx").write_bytes(tables.workbook(one_heading(), as_number))
        status, said = self.run(capsys, tmp_path / "seed.xlsx", "--json")
        [wrong] = json.loads(said)["wrong"]
        assert status == 1 and (wrong["printed"], wrong["right"], wrong["line"], wrong["column"]) == (
            "0.5000", "0.2500", 11, 11)

    def test_of_a_right_table_and_of_what_is_none(self, capsys, tmp_path):
        file = tmp_path / "a.txt"
        for text, status, said in (
            (RIGHT, 0, "Nothing is wrong: 1 cells"), ("hello", 2, "No table was found"),
            (RIGHT.replace("10", "ten"), 2, "'ten' is not a number"),
            ("name\tweight\tscore\nx\t1\t3", 2, "There is nothing to recompute"),
        ):
            file.write_text(text)
            found, words = self.run(capsys, file)
            assert found == status and said in words
        status, said = self.run(capsys, tmp_path / "none.xlsx", "--json")
        assert status == 2 and "can't be opened" in json.loads(said)["error"]


class TestBombs:
    def test_a_workbook_that_swells_is_refused_before_it_is_read(self):
        written = io.BytesIO(tables.workbook(one_heading(), as_number))
        with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/media/image1.bin", b"\0" * 70_000_000)
        with pytest.raises(Unreadable):
            check_file(written.getvalue())

    def test_styles_that_take_all_memory_end_the_reading_process_only(self):
        """Three megabytes of five letters each are 600,000 objects to openpyxl."""
        package = zipfile.ZipFile(io.BytesIO(tables.workbook(one_heading(), as_number)))
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as changed:
            for name in package.namelist():
                part = package.read(name)
                if name == "xl/styles.xml":
                    part = part.replace(b"</cellXfs>", b"<xf/>" * 600_000 + b"</cellXfs>")
                changed.writestr(name, part)
        with pytest.raises(Unreadable):
            check_file(written.getvalue())

    def test_hidden_sheets_and_sheets_without_a_table_are_passed_over(self):
        book = Workbook()
        book.active["A1"] = "cover"
        for name, state in (("old", "hidden"), ("now", "visible")):
            sheet = book.create_sheet(name)
            sheet.sheet_state = state
            for line in one_heading():
                sheet.append(line)
        written = io.BytesIO()
        book.save(written)
        report = check_file(written.getvalue())
        assert report.grid.sheet == "now" and len(report.wrong) == 1


WORDS = st.sampled_from(["น้ำหนัก", "weight", "คะแนน", "score", "1", "2", "5", "๔.๕", "-", "", "N/A", "รวม",
                         "มิติที่ 1", "ผล", "ระดับ 3", "1e9", "9" * 15, "-1", "0", "ถ่วง", "=A1", '"', "1.1.1 x",
                         "total", "|", "\0", "0.0000000001"])
WORKBOOK = tables.workbook(one_heading(), as_number)  # made once: a workbook holds the time
ANY = st.one_of(WORDS, st.text(max_size=8))


class TestFuzz:
    @given(st.lists(st.lists(ANY, max_size=9), max_size=9), st.sampled_from(["\t", ",", ";", "   ", " | "]))
    @settings(max_examples=400, deadline=None)
    def test_of_texts(self, cells, sign):
        self.takes(lambda: check_text("\n".join(sign.join(line) for line in cells)))

    @given(st.lists(st.lists(ANY, min_size=6, max_size=6), max_size=12))
    @settings(max_examples=400, deadline=None)
    def test_of_rows_below_a_heading(self, cells):
        heading = "name\tweight\t1\t5\tresult\tscore\tweighted score\n"
        self.takes(lambda: check_text(heading + "\n".join("x\t" + "\t".join(line) for line in cells)))

    @given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe"]))
    @settings(max_examples=60, deadline=None)
    def test_of_bytes(self, content, start):
        self.takes(lambda: check_file(start + content))

    @given(st.data())
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_of_a_workbook_with_changed_bytes(self, data):
        content = bytearray(WORKBOOK)
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        self.takes(lambda: check_file(bytes(content)))

    def takes(self, ask) -> None:
        """A report or a sentence, never another error."""
        try:
            assert ask().grid.lines
        except Unreadable as refusal:
            assert str(refusal.message)
