"""The card of one result as a workbook: what the card prints, with formulas that give it."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from evidence.services import add_file
from kpiportal.accounts.models import Unit
from kpiportal.audit.models import AuditEvent
from reports.cards import build
from reports.workbooks.card_book import card_workbook
from reports.workbooks.writing import book_bytes, number_in
from scoring.freezing.printed import printed
from scoring.models import Result
from scoring.services import certify, mark_criterion, use_evidence
from tests.cast import browser_of, person, result
from tests.certified import approved, certified
from tests.evidence import files
from tests.reports.workbooks.formulas import Evaluator
from tests.reports.workbooks.reading import cells, check_formulas, formulas, read_back

pytestmark = pytest.mark.usefixtures("seeds", "db")


def taken(report: Result, who: str = "auditor") -> bytes:
    """The workbook that a person downloads."""
    response = browser_of(person(who)).get(reverse("card_xlsx", args=[report.pk]))
    assert response.status_code == 200 and response["Content-Disposition"].startswith("attachment")
    return response.content


def values(content: bytes) -> list[tuple]:
    """The rows of the first sheet, their formulas computed."""
    sheet = read_back(content)["card"]
    cells_of = Evaluator(sheet)
    return [tuple(cells_of.value(cell.coordinate) for cell in row) for row in sheet.iter_rows()]


def numbers_of(content: bytes) -> set[Decimal]:
    found = (value for row in values(content) for value in row if value is not None and not isinstance(value, str))
    return {Decimal(str(float(value))).quantize(Decimal("0.0001")) for value in found}


class TestSeeds:
    @pytest.mark.parametrize("code", ["moi-2559", "ict-2550"])
    def test_every_number_of_the_card_is_a_number_here(self, code):
        report = result(code)
        content, card = taken(report), build(report, user=None)
        assert check_formulas(content) >= len(card.issues) + 3
        said = [card.average.sum_weights, card.average.sum_weighted, card.average.score]
        for line in (card.line, *(issue.line for issue in card.issues)):
            said += [line.weight, line.score, line.weighted]
        assert {number_in(text) for text in said} - {None} <= numbers_of(content)

    def test_seed_002_in_thai(self):
        with translation.override("th"):
            book = book_bytes(card_workbook(build(result("moi-2559"), user=None), printed(result("moi-2559"))))
        sheet = read_back(book)["card"]
        assert sheet["A1"].value.startswith("รายงานผล")
        weights = [row[1].value for row in sheet.iter_rows() if row[2].value is not None]
        assert weights[1:8] == [1, 0.5, 1, 0.5, 0.5, 0.5, 1]

    def test_its_evidence_is_listed(self):
        sheet = read_back(taken(result("moi-2559")))["evidence"]
        assert sheet.max_row == 15 and sheet["A15"].value == 14
        assert "http://www.moi.go.th" in [cell.value for cell in sheet["D"]]
        assert sheet["D2"].hyperlink is None

    def test_what_was_done_stands_in_whole_texts(self):
        report = result("moi-2559")
        card = build(report, user=None)
        texts = {cell.value for cell in cells(read_back(taken(report))) if cell.parent.title == "texts"}
        assert {text for text in card.texts.values() if text} <= texts
        assert {issue.text for issue in card.issues if issue.text} <= texts

    def test_the_only_formulas_are_ours(self):
        book = read_back(taken(result("moi-2559")))
        assert book.sheetnames == ["card", "texts", "criteria", "evidence"]
        assert {cell.parent.title for cell in formulas(book)} == {"card"}
        assert {cell.font.name for cell in cells(book)} == {"TH Sarabun New"}
        for sheet in book:
            assert sheet.print_area and sheet.freeze_panes and sheet.print_title_rows
            assert int(sheet.page_setup.paperSize) == 9 and sheet.page_setup.fitToWidth == 1

    def test_hidden_scores_stay_hidden(self, hidden_result):
        reader = "agency-001-collector-1"
        card = build(hidden_result, user=person(reader))
        assert card.hidden
        content = taken(hidden_result, reader)
        assert not {Decimal("0.2000"), Decimal("20.0000")} & numbers_of(content)
        assert {Decimal("0.2000"), Decimal("20.0000")} <= numbers_of(taken(hidden_result))


class TestBothSides:
    def test_self_assessment_and_committee_stand_side_by_side(self):
        report = approved()
        mark_criterion(
            report, report.indicator.criteria.get(name="level"), score=Decimal("2"), reason="=why", by=person("office")
        )
        report = Result.objects.get(pk=report.pk)
        card, content = build(report, user=None), taken(report)
        assert card.beside and check_formulas(content) > 20
        known = {number_in(text) for text in (card.beside.own_score, card.beside.final_score, card.beside.own_sum)}
        assert known - {None} <= numbers_of(content)
        assert "=why" in " ".join(str(cell.value) for cell in cells(read_back(content)))


class TestSealed:
    def test_until_it_is_certified_it_says_so(self):
        report, auditor = approved(), browser_of(person("auditor"))
        auditor.cookies["django_language"] = "en"
        path, sentence = reverse("card_xlsx", args=[report.pk]), "Not certified: the score may still change."
        assert sentence in [cell.value for cell in cells(read_back(auditor.get(path).content))]
        certify(report, by=person("office"))
        assert sentence not in [cell.value for cell in cells(read_back(auditor.get(path).content))]

    def test_a_snapshot_is_printed_as_it_was_sealed(self):
        report = certified()
        response = browser_of(person("auditor")).get(reverse("card_xlsx", args=[report.pk]), {"sealed": "1"})
        assert response.status_code == 200 and "-1.xlsx" in response["Content-Disposition"]
        assert check_formulas(response.content) > 8
        missing = browser_of(person("auditor")).get(reverse("card_xlsx", args=[report.pk]), {"sealed": "7"})
        assert missing.status_code == 404

    def test_is_noted_like_the_pdf(self):
        report = certified()
        taken(report)
        entry = AuditEvent.objects.filter(action="card.workbook").latest("pk")
        assert (entry.target_id, entry.unit_id) == (str(report.pk), report.unit_id)
        assert entry.after == {"version": report.version}


def test_a_stranger_gets_nothing():
    report = result("moi-2559")
    assert browser_of(person("stranger")).get(reverse("card_xlsx", args=[report.pk])).status_code == 404


def test_files_stand_with_their_hashes(settings, tmp_path):
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
    report = result("moi-2559", months=6)
    one = add_file(
        unit=Unit.objects.get(code="moi"), upload=io.BytesIO(files.text(10)), name="=a.txt", by=person("collector")
    )
    use_evidence(report, one, by=person("collector"))
    sheet = read_back(taken(report))["evidence"]
    version = one.versions.get()
    assert [sheet.cell(2, column).value for column in (6, 7)] == ["=a.txt", version.sha256]
    assert sheet["F2"].data_type == "s"
