"""The evidence index: seed 002's fourteen pieces, files with their hashes, verdicts, and what was certified."""

import datetime
import hashlib
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from evidence.services import add_evidence, add_file, add_version, take_down
from indicators.models import Agreement, EvidenceRequirement
from reports.papers import PAPERS, Asked
from scoring.models import Result
from scoring.services import approve, certify, reopen, review_item, submit, use_evidence
from tests.cast import agreement, browser_of, person, result
from tests.certified import of
from tests.definitions import ITEMS, MILESTONES, criterion, indicator, opened
from tests.evidence import files
from tests.reports.papers.reading import (
    ACROSS,
    assert_pdf_says_what_the_page_says,
    assert_rows,
    page_of,
    pdf_of,
    sheets,
    squeezed,
)
from tests.scoring.test_entry import save

pytestmark = pytest.mark.usefixtures("seeds", "db")
NEEDED = [
    {"key": key, "number": str(n), "name": f"item {key}", "requirements": [{"number": f"{n}.1", "name": f"need {key}"}]}
    for n, key in enumerate("abc", 1)
]


def built(of_agreement: Agreement, reader: str = "auditor", **asked):
    found = Agreement.objects.select_related("unit", "fiscal_year").get(pk=of_agreement.pk)
    with translation.override("en"):
        return PAPERS["evidence-index"].build(Asked(found, person(reader), **asked))


def rows_of(paper) -> list:
    return [row for table in paper.tables for item in table.items for row in item.rows]


class TestSeed002:
    def test_all_fourteen_pieces_with_their_numbers_and_places(self):
        report = result("moi-2559")
        listed = {}
        for row in rows_of(built(agreement("moi-2559"), months=12)):
            if row.number:
                listed[int(row.number)] = row
        titles = dict.fromkeys(use.evidence.title for use in report.evidence_uses.select_related("evidence"))
        assert [listed[n].title for n in sorted(listed)] == list(titles) and len(listed) == 14
        assert listed[2].where == "http://www.moi.go.th"
        assert {row.verdict for row in listed.values()} == {"Waiting for review"}

    def test_every_item_says_what_must_be_shown_and_whether_it_was(self):
        [table] = built(agreement("moi-2559"), months=12).tables
        needed = [row.need for item in table.items for row in item.rows if row.need]
        points = EvidenceRequirement.objects.filter(item__criterion__indicator__agreement__code="moi-2559")
        assert needed == [point.name for point in points.order_by("item__criterion__order", "item__order", "order")]
        assert [item.name for item in table.items if item.note][0].startswith("ประเด็นที่ 4 · 1. ")
        proven = {use.item_id for use in result("moi-2559").evidence_uses.all() if use.item_id}
        assert sum(row.title == "not shown" for row in rows_of(built(agreement("moi-2559")))) == 27 - len(proven)

    @pytest.mark.parametrize("digits", ["arabic", "thai"])
    def test_the_text_of_all_sheets_is_the_source(self, digits):
        moi = agreement("moi-2559")
        text = assert_pdf_says_what_the_page_says(moi, "evidence-index", round=12, digits=digits)
        assert "http://103.28.101.10/moc/" in text
        [table] = PAPERS["evidence-index"].build(Asked(moi, person("auditor"), 12, digits)).tables
        rows = [row for item in table.items for row in item.rows]
        assert_rows(text, [(item.name, item.note) for item in table.items])
        assert_rows(text, [(row.need, row.number, row.title, row.verdict, row.file, row.where) for row in rows])

    def test_it_lies_across_and_of_a_round_without_evidence_it_says_so(self):
        assert sheets(pdf_of(agreement("moi-2559"), "evidence-index", round=12)) == ACROSS
        client = browser_of(person("auditor"))
        address = reverse("paper", args=[agreement("moi-2559").pk, "evidence-index"])
        assert client.get(address, {"round": 9}).status_code == 404
        page = page_of(agreement("imm-2556"), "evidence-index", language="en")
        assert "There is no report in this round that you may see." in page


def shown() -> Result:
    """A report of which item a has a file, b a letter, and c nothing; the supervisor finds the letter not enough."""
    parts = criterion("m", "100", MILESTONES, NEEDED)
    trial = opened(indicator("100", parts, key="m"), digits="thai")
    report, by = of(trial, "m"), person("collector")
    a, b, _ = report.indicator.criteria.get().items.all()
    plan = add_file(unit=report.unit, upload=io.BytesIO(files.pdf()), name="plan-1.pdf", by=by)
    letter = add_evidence(
        unit=report.unit, kind="letter", title="letter 1", letter_number="99/1", issuer="PSDG",
        letter_date=datetime.date(2026, 1, 31), by=by,
    )
    use_evidence(report, plan, requirements=a.requirements.all(), by=by)
    use_evidence(report, letter, items=[b], by=by)
    save(report, by, m={"done": frozenset("ab")})
    submit(report, by=by)
    review_item(report, a, verdict="accepted", by=person("supervisor"))
    review_item(report, b, verdict="insufficient", comment="which letter?", by=person("supervisor"))
    return of(trial, "m")


