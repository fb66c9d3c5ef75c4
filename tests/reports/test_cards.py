"""What a report card holds: everything finished, in the digits of the agreement's paper."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from evidence.models import FileVersion
from evidence.services import add_evidence, add_file, add_version, take_down
from indicators.models import Agreement
from reports.card_data import CardData
from reports.cards import build
from scoring.models import CriterionResult, Result
from scoring.services import drop_evidence, save_draft, use_evidence
from scoring.values import ResultEntry
from tests.cast import result
from tests.definitions import THRESHOLDS, criterion, every_kind, sheets, trial_result
from tests.evidence import files
from tests.scoring.test_entry import save

pytestmark = pytest.mark.usefixtures("seeds", "db")


@pytest.fixture
def moi() -> CardData:
    """Seed 002's card, in Thai digits."""
    return build(result("moi-2559"), user=None)


@pytest.fixture
def ict(auditor) -> CardData:
    """Seed 001's card as the auditor sees it, in Arabic digits."""
    return build(result("ict-2550"), user=auditor)


def issues(card: CardData) -> list[tuple[str, str, str]]:
    return [(issue.line.weight, issue.line.score, issue.line.weighted) for issue in card.issues]


class TestSeed002:
    def test_every_number_of_its_summary_table(self, moi):
        assert issues(moi) == [
            ("๑", "๓", "๓.๐๐๐๐"),
            ("๐.๕", "๓", "๑.๕๐๐๐"),
            ("๑", "๓", "๓.๐๐๐๐"),
            ("๐.๕", "๕", "๒.๕๐๐๐"),
            ("๐.๕", "๕", "๒.๕๐๐๐"),
            ("๐.๕", "๔", "๒.๐๐๐๐"),
            ("๑", "๑", "๑.๐๐๐๐"),
        ]
        assert [issue.number for issue in moi.issues] == list("๑๒๓๔๕๖๗")
        assert moi.step_heads == list("๑๒๓๔๕")
        assert {tuple(issue.steps) for issue in moi.issues} == {tuple("๑๒๓๔๕")}

    def test_the_formula_with_the_numbers_put_in(self, moi):
        average = moi.average
        assert average.first_last == "๑-๗"
        assert (
            average.numerator == "(๑ × ๓) + (๐.๕ × ๓) + (๑ × ๓) + (๐.๕ × ๕) + (๐.๕ × ๕) + (๐.๕ × ๔) + (๑ × ๑)"
        )
        assert average.denominator == "๑ + ๐.๕ + ๑ + ๐.๕ + ๐.๕ + ๐.๕ + ๑"
        assert (average.sum_weighted, average.sum_weights, average.score) == ("๑๕.๕๐๐๐", "๕", "๓.๑๐๐๐")

    def test_title_round_and_people_with_their_telephones(self, moi):
        assert moi.rounds == [("๖", False), ("๑๒", True)]
        assert moi.indicator == "ตัวชี้วัดที่ ๕ การพัฒนาประสิทธิภาพระบบสารสนเทศภาครัฐ"
        assert (moi.supervisor.phone, [p.phone for p in moi.collectors]) == (
            "๐-๒๐๐๐-๐๐๐๐ ต่อ ๑๐๐๐",
            ["๐-๒๐๐๐-๐๐๐๐ ต่อ ๑๐๐๑", "๐-๒๐๐๐-๐๐๐๐ ต่อ ๑๐๐๒", "๐-๒๐๐๐-๐๐๐๐ ต่อ ๑๐๐๓"],
        )
        assert (moi.agency, moi.year, moi.is_draft) == ("กระทรวงมหาดไทย", "2559", True)

    def test_all_fourteen_entries_of_evidence_with_addresses_as_they_are(self, moi):
        assert len(moi.evidence) == 14
        assert [line.url for line in moi.evidence if line.url] == [
            "http://www.moi.go.th",
            "http://103.28.101.10/moc/",
        ]

    def test_no_arabic_digit_but_in_addresses(self, moi):
        printed = [
            moi.indicator,
            moi.description,
            *moi.texts.values(),
            *(line.title for line in moi.evidence),
        ]
        for issue in moi.issues:
            printed += [
                issue.name,
                issue.intro,
                issue.note,
                issue.text,
                *issue.items,
                *issue.line.__dict__.values(),
            ]
            printed += [cell for level in issue.levels for cell in level]
        assert [text for text in printed if re.search("[0-9]", text)] == []

    def test_line_breaks_of_the_texts_stay(self, moi):
        assert moi.texts["measures"].startswith("๑. ศึกษา") and moi.texts["measures"].count("\n") == 2
        assert moi.issues[0].text.count("\n") == 3

    def test_it_says_that_it_is_an_excerpt(self, moi):
        assert moi.excerpt == "100"


