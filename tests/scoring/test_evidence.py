"""Evidence on a report: the list, the items and points that it shows, and the score that follows."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError

from evidence.models import Evidence, FileVersion
from evidence.services import add_evidence, add_file, add_version, receive, record_scan
from evidence.scan import Outcome
from indicators.models import ChecklistItem
from kpiportal.audit.models import AuditEvent
from scoring.models import EvidenceUse, ItemResult, Result
from scoring.queries.evidence import documents, evidence_on_paper
from scoring.services import (
    NotAllowed,
    NotReady,
    attach_file,
    attach_named,
    attach_version,
    drop_evidence,
    evidence_changed,
    return_,
    submit,
    take_file_down,
    take_out,
    use_evidence,
)
from scoring.services.evidence import follow_evidence
from tests.cast import browser_of, person, result
from tests.definitions import COMPLETE_COUNT, criterion, sheets, trial_result
from tests.evidence import files
from tests.scoring.test_entry import save

POINTS = [{"number": "1.1", "name": "plan"}, {"number": "1.2", "name": "minutes"}]
ITEMS = [
    {"key": "a", "name": "item a", "requirements": POINTS},
    {"key": "b", "name": "item b", "requirements": [{"name": "photo"}]},
    {"key": "c", "name": "item c"},
]


@pytest.fixture(autouse=True)
def evidence_folder(settings, tmp_path) -> None:
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"


@pytest.fixture
def report(seeds, db, collector) -> Result:
    """A report of which all three items are done, none with evidence: SM 2."""
    report = trial_result(criterion("x", "100", COMPLETE_COUNT, ITEMS))
    save(report, collector, x={"done": frozenset("abc")})
    return report


@pytest.fixture
def link(report, collector) -> Evidence:
    return add_evidence(unit=report.unit, kind="link", title="page", url="https://example.go.th", by=collector)


def item(report: Result, code: str) -> ChecklistItem:
    return report.indicator.criteria.get().items.get(code=code)


def points(report: Result, *numbers: str) -> list:
    return [need for need in item(report, "a").requirements.all() if need.number in numbers]


def standing(report: Result) -> tuple[str, Decimal]:
    """The items with complete evidence, and SM."""
    sheet = sheets(report)["x"]
    assert sheet.outcome.value == sheet.row.score
    return "".join(code for code, said in sorted(sheet.items.items()) if said.complete), sheet.row.score


class TestCompleteness:
    def test_every_required_point_of_an_item_needs_a_document(self, report, link, collector):
        assert standing(report) == ("", 2)
        use_evidence(report, link, requirements=points(report, "1.1"), by=collector)
        assert standing(report) == ("", 2)
        use_evidence(report, link, requirements=points(report, "1.2"), by=collector)
        assert standing(report) == ("a", 3)

    def test_one_document_may_prove_several_items(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b"), item(report, "c")], by=collector)
        assert standing(report) == ("bc", 4)
        assert [document.number for document in documents(report)] == [1]

    def test_a_document_that_is_only_named_shows_nothing_until_its_file_is_attached(self, report, collector):
        named = add_evidence(unit=report.unit, kind="named", title="plan", by=collector)
        use_evidence(report, named, items=[item(report, "b")], by=collector)
        assert standing(report) == ("", 2)
        add_version(named, upload=BytesIO(files.pdf()), name="plan.pdf", by=collector)
        evidence_changed(report, named, by=collector)
        assert standing(report) == ("b", 3)

    def test_evidence_may_come_before_the_work_is_ticked(self, report, link, collector):
        save(report, collector, x={"done": frozenset("ac")})
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        assert standing(report) == ("", 2)
        save(report, collector, x={"done": frozenset("abc")})
        assert standing(report) == ("b", 3)

    def test_a_declaration_counts_beside_documents_and_goes_with_its_tick(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        save(report, collector, x={"done": frozenset("abc"), "complete": frozenset("bc")})
        assert standing(report) == ("bc", 4)
        save(report, collector, x={"done": frozenset("abc"), "complete": frozenset()})
        assert standing(report) == ("b", 3)

    def test_a_declaration_needs_its_reason_before_it_is_handed_in(self, report, link, collector):
        declared = {"done": frozenset("abc"), "complete": frozenset("bc")}
        save(report, collector, x=declared)
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        with pytest.raises(NotReady, match="item c: complete without a file") as refused:
            submit(report, by=collector)
        assert len(refused.value.problems) == 1
        save(report, collector, x=declared | {"item_reasons": {"c": "seen on site"}})
        assert submit(report, by=collector).state == "submitted"

    def test_an_insufficient_document_shows_nothing(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        EvidenceUse.objects.update(verdict="insufficient")
        follow_evidence(report, {item(report, "b")}, by=collector)
        assert standing(report) == ("", 2)

    def test_a_new_file_of_it_waits_for_its_review_again(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        EvidenceUse.objects.update(verdict="insufficient")
        evidence_changed(report, link, by=collector)
        assert (standing(report), EvidenceUse.objects.get(evidence=link).verdict) == (("b", 3), "pending")

    def test_a_virus_found_later_counts_when_the_report_is_handed_in(self, report, collector):
        bad = add_file(unit=report.unit, upload=BytesIO(files.pdf()), name="plan.pdf", by=collector)
        use_evidence(report, bad, items=[item(report, "b")], by=collector)
        assert standing(report) == ("b", 3)
        record_scan(bad.versions.get(), Outcome("infected", "Eicar"))
        submit(report, by=collector)
        assert standing(report) == ("", 2)


class TestTrail:
    """Evidence decides the score, so the entries say how it changed."""

    def scored(self, report: Result, action: str) -> tuple:
        entry = AuditEvent.objects.about(report).filter(action=action).latest("pk")
        key = f"criterion {report.indicator.criteria.get().pk}"
        return entry.actor_id, entry.reason, (entry.before or {}).get(key), (entry.after or {}).get(key)

    def test_putting_on_and_taking_off(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        two, three = {"score": "2.0000"}, {"score": "3.0000"}
        assert self.scored(report, "evidence.used") == (collector.pk, "", two, three)
        drop_evidence(report, link, item=item(report, "b"), by=collector)
        assert self.scored(report, "evidence.dropped") == (collector.pk, "", three, two)
        use_evidence(report, link, by=collector)
        drop_evidence(report, link, by=collector)
        assert self.scored(report, "evidence.dropped") == (collector.pk, "", None, None)

    def test_what_changed_without_the_collector(self, report, collector, office):
        file = add_file(unit=report.unit, upload=BytesIO(files.pdf()), name="plan.pdf", by=collector)
        use_evidence(report, file, items=[item(report, "b")], by=collector)
        take_file_down(report, file.versions.get(), reason="personal data", by=office)
        fell = {"score": "3.0000"}, {"score": "2.0000"}
        assert self.scored(report, "result.scored") == (office.pk, "personal data", *fell)

    def test_what_is_found_at_handing_in(self, report, collector):
        bad = add_file(unit=report.unit, upload=BytesIO(files.pdf()), name="plan.pdf", by=collector)
        use_evidence(report, bad, items=[item(report, "b")], by=collector)
        record_scan(bad.versions.get(), Outcome("infected", "Eicar"))
        submit(report, by=collector)
        assert self.scored(report, "result.scored") == (collector.pk, "", {"score": "3.0000"}, {"score": "2.0000"})


@pytest.fixture
def second(report, collector) -> Result:
    """Another report of the unit that its collectors still write."""
    second = trial_result(criterion("x", "100", COMPLETE_COUNT, ITEMS), code="second", year=2568)
    save(second, collector, x={"done": frozenset("abc")})
    return second


@pytest.fixture
def shared(report, second, collector) -> Evidence:
    """A document, only named yet, for item b of both reports."""
    shared = add_evidence(unit=report.unit, kind="named", title="plan", by=collector)
    for one in (report, second):
        use_evidence(one, shared, items=[item(one, "b")], by=collector)
    return shared


def newer(report: Result, evidence: Evidence, by, name: str = "plan.pdf") -> FileVersion:
    return attach_version(report, evidence, receive(BytesIO(files.pdf()), name=name), by=by)


class TestOneDocumentInTwoReports:
    def test_a_newer_file_counts_in_every_open_report(self, report, second, shared, collector):
        assert standing(report) == standing(second) == ("", 2)
        newer(second, shared, collector)
        assert standing(report) == standing(second) == ("b", 3)

    def test_what_was_handed_in_keeps_the_files_of_then(self, report, second, shared, collector):
        submit(report, by=collector)
        newer(second, shared, collector)
        report.refresh_from_db()
        assert standing(report) == ("", 2) and standing(second) == ("b", 3)
        assert not documents(report)[0].versions and not documents(report)[0].is_had
        assert evidence_on_paper(report) == [(shared, "")] and evidence_on_paper(second) == [(shared, "plan.pdf")]

    def test_nobody_gets_the_newer_file_by_the_report_that_was_handed_in(self, report, second, shared, collector):
        old = newer(report, shared, collector)
        submit(report, by=collector)
        new = newer(second, shared, collector, name="new.pdf")
        auditor = browser_of(person("auditor"))
        got = {
            (one, file): auditor.get(f"/results/{one.pk}/evidence/files/{file.pk}/").status_code
            for one in (report, second) for file in (old, new)
        }
        assert list(got.values()) == [200, 404, 200, 200]
        assert "new.pdf" not in auditor.get(f"/results/{report.pk}/").content.decode()

    def test_sent_back_it_has_the_newer_file_too(self, report, second, shared, collector, supervisor):
        submit(report, by=collector)
        newer(second, shared, collector)
        return_(report, reason="mend", by=supervisor)
        report.refresh_from_db()
        assert len(documents(report)[0].versions) == 1
        submit(report, by=collector)
        assert standing(report) == ("b", 3)


class TestTheList:
    def test_the_same_again_changes_nothing(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        before = EvidenceUse.objects.count(), AuditEvent.objects.count()
        assert use_evidence(report, link, items=[item(report, "b")], by=collector) == []
        assert use_evidence(report, link, by=collector) == []
        assert (EvidenceUse.objects.count(), AuditEvent.objects.count()) == before

    def test_taken_off_its_last_item_it_stays_in_the_list(self, report, link, collector):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        drop_evidence(report, link, item=item(report, "b"), by=collector)
        assert standing(report) == ("", 2)
        [document] = documents(report)
        assert (document.number, [use.item for use in document.uses]) == (1, [None])
        drop_evidence(report, link, by=collector)
        assert documents(report) == [] and not EvidenceUse.objects.filter(result=report).exists()

    def test_what_was_handed_in_once_keeps_its_trace(self, report, link, collector, supervisor):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        submit(report, by=collector)
        return_(report, reason="mend", by=supervisor)
        drop_evidence(report, link, by=collector)
        assert documents(report) == [] and standing(report) == ("", 2)
        assert EvidenceUse.objects.get(result=report).dropped_at
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        assert standing(report) == ("b", 3)

    def test_what_came_after_the_report_was_sent_back_and_goes_again_leaves_nothing(
        self, report, link, collector, supervisor
    ):
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        submit(report, by=collector)
        return_(report, reason="mend", by=supervisor)
        wrong = add_file(unit=report.unit, upload=BytesIO(files.pdf()), name="id-cards.pdf", by=collector)
        use_evidence(report, wrong, items=[item(report, "b")], by=collector)
        take_out(report, wrong, by=collector)
        take_out(report, link, by=collector)
        assert [use.evidence for use in report.evidence_uses.all()] == [link]
        assert not Evidence.objects.filter(pk=wrong.pk).exists()

    def test_what_was_deleted_meanwhile_is_refused(self, report, link, collector):
        Evidence.objects.filter(pk=link.pk).delete()
        with pytest.raises(NotAllowed, match="reload"):
            use_evidence(report, link, by=collector)

    def test_the_version_rises_so_that_no_save_overtakes_it(self, report, link, collector):
        before = Result.objects.get(pk=report.pk).version
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        assert Result.objects.get(pk=report.pk).version == before + 1

    def test_a_limit_of_entries_and_of_bytes(self, report, link, collector, settings):
        settings.EVIDENCE_RESULT_COUNT = 1
        use_evidence(report, link, by=collector)
        use_evidence(report, link, items=[item(report, "b")], by=collector)
        other = add_evidence(unit=report.unit, kind="link", title="two", url="https://example.go.th/2", by=collector)
        with pytest.raises(NotAllowed, match="lists 1 pieces"):
            use_evidence(report, other, by=collector)
        settings.EVIDENCE_RESULT_COUNT, settings.EVIDENCE_RESULT_MB = 9, 0
        heavy = add_file(unit=report.unit, upload=BytesIO(files.pdf()), name="plan.pdf", by=collector)
        with pytest.raises(NotAllowed, match="more than 0 MB"):
            use_evidence(report, heavy, by=collector)


class TestWhoMay:
    @pytest.mark.parametrize("who", ["supervisor", "office", "auditor", "collector2", "admin"])
    def test_only_its_collectors_change_it(self, report, link, who):
        use_evidence(report, link, by=person("collector"))
        for change in (use_evidence, drop_evidence, evidence_changed):
            with pytest.raises(NotAllowed):
                change(report, link, by=person(who))

    def test_not_with_another_units_document_or_another_indicators_item(self, report, link, collector):
        foreign = Evidence.objects.exclude(unit=report.unit).first() or add_evidence(
            unit=result("ega-2557", number="1.1").unit, kind="named", title="x", by=collector
        )
        with pytest.raises(NotAllowed, match="another unit"):
            use_evidence(report, foreign, by=collector)
        other = ChecklistItem.objects.exclude(criterion__indicator=report.indicator).first()
        with pytest.raises(NotAllowed, match="one of the indicator"):
            use_evidence(report, link, items=[other], by=collector)

    def test_the_office_takes_a_file_down_with_a_reason_and_the_score_follows(self, report, collector, office):
        file = add_file(unit=report.unit, upload=BytesIO(files.pdf()), name="id-cards.pdf", by=collector)
        use_evidence(report, file, items=[item(report, "b")], by=collector)
        version = file.versions.get()
        with pytest.raises(NotAllowed, match="Only the performance office"):
            take_file_down(report, version, reason="personal data", by=collector)
        with pytest.raises(ValidationError):
            take_file_down(report, version, reason=" ", by=office)
        assert standing(report) == ("b", 3)
        take_file_down(report, version, reason="personal data", by=office)
        assert standing(report) == ("", 2)
        version.refresh_from_db()
        assert (version.taken_down_by, len(version.sha256)) == (office, 64)
        take_out(report, file, by=collector)
        version.refresh_from_db()
        assert (documents(report), version.taken_down_reason) == ([], "personal data")
        assert ItemResult.objects.filter(item__code="b", shown=True, criterion_result__mark__result=report).count() == 0


class TestSentTwice:
    """A double click, a retry or the back button: the list has each document once."""

    def test_a_file(self, report, collector, settings):
        for _ in range(3):
            received = receive(BytesIO(files.pdf()), name="plan.pdf")
            attach_file(report, received, items=[item(report, "a")], by=collector)
        assert report.evidence_uses.count() == Evidence.objects.filter(title="plan.pdf").count() == 1
        attach_file(report, receive(BytesIO(files.pdf()), name="other.pdf"), by=collector)
        assert report.evidence_uses.count() == 2

    def test_a_newer_file(self, report, link, collector):
        use_evidence(report, link, by=collector)
        for _ in range(3):
            attach_version(report, link, receive(BytesIO(files.pdf()), name="plan.pdf"), by=collector)
        assert link.versions.count() == 1

    def test_a_named_document(self, report, collector):
        for place in ("shelf 1", "shelf 1 ", "shelf 2"):
            attach_named(report, kind="named", title="plan", place=place, by=collector)
        assert report.evidence_uses.count() == 2
