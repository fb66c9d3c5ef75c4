"""The review page: items, marks, what changed and what was before, through Django's client."""

from decimal import Decimal

import pytest
from django.urls import reverse

from evidence.services import add_evidence
from indicators.models import Agreement
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import with_unit
from scoring.models import ItemReview, Marking, Result
from scoring.services import mark_criterion, return_, review_item, submit, use_evidence
from tests.cast import browser_of, person
from tests.definitions import indicator, opened
from tests.refused import assert_only_refused, last_entry
from tests.scoring.test_entry import save
from tests.scoring.test_marking import TYPED, item, named, submitted

__all__ = ["submitted"]


def visit(who: str, report: Result, language: str = "en"):
    browser = browser_of(person(who))
    browser.cookies["django_language"] = language
    return browser.get(reverse("review", args=[report.pk]))


def page_of(who: str, report: Result) -> str:
    return visit(who, report).content.decode()


def post(who: str, name: str, report: Result, *more: int, **data):
    browser = browser_of(person(who))
    browser.cookies["django_language"] = "en"
    report.refresh_from_db()
    return browser.post(reverse(name, args=[report.pk, *more]), {"version": report.version, **data})


def review_of(who: str, report: Result, name: str):
    return next(one for one in visit(who, report).context["reviews"] if one.said.criterion.name == name)


@pytest.mark.parametrize("version", ["", "abc", "-1", "๑", "9" * 40])
def test_who_saw_no_version_of_the_report_decides_nothing(submitted, version):
    data = {"do": "approve", "decision": "approve", "version": version}
    assert post("supervisor", "result_decide", submitted, **data).status_code == 409
    submitted.refresh_from_db()
    assert submitted.state == "submitted"


class TestWho:
    @pytest.mark.parametrize(
        ("who", "status"),
        [("supervisor", 200), ("office", 200), ("collector", 404), ("auditor", 404), ("stranger", 404)],
    )
    def test_gets_the_page(self, submitted, who, status):
        assert visit(who, submitted).status_code == status

    def test_the_office_reads_until_it_is_its_turn(self, submitted):
        page = page_of("office", submitted)
        assert "Nothing is yours to decide here now" in page and "/review/items/" not in page

    @pytest.mark.parametrize("who", ["collector", "colleague", "auditor", "office"])
    def test_nobody_else_reviews_or_marks(self, submitted, who):
        before = last_entry()
        one = item(submitted, "count", "a")
        assert post(who, "review_items", submitted, item=one.pk, verdict="accepted").status_code == 409
        data = {"criterion": named(submitted, "level").pk, "do": "mark", "score": "2", "reason": "x"}
        assert post(who, "review_mark", submitted, **data).status_code == 409
        assert_only_refused(before, times=2)
        assert not Marking.objects.exists()


@pytest.mark.parametrize(
    ("unit", "said"), [("ร้อยละ", "ร้อยละ 97.5"), ("ระดับ", "ระดับ 97.5"), ("ฉบับ", "97.5 ฉบับ"), ("", "97.5")]
)
def test_a_number_stands_with_its_unit_as_thai_is_written(unit, said):
    assert with_unit("97.5", unit) == said


class TestEmpty:
    def test_the_whole_report_says_that_nothing_was_asked(self, submitted):
        sentence = "No question and no objection about the whole report."
        assert sentence in page_of("office", submitted)
        assert sentence not in page_of("supervisor", submitted)  # who may ask one there


class TestItems:
    def test_accepted_and_not_enough_lead_back_to_their_place(self, submitted):
        a, b = item(submitted, "count", "a"), item(submitted, "count", "b")
        response = post("supervisor", "review_items", submitted, item=a.pk, verdict="accepted")
        assert (response.status_code, response.url) == (302, f"/results/{submitted.pk}/review/#i{a.pk}")
        post("supervisor", "review_items", submitted, item=b.pk, verdict="insufficient", comment="no <signature>")
        assert dict(ItemReview.objects.values_list("item", "verdict")) == {a.pk: "accepted", b.pk: "insufficient"}
        page = page_of("supervisor", submitted)
        assert "no &lt;signature&gt;" in page
        assert visit("supervisor", submitted).context["return_reason"] == "- count · 2: no <signature>"

    def test_an_item_of_another_indicator_is_not_found(self, submitted, moi_result):
        foreign = moi_result.indicator.criteria.exclude(items=None).first().items.first()
        own = item(submitted, "count", "a")
        for keys, status in (([foreign.pk], 404), ([own.pk, foreign.pk], 404), (["x"], 400), ([], 400)):
            assert post("supervisor", "review_items", submitted, item=keys, verdict="accepted").status_code == status
        assert not ItemReview.objects.exists()

    def test_what_was_typed_over_an_older_page_is_shown_again(self, submitted):
        one = item(submitted, "count", "a")
        data = {"item": one.pk, "verdict": "insufficient", "comment": "typed long", "version": 0}
        response = post("supervisor", "review_items", submitted, **data)
        assert response.status_code == 409 and "typed long" in response.content.decode()

    def test_a_doubled_form_reviews_once(self, submitted):
        data = {"item": item(submitted, "count", "a").pk, "verdict": "accepted", "once": "t" * 22}
        assert [post("supervisor", "review_items", submitted, **data).status_code for _ in range(2)] == [302, 302]
        assert AuditEvent.objects.filter(action="result.item_reviewed").count() == 1