class TestWhatWasShown:
    def test_says_verdict_file_hash_and_place(self):
        report = shown()
        a, b, c = rows_of(built(report.indicator.agreement, digits="thai"))
        beginning = hashlib.sha256(files.pdf()).hexdigest()[:16]
        assert (a.need, a.number, a.title, a.verdict) == ("๑.๑ need a", "๑", "plan-1.pdf", "Accepted")
        assert (a.file, a.beginning, a.where) == ("plan-1.pdf", f"{beginning}…", "in the portal")
        assert (b.need, b.number, b.title, b.verdict) == ("๒.๑ need b", "๒", "letter ๑", "Not enough")
        assert (b.file, b.beginning, b.where) == ("", "", "No. ๙๙/๑, ๓๑ Jan ๒๐๒๖, PSDG")
        assert (c.need, c.number, c.title) == ("๓.๑ need c", "", "not shown")

    def test_prints_hash_and_name_in_latin_whatever_the_digits(self):
        report = shown()
        text = assert_pdf_says_what_the_page_says(report.indicator.agreement, "evidence-index", digits="thai")
        assert "plan-1.pdf" in text and hashlib.sha256(files.pdf()).hexdigest()[:16] in text

    def test_of_a_certified_report_is_what_was_certified(self):
        report = certify(approve(shown(), by=person("supervisor")), by=person("office"))
        trial, before = report.indicator.agreement, rows_of(built(report.indicator.agreement))
        evidence = report.evidence_uses.order_by("order").first().evidence
        newer = add_version(evidence, upload=io.BytesIO(files.png()), name="newer.png", by=person("collector"))
        report.evidence_uses.update(verdict="pending")
        [table] = built(trial).tables
        assert rows_of(built(trial)) == before and before[0].verdict == "Accepted"
        assert table.state == "Certified" and "SHA-256" in table.seal
        take_down(evidence.versions.get(number=1), reason="personal data", by=person("office"))
        assert rows_of(built(trial))[0].where.startswith("taken down")
        reopen(report, reason="wrong", by=person("office"))
        assert rows_of(built(trial))[0].file == newer.name

    def test_reviewers_thoughts_stay_hidden_with_the_scores(self):
        report = shown()
        trial = report.indicator.agreement
        Agreement.objects.filter(pk=trial.pk).update(hide_scores=True)
        assert {row.verdict for row in rows_of(built(trial, "collector")) if row.number} == {"–"}
        assert "Accepted" in {row.verdict for row in rows_of(built(trial, "office"))}

    def test_drafts_of_others_are_not_listed(self):
        trial = agreement("moi-2559")
        assert built(trial, "collector", months=12).tables and not built(trial, "stranger", months=12).tables


def test_queries_do_not_grow_with_reports_and_evidence():
    def queries(rows: int) -> int:
        made = [
            indicator(str(100 / rows), criterion(f"m{n}", str(100 / rows), MILESTONES, ITEMS), key=f"m{n}")
            for n in range(rows)
        ]
        trial = opened(*made, code=f"index-{rows}")
        for n in range(rows):
            report = of(trial, f"m{n}")
            for name in ("first", "second")[: rows or 1]:
                one = add_evidence(unit=report.unit, kind="named", title=f"{name} {n}", by=person("collector"))
                use_evidence(report, one, items=report.indicator.criteria.get().items.all(), by=person("collector"))
        with CaptureQueriesContext(connection) as captured:
            paper = PAPERS["evidence-index"].build(Asked(agreement(f"index-{rows}"), person("office")))
        assert len(rows_of(paper)) == 3 * rows * min(rows, 2)
        return len(captured)

    assert queries(1) == queries(4) <= 13


def test_numbers_in_the_list_are_those_of_the_card():
    report = result("moi-2559")
    card = browser_of(person("auditor")).get(reverse("card", args=[report.pk])).content.decode()
    first = next(row for row in rows_of(built(agreement("moi-2559"), months=12)) if row.number == "14")
    assert re.search(re.escape(first.title), card)