class TestSeed001:
    def test_its_line_is_the_share_of_the_agreement(self, ict):
        assert (ict.line.weight, ict.line.score, ict.line.weighted) == ("4", "5", "0.2000")

    def test_its_criteria_print_the_product(self, ict):
        assert issues(ict) == [
            ("1", "5", "5.0000"),
            ("0.5", "5", "2.5000"),
            ("1", "5", "5.0000"),
            ("1.5", "5", "7.5000"),
        ]
        assert ict.average.sum_weighted == "20.0000"

    def test_arabic_digits_and_its_own_words(self, ict):
        assert not re.search("[๐-๙]", str(ict))
        assert (ict.words["criterion"], ict.words["results"]) == ("ข้อที่", "ข้อมูลผลการดำเนินงาน")

    def test_what_the_document_lacks_is_empty(self, ict):
        assert ict.texts["suggestions"] == ""
        assert ict.issues[2].note and not ict.issues[2].levels

    def test_a_submitted_card_is_no_draft(self, ict):
        assert not ict.is_draft


class TestSeed004:
    def test_targets_stand_side_by_side_and_missing_levels_are_dashes(self, auditor):
        card = build(result("ega-2557", number="1.6"), user=auditor)
        assert card.issues[0].steps == ["4", "-", "5", "-", "6"]
        assert card.issues[0].across
        assert (card.issues[0].line.result, card.line.score, card.line.weighted) == ("5.00", "3", "0.1500")

    def test_a_score_between_levels_has_four_places(self, auditor):
        card = build(result("ega-2557", number="2.2"), user=auditor)
        assert (card.issues[0].line.result, card.issues[0].line.score, card.line.weighted) == (
            "84.40",
            "3.8800",
            "0.1940",
        )
        assert card.excerpt == ""


class TestStates:
    def test_an_empty_report_has_dashes_and_says_what_is_open(self):
        card = build(result("moi-2559", months=6), user=None)
        assert {(i.line.result, i.line.score, i.line.weighted) for i in card.issues} == {("–", "–", "–")}
        assert (card.average, card.open_weight, card.line.weighted) == (None, "๕", "–")
        assert card.rounds == [("๖", True), ("๑๒", False)]

    def test_not_reported_prints_its_reason_and_the_floor(self, collector):
        report = every_kind()
        save(report, collector, level={"not_reported": True, "reason": "no survey"})
        issue = next(issue for issue in build(report, user=None).issues if issue.name == "level")
        assert (issue.reason, issue.line.score) == ("no survey", "1")

    def test_not_applicable_leaves_the_formula(self, collector):
        report = trial_result(criterion("x", "70"), criterion("y", "30"))
        save(report, collector, x={"value": Decimal(4)}, y={"value": Decimal(2)})
        CriterionResult.objects.filter(pk=sheets(report)["y"].row.pk).update(
            status="not_applicable", score=None
        )
        card = build(Result.objects.get(pk=report.pk), user=None)
        assert [issue.not_applicable for issue in card.issues] == [False, True]
        assert (card.average.numerator, card.average.denominator, card.average.score) == (
            "(70 × 4)",
            "70",
            "4.0000",
        )

    def test_a_reason_that_no_longer_holds_is_not_printed(self, collector):
        report = every_kind()
        save(report, collector, level={"not_reported": True, "reason": "no survey"})
        save(report, collector, level={"not_reported": False, "value": Decimal(3)})
        issue = next(issue for issue in build(report, user=None).issues if issue.name == "level")
        assert (issue.reason, issue.line.result, issue.line.score) == ("", "3", "3")

    def test_a_formulas_result_is_the_figure_and_not_the_score(self, collector):
        report = every_kind()
        save(report, collector, formula={"data": {"A": Decimal(211), "B": Decimal(250)}})
        issue = next(issue for issue in build(report, user=None).issues if issue.name == "formula")
        assert (issue.line.result, issue.line.score) == ("84.4000", "3.8800")

    def test_only_the_scored_issues_stand_in_the_formula(self, collector):
        report = trial_result(criterion("x", "70"), criterion("y", "20", THRESHOLDS), criterion("z", "10"))
        save(report, collector, x={"value": Decimal("4.5")}, z={"value": Decimal(2)})
        card = build(report, user=None)
        assert card.average.numerator == "(70 × 4.5) + (10 × 2)"
        assert (card.average.first_last, card.open_weight) == ("1,3", "20")

    def test_round_9_has_its_own_checkbox(self, collector):
        report = trial_result(rounds=[{"months": 9}])
        assert build(report, user=None).rounds == [("6", False), ("9", True), ("12", False)]