class TestMarks:
    @pytest.mark.parametrize(
        ("name", "data", "expected"),
        [
            ("thresholds", {"value": "75"}, "2.0000"),
            ("formula", {"value": "75"}, "2.0000"),
            ("number", {"count": "7"}, "2.0000"),
            ("milestones", {"listed": "1", "done": ["a"]}, "1.0000"),
            ("complete_count", {"listed": "1", "done": ["a", "b"], "complete": ["a"]}, "3.0000"),
            ("thresholds", {"not_reported": "on"}, "1.0000"),
            ("thresholds", {"value": "80", "score": "2.25"}, "2.2500"),
        ],
    )
    def test_by_values_or_by_the_score(self, submitted, name, data, expected):
        more = {"criterion": named(submitted, name).pk, "do": "mark", "reason": "seen"}
        assert post("supervisor", "review_mark", submitted, **data, **more).status_code == 302
        rows = review_of("supervisor", submitted, name).marks
        assert [mark.counts for mark in rows] == [False, True, False]
        assert (rows[1].score, rows[1].said.reason, rows[1].said.who) == (expected, "seen", str(person("supervisor")))

    @pytest.mark.parametrize("field", ["value", "score"])
    def test_a_number_that_can_not_be_read_is_told_at_its_field(self, submitted, field):
        pk = named(submitted, "thresholds").pk
        data = {"criterion": pk, "do": "mark", "reason": "why so", field: "7x5"}
        response = post("supervisor", "review_mark", submitted, **data)
        page = response.content.decode()
        assert response.status_code == 422 and f'id="m{pk}-{field}-error"' in page
        assert 'value="7x5"' in page and "why so" in page and not Marking.objects.exists()

    def test_what_the_scale_does_not_have_is_told_too(self, submitted):
        data = {"criterion": named(submitted, "level").pk, "do": "mark", "reason": "r", "score": "6"}
        assert post("supervisor", "review_mark", submitted, **data).status_code == 422

    def test_taken_back(self, submitted):
        data = {"criterion": named(submitted, "level").pk, "reason": "r", "score": "2"}
        post("supervisor", "review_mark", submitted, do="mark", **data)
        assert post("supervisor", "review_mark", submitted, do="clear", **data).status_code == 302
        assert not Marking.objects.exists()

    def test_a_criterion_of_another_indicator_is_not_found(self, submitted, moi_result):
        for key, status in ((moi_result.indicator.criteria.first().pk, 404), ("x", 400), ("", 400)):
            data = {"criterion": key, "do": "mark", "score": "2", "reason": "r"}
            assert post("supervisor", "review_mark", submitted, **data).status_code == status

    def test_hidden_ones_are_shown_to_no_collector(self, submitted, supervisor, collector):
        Agreement.objects.filter(pk=submitted.indicator.agreement_id).update(hide_scores=True)
        mark_criterion(submitted, named(submitted, "level"), score=Decimal(2), reason="CANARY", by=supervisor)
        assert "CANARY" not in browser_of(collector).get(reverse("result", args=[submitted.pk])).content.decode()


class TestSinceTheLastSubmission:
    @pytest.fixture
    def again(self, submitted, supervisor, collector) -> Result:
        """Returned, mended in one criterion and with one document more, and handed in again."""
        review_item(submitted, item(submitted, "count", "c"), verdict="insufficient", comment="x", by=supervisor)
        report = return_(submitted, reason="mend", by=supervisor)
        save(report, collector, thresholds={"value": 85, "text": "counted anew"})
        save(report, collector, thresholds={"value": 90})
        shown = add_evidence(unit=report.unit, kind="link", title="order", url="https://example.go.th", by=collector)
        use_evidence(report, shown, items=[item(report, "count", "c")], by=collector)
        return submit(report, by=collector)

    def test_a_first_submission_has_nothing_new(self, submitted):
        context = visit("supervisor", submitted).context
        assert context["since"].at is None and not context["since"].changes

    def test_says_what_was_and_what_is_field_by_field(self, again):
        changes = {one.label: (one.then, one.now) for one in review_of("supervisor", again, "thresholds").changes}
        assert ("80", "90") in changes.values() and "counted anew" in str(changes)
        assert review_of("supervisor", again, "milestones").changes == []

    def test_reviewers_marks_are_no_changes(self, again, supervisor, collector):
        again = submit(return_(again, reason="once more", by=supervisor), by=collector)
        before = visit("supervisor", again).context["since"].changes
        review_item(again, item(again, "count", "c"), verdict="accepted", by=supervisor)  # not enough before
        assert visit("supervisor", again).context["since"].changes == before

    def test_marks_new_documents(self, again):
        fresh = {one.row.item.code: len(one.fresh) for one in review_of("supervisor", again, "count").items}
        assert fresh == {"a": 0, "b": 0, "c": 1}
        assert "is new since the last submission" in page_of("supervisor", again)

    def test_a_mark_of_the_earlier_submission_is_to_be_confirmed(self, again):
        review = review_of("supervisor", again, "count")
        assert review.is_stale and review.own_mark.is_older
        data = {"criterion": named(again, "count").pk, "do": "keep"}
        assert post("supervisor", "review_mark", again, **data).status_code == 302
        assert not review_of("supervisor", again, "count").is_stale


class TestBefore:
    def test_the_year_before_is_found_by_number_or_name(self, submitted, supervisor, collector):
        agreement = submitted.indicator.agreement
        said = submitted.indicator.number, agreement.fiscal_year.year - 1
        older = opened(indicator("100", key=said[0], number=said[0], name="level"), code="older", year=said[1])
        report = Result.objects.get(indicator__agreement=older)
        criterion = report.indicator.criteria.get()
        save(report, collector, **{criterion.name: {"value": 4}})
        assert visit("supervisor", submitted).context["earlier"] == (None, None)  # not handed in
        submit(report, by=collector)
        found = visit("supervisor", submitted).context["earlier"][1]
        assert (found.result.pk, str(found.score)) == (report.pk, "4.0000")
        assert "found by number or name" in page_of("supervisor", submitted)
