"""The report card on paper, read back from the PDF: numbers, texts, page breaks."""

import html
import re
import subprocess
from collections import Counter
from decimal import Decimal

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import translation

from reports.cards import build
from scoring.engine.text import arabic_digits
from scoring.models import Result
from scoring.services import approve, mark_criterion, save_draft, submit
from scoring.values import ResultEntry
from tests.cast import browser_of, person, result
from tests.definitions import criterion, trial_result
from tests.reports.papers import reading

pytestmark = pytest.mark.usefixtures("seeds", "db")
# Every number of the documents, and how often it stands there; without the telephones of the real people, and without
# the formula in letters. Seed 001's '1. 0' is the weight 1.
NUMBERS_OF_001 = """
0.5:1 0.2000:1 1:9 1.1:1 1.2:1 2:5 2.1:1 2.2:1 2.3:1 3:7 3.1:1 3.2:1 3.3:1 3.4:1 3.5:1 4:3 5:3 6:2 7:2 8:2 9:2 10:6
12:1 14:1 100:2 2549:2
"""
NUMBERS_OF_002 = """
0.5:20 1:85 1.0000:2 1.5000:2 2:53 2.0000:2 2.5000:4 3:60 3.0000:4 3.6:2 3.1000:1 4:35 5:42 6:6 7:8 8:1 9:1 10:1 11:1
12:2 13:1 14:1 15.5000:1 24:2 99.5:4 103.28.101.10:1
"""
# Each issue's own line in seed 002: weight, result, score, weighted score.
LINES_OF_002 = [
    ("๑", "๓", "๓", "๓.๐๐๐๐"), ("๐.๕", "๓", "๓", "๑.๕๐๐๐"), ("๑", "๓", "๓", "๓.๐๐๐๐"), ("๐.๕", "๕", "๕", "๒.๕๐๐๐"),
    ("๐.๕", "๕", "๕", "๒.๕๐๐๐"), ("๐.๕", "๔", "๔", "๒.๐๐๐๐"), ("๑", "๑", "๑", "๑.๐๐๐๐"),
]


def card_pdf(report: Result, reader: str = "auditor") -> bytes:
    response = browser_of(person(reader)).get(reverse("card_pdf", args=[report.pk]))
    assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
    return response.content


def layout(pdf: bytes) -> str:
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode()


def copied(pdf: bytes) -> str:
    """All text as a reader copies it without watermark and page numbers, line breaks and spaces taken out: where a
    line or page broke is no part of the text."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    lines = [line for page in pages for line in page.splitlines()]
    margin = re.compile(r"ร่าง|DRAFT|ยังไม่รับรอง|NOT CERTIFIED|– [0-9๐-๙]+ / [0-9๐-๙]+ –")
    return squeezed("".join(line for line in lines if not margin.fullmatch(line.strip())))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def missing(pdf: bytes, numbers: str) -> dict[str, int]:
    """The numbers that a PDF has not, or not so often."""
    text = re.sub(r"– ?[0-9๐-๙]+ ?/ ?[0-9๐-๙]+ ?–", "", arabic_digits(layout(pdf)))
    found = Counter(re.findall(r"\d+(?:\.\d+)*", text))
    wanted = Counter({number: int(times) for number, times in (one.split(":") for one in numbers.split())})
    return dict(wanted - found)


def assert_pdf_is_its_page(report: Result, pdf: bytes) -> None:
    """That the text copied from all sheets is the page's, letter by letter, heads of tables left out."""
    page = browser_of(person("auditor")).get(reverse("card", args=[report.pk])).content.decode()
    [card] = re.findall(r'<article class="card-sheet[^>]*>(.*?)</article>', page, re.DOTALL)
    heads = sorted(reading.head_rows(card), key=len, reverse=True)
    texts = [reading.copied(pdf, []), squeezed(html.unescape(re.sub(r"<[^>]*>", "", card))).replace("ร่าง", "")]
    for head in heads:
        texts = [text.replace(head, "") for text in texts]
    # PDFium reads the lines of the summary table's head of two rows across its cells.
    texts = [re.sub(r"ประเด็นการวัดน้ำหนัก\(W\).*?\(W×SM\)", "", text) for text in texts]
    assert texts[0] == texts[1]


