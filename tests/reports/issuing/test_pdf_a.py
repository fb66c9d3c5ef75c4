"""The issued card as an archive keeps it: PDF/A-3a with tags, language, title, data inside, and text to be copied."""

import hashlib
import io
import json
import re

import pikepdf
import pytest
import segno
from django.utils import translation

from reports.issuing.qr import QUIET, qr_of
from reports.issuing.rendering import render
from tests.reports.issuing.cards import AT, ISSUE, certified_moi, moi
from tests.reports.test_card_pdf import copied, layout, squeezed

pytestmark = pytest.mark.usefixtures("seeds", "db")


@pytest.fixture
def pdf() -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(moi()[0]))


def elements(pdf: pikepdf.Pdf, kind: str) -> list[pikepdf.Dictionary]:
    """The elements of the structure of one kind."""
    return [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == kind]


class TestAsAnArchiveKeepsIt:
    def test_nothing_is_wrong_with_its_structure(self, pdf):
        assert pdf.check_pdf_syntax() == [] and not pdf.is_encrypted

    def test_says_that_it_is_pdf_a_3a(self, pdf):
        xmp = pdf.open_metadata()
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
        assert xmp["dc:title"] == pdf.docinfo["/Title"] == moi()[1].indicator

    def test_has_language_title_and_colours(self, pdf):
        root = pdf.Root
        assert str(root.Lang) == "th" and bool(root.ViewerPreferences.DisplayDocTitle)
        [intent] = root.OutputIntents
        assert intent.S == "/GTS_PDFA1" and len(intent.DestOutputProfile.read_bytes()) > 400

    def test_is_tagged_in_reading_order(self, pdf):
        assert bool(pdf.Root.MarkInfo.Marked) and pdf.Root.StructTreeRoot.ParentTree
        kinds = {str(one["/S"]) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one}
        assert {"/Document", "/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure"} <= kinds

    def test_every_picture_has_its_text(self, pdf):
        figures = elements(pdf, "/Figure")
        assert len(figures) == 1 and all(str(one.get("/Alt", "")).strip() for one in figures)
        assert ISSUE.address in str(figures[0].Alt)

    def test_every_font_is_inside_and_can_be_read(self, pdf):
        fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
        composite = [one for one in fonts if one.Subtype == "/Type0"]
        assert composite and all("/ToUnicode" in one for one in composite)
        assert all("/FontFile2" in one.DescendantFonts[0].FontDescriptor or
                   "/FontFile3" in one.DescendantFonts[0].FontDescriptor for one in composite)


class TestWhatLiesInside:
    def test_is_the_certified_text_the_evidence_and_the_record(self, pdf):
        inside = {name: given.get_file().read_bytes() for name, given in pdf.attachments.items()}
        assert set(inside) == {"data.json", "evidence.json", "card.json"}
        content = moi()[2]
        assert inside["data.json"].decode() == content
        card = json.loads(inside["card.json"])
        assert card["data_sha256"] == hashlib.sha256(content.encode()).hexdigest()
        assert (card["number"], card["code"], card["replaces"]) == (ISSUE.number, ISSUE.code, ISSUE.replaces)
        assert [one["title"] for one in json.loads(inside["evidence.json"])][:1] != [""]
        assert len(json.loads(inside["evidence.json"])) == 14

    def test_is_named_as_the_data_of_the_document(self, pdf):
        files = list(pdf.Root.AF)
        assert {str(one.UF) for one in files} == {"data.json", "evidence.json", "card.json"}
        assert {str(one.AFRelationship) for one in files} == {"/Data"}
        assert {str(one.EF.F.Subtype) for one in files} == {"/application/json"}
        assert all(str(one.EF.F.Params.ModDate).startswith(f"D:{AT:%Y%m%d}") for one in files)


class TestItsText:
    def test_is_copied_as_it_was_put_in(self):
        pdf, card, _ = moi()
        text = copied(pdf)
        pieces = [card.indicator, card.description, *card.texts.values(), *(line.title for line in card.evidence)]
        pieces += [part for issue in card.issues for part in (issue.name, issue.text, issue.intro, *issue.items)]
        lost = [line for piece in pieces for line in piece.splitlines() if squeezed(line) not in text]
        assert lost == [] and len(pieces) > 60

    def test_names_number_day_and_address(self):
        text = layout(moi()[0])
        assert "๒๕๕๙-๐๐๐๐๔๒" in text and "๒๕๕๙-๐๐๐๐๐๗" in text and "๒๑ พ.ย. ๒๕๖๙" in text
        assert ISSUE.address in text
        assert "ร่าง" not in text and "DRAFT" not in text


def test_the_same_card_is_the_same_file_five_times_in_any_reader_s_language():
    snapshot = certified_moi()
    prints = set()
    for language in ("th", "en", "th", "en", "th"):
        with translation.override(language):
            prints.add(hashlib.sha256(render(snapshot, ISSUE)).hexdigest())
    assert len(prints) == 1


@pytest.mark.parametrize("text", [ISSUE.address, "a", "https://kpi.example.go.th/" + "a" * 300])
def test_the_qr_code_draws_every_module_once(text):
    qr, matrix = qr_of(text), segno.make(text, error="m", micro=False).matrix
    drawn = [
        (int(x) + n, int(y)) for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", qr.path) for n in range(int(w))
    ]
    dark = {(x + QUIET, y + QUIET) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert set(drawn) == dark and len(drawn) == len(dark) and qr.side == len(matrix) + 2 * QUIET