def test_a_scale_of_its_own_has_its_own_steps():
    report = trial_result(scale={"min": "0", "max": "3"})
    assert build(report, user=None).step_heads == ["0", "1", "2", "3"]


def test_text_is_only_text(moi_result, collector):
    save_draft(moi_result, ResultEntry(texts={"obstacles": "5 < 6 & <b>"}), by=collector)
    assert build(result("moi-2559"), user=None).texts["obstacles"] == "๕ < ๖ & <b>"


def test_digits_are_the_agreements_choice(moi_result):
    Agreement.objects.filter(code="moi-2559").update(digits="arabic")
    assert build(result("moi-2559"), user=None).average.score == "3.1000"


class TestEvidenceList:
    @pytest.fixture
    def report(self, collector, settings, tmp_path) -> Result:
        """A file under its own name, one under another, a letter, and what was dropped after a submit."""
        settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
        report = trial_result(criterion("c", "100"), digits="thai")
        unit, first = report.unit, io.BytesIO(files.pdf())
        plan = add_evidence(unit=unit, kind="named", title="แผน 12", place="ชั้น 3", by=collector)
        add_version(plan, upload=io.BytesIO(files.pdf()), name="plan 1.pdf", by=collector)
        letter = {"letter_number": "มท 0201", "letter_date": date(2016, 9, 30), "issuer": "ปลัด"}
        listed = [
            add_file(unit=unit, upload=first, name="รายงาน 5.pdf", by=collector),
            plan,
            add_evidence(unit=unit, kind="letter", title="สั่งการ", by=collector, **letter),
        ]
        gone = add_evidence(unit=unit, kind="named", title="gone", by=collector)
        for evidence in [*listed, gone]:
            use_evidence(report, evidence, by=collector)
        Result.objects.filter(pk=report.pk).update(submitted_at=timezone.now(), submitted_by=collector)
        drop_evidence(report, gone, by=collector)
        return report

    def test_names_each_listed_piece_once_with_letter_place_and_file(self, report):
        with translation.override("en"):
            evidence = build(report, user=None).evidence
        assert [(line.title, line.letter, line.place, line.file) for line in evidence] == [
            ("รายงาน 5.pdf", "", "", ""),
            ("แผน ๑๒", "", "ชั้น ๓", "plan 1.pdf"),
            ("สั่งการ", "No. มท ๐๒๐๑, ๓๐ Sep ๒๐๑๖, ปลัด", "", ""),
        ]

    def test_no_longer_the_name_of_a_file_that_was_taken_down(self, report, office):
        take_down(FileVersion.objects.get(name="plan 1.pdf"), reason="x", by=office)
        assert build(report, user=None).evidence[1].file == ""


class TestLongWordings:
    def card(self, letters: int) -> CardData:
        levels = [level | {"wording": f"{level['score']} {'ก' * letters}"} for level in THRESHOLDS["levels"]]
        worded = criterion("worded", "50", THRESHOLDS | {"levels": levels})
        return build(trial_result(worded, criterion("level", "50")), user=None)

    def test_short_ones_stand_in_the_columns_and_their_table_on_one_sheet(self):
        [worded, _] = self.card(8).issues
        assert worded.steps[0] == f"1 {'ก' * 8}" and not worded.is_long

    def test_long_ones_are_left_to_the_criteria_table_and_the_columns_have_the_figures(self):
        """A column takes five letters a line: 5,000 letters were thousands of lines."""
        card = self.card(900)
        [worded, _] = card.issues
        assert worded.steps == ["70", "75", "80", "85", "90"] and worded.is_long
        assert worded.levels[0][1] == f"1 {'ก' * 900}"
        html = render_to_string("reports/card_pdf.html", {"card": card})
        assert html.count("card-long") == 1 and html.count("ก" * 900) == 5