@pytest.fixture(scope="module")
def ict_pdf(seeds, django_db_blocker) -> bytes:
    with django_db_blocker.unblock():
        return card_pdf(result("ict-2550"))


@pytest.fixture(scope="module")
def moi_pdf(seeds, django_db_blocker) -> bytes:
    with django_db_blocker.unblock():
        return card_pdf(result("moi-2559"))


class TestSeed002:
    TABLE = [
        ("ประเด็นที่ ๑", "๑", "๓", "๓.๐๐๐๐"), ("ประเด็นที่ ๒", "๐.๕", "๓", "๑.๕๐๐๐"),
        ("ประเด็นที่ ๓", "๑", "๓", "๓.๐๐๐๐"), ("ประเด็นที่ ๔", "๐.๕", "๕", "๒.๕๐๐๐"),
        ("ประเด็นที่ ๕", "๐.๕", "๕", "๒.๕๐๐๐"), ("ประเด็นที่ ๖", "๐.๕", "๔", "๒.๐๐๐๐"),
        ("ประเด็นที่ ๗", "๑", "๑", "๑.๐๐๐๐"),
    ]

    @pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
    def test_every_row_of_the_summary_table(self, moi_pdf, row):
        issue, weight, score, weighted = row
        steps = r"\s+".join("๑๒๓๔๕")
        assert re.search(rf"{issue}\s+{weight}\s+{steps}\s+{score}\s+{weighted}\s*$", layout(moi_pdf), re.MULTILINE)

    def test_every_number_of_the_document(self, moi_pdf):
        assert missing(moi_pdf, NUMBERS_OF_002) == {}

    def test_every_issues_own_line(self, moi_pdf):
        text = layout(moi_pdf)
        found = re.findall(r"^ *([๑-๗])\. .* {2,}(\S+) +(\S+) +(\S+) +(\S+)$", text, re.MULTILINE)
        assert found == [(number, *line) for number, line in zip("๑๒๓๔๕๖๗", LINES_OF_002, strict=True)]

    def test_the_formula_with_its_result(self, moi_pdf):
        text = layout(moi_pdf)
        assert "(๑ × ๓) + (๐.๕ × ๓) + (๑ × ๓) + (๐.๕ × ๕) + (๐.๕ × ๕) + (๐.๕ × ๔) + (๑ × ๑)" in text
        assert "(๑ + ๐.๕ + ๑ + ๐.๕ + ๐.๕ + ๐.๕ + ๑)" in text
        assert "๑๕.๕๐๐๐" in text and "= ๓.๑๐๐๐" in re.sub(r"=\s+", "= ", text)

    def test_all_fourteen_entries_of_evidence(self, moi_pdf):
        text, uses = copied(moi_pdf), result("moi-2559").evidence_uses.select_related("evidence")
        titles = dict.fromkeys(use.evidence.title for use in uses)
        assert len(titles) == 14
        numbers = "๑ ๒ ๓ ๔ ๕ ๖ ๗ ๘ ๙ ๑๐ ๑๑ ๑๒ ๑๓ ๑๔".split()
        for number, title in zip(numbers, titles, strict=True):
            assert squeezed(f"{number}.{title}") in text

    def test_every_text_comes_back_as_it_was_put_in(self, moi_pdf):
        assert_pdf_is_its_page(result("moi-2559"), moi_pdf)
        text, card = copied(moi_pdf), build(result("moi-2559"), user=None)
        pieces = [card.indicator, card.description, *card.texts.values()]
        pieces += [part for issue in card.issues for part in (issue.name, issue.text, *issue.items)]
        for piece in pieces:
            for line in piece.splitlines():
                assert squeezed(line) in text

    def test_round_digits_pages_and_state(self, moi_pdf):
        text = layout(moi_pdf)
        assert re.search(r"☐ รอบ ๖ เดือน\s+☑ รอบ ๑๒ เดือน", text)
        assert re.findall(r"– [๐-๙]+ / [๐-๙]+ –", text) == [f"– {n} / ๘ –" for n in "๑๒๓๔๕๖๗๘"]
        assert "http://103.28.101.10/moc/" in text
        assert all("ร่าง" in page for page in text.split("\f")[:-1])

    def test_the_six_month_card_ticks_its_round(self):
        text = layout(card_pdf(result("moi-2559", months=6)))
        assert re.search(r"☑ รอบ ๖ เดือน\s+☐ รอบ ๑๒ เดือน", text)

    def test_the_same_card_is_the_same_file(self, moi_pdf):
        assert card_pdf(result("moi-2559")) == moi_pdf


def test_seed_001_has_every_number_of_the_document(ict_pdf):
    assert missing(ict_pdf, NUMBERS_OF_001) == {}
    levels = [rf"^ *{level} +{items} ประเด็นย่อย +{level}$" for level, items in zip("12345", range(6, 11), strict=True)]
    assert [len(re.findall(level, layout(ict_pdf), re.MULTILINE)) for level in levels] == [2] * 5
    assert_pdf_is_its_page(result("ict-2550"), ict_pdf)


def test_seed_001_prints_its_line_in_arabic_digits(ict_pdf):
    text = layout(ict_pdf)
    assert re.search(r"14 ระดับคุณภาพ.*\s4\s+5\s+5\s+0\.2000", text)
    assert re.search(r"☐ รอบ 6 เดือน\s+☑ รอบ 12 เดือน", text)
    assert not re.search("[๐-๙]", text)


def test_in_english_the_form_is_english():
    client = browser_of(person("auditor"))
    client.cookies["django_language"] = "en"
    text = layout(client.get(reverse("card_pdf", args=[result("ict-2550").pk])).content)
    assert "Report on performance under the performance agreement" in text and "0.2000" in text


class TestLongAndHostile:
    def filled(self, text: str, issues: int = 2) -> str:
        report = trial_result(*[criterion(f"c{n}", str(Decimal(100) / issues)) for n in range(issues)])
        entries = {c.pk: {"value": Decimal(3), "text": text} for c in report.indicator.criteria.all()}
        save_draft(report, ResultEntry(texts={"measures": text}, criteria=entries), by=person("collector"))
        return layout(card_pdf(report))

    def test_head_rows_repeat_over_page_breaks_and_no_row_is_cut(self):
        text = self.filled("", issues=50)
        rows = re.compile(r"^ *ประเด็นที่ +\d+ +2 +1 +2 +3 +4 +5 +3 +6\.0000$", re.MULTILINE)
        pages = [page for page in text.split("\f") if rows.search(page)]
        assert len(pages) >= 2 and sum(len(rows.findall(page)) for page in pages) == 50
        assert all("ประเด็นการวัด" in page for page in pages)

    def test_text_is_text(self):
        text = self.filled("<b>หนา</b> & <img src=file:///etc/passwd> <script>alert(1)</script> 'x' \"y\"")
        assert "root:" not in text

    def test_a_word_without_spaces_breaks_and_loses_nothing(self):
        word = "กำลัง" * 1200
        assert squeezed(self.filled(word)).count("กำลัง") == 3 * 1200


def test_the_card_follows_the_language_that_is_read():
    with translation.override("en"):


        assert build(result("ict-2550"), user=None).title.startswith("Report on performance")


def test_self_assessment_and_final_marks_stand_side_by_side(collector, supervisor):
    report = submit(result("moi-2559"), by=collector)
    fourth = report.indicator.criteria.order_by("order")[3]
    mark_criterion(report, fourth, entry={"complete": frozenset()}, reason="เอกสารยังเป็นร่าง", by=supervisor)
    approve(report, by=supervisor)
    text = layout(card_pdf(result("moi-2559")))
    rows = [line.split() for line in text.splitlines()]
    assert ["ประเด็นที่", "๔", "๐.๕", *"๑๒๓๔๕", "๕", "๒.๕๐๐๐", "๒", "๑.๐๐๐๐"] in rows
    assert ["ประเด็นที่", "๕", "๐.๕", *"๑๒๓๔๕", "๕", "๒.๕๐๐๐", "๕", "๒.๕๐๐๐"] in rows
    # 3.1000, and 14.0000 / 5; the shares of 100: 5 × 3.1 and 5 × 2.8.
    whole = squeezed(text)
    assert "๓.๑๐๐๐" in whole and "๒.๘๐๐๐" in whole and "๐.๑๕๕๐" in whole and "๐.๑๔๐๐" in whole
    assert "เอกสารยังเป็นร่าง" in whole
