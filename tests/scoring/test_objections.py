"""Objections to marks that differ from the unit's own: who, until when, and what the office answers."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import Agreement, Round
from kpiportal.accounts.models import Unit
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.models import Objection, Result
from scoring.services import NotAllowed, answer_objection, approve, certify, mark_criterion, object_to
from scoring.services.objections import last_day
from tests.cast import assign, browser_of, person
from tests.scoring.test_questions import of, story, submitted

__all__ = ["submitted"]


@pytest.fixture
def lowered(submitted, supervisor) -> Result:
    """x was marked 2 instead of 4, then approved."""
    mark_criterion(submitted, of(submitted, "x"), score=Decimal(2), reason="no survey", by=supervisor)
    return approve(submitted, by=supervisor)


def at(report: Result, moment: str) -> Result:
    """The report as if it had been approved at this moment of Bangkok."""
    Result.objects.filter(pk=report.pk).update(decided_at=datetime.datetime.fromisoformat(f"{moment}+07:00"))
    return Result.objects.get(pk=report.pk)


class TestMaking:
    def test_leaves_the_report_where_it_is(self, lowered, collector):
        made = object_to(lowered, criterion=of(lowered, "x"), text=" see annex 3 ", by=collector)
        after = Result.objects.get(pk=lowered.pk)
        assert (after.state, after.version) == ("approved", lowered.version)
        assert (made.text, made.state, made.made_by) == ("see annex 3", "open", collector)
        entry = AuditEvent.objects.get(action="objection.made")
        assert (entry.after["criterion"], entry.after["text"]) == ("x", "see annex 3")

    def test_to_the_whole(self, lowered, collector):
        assert object_to(lowered, text="all of it", by=collector).criterion is None

    def test_one_waits_at_a_time_for_each_criterion_and_the_whole(self, lowered, collector):
        for target in (None, of(lowered, "x")):
            object_to(lowered, criterion=target, text="no", by=collector)
            with pytest.raises(NotAllowed, match="already"):
                object_to(lowered, criterion=target, text="no", by=collector)
        assert story(lowered) == ["objection.made"] * 2

    def test_not_to_a_mark_that_is_the_same(self, lowered, collector):
        with pytest.raises(NotAllowed, match="nothing to object to"):
            object_to(lowered, criterion=of(lowered, "y"), text="no", by=collector)

    def test_not_where_no_mark_differs(self, submitted, supervisor, collector):
        approve(submitted, by=supervisor)
        with pytest.raises(NotAllowed, match="nothing to object to"):
            object_to(submitted, text="no", by=collector)

    def test_not_before_the_approval(self, submitted, supervisor, collector):
        mark_criterion(submitted, of(submitted, "x"), score=Decimal(2), reason="no survey", by=supervisor)
        with pytest.raises(NotAllowed):
            object_to(submitted, text="no", by=collector)

    def test_not_to_scores_that_are_hidden(self, lowered, collector):
        """A refusal that depends on what differs would tell the scores."""
        Agreement.objects.filter(pk=lowered.indicator.agreement_id).update(hide_scores=True)
        said = set()
        for name in ("x", "y"):
            with pytest.raises(NotAllowed) as refusal:
                object_to(lowered, criterion=of(lowered, name), text="no", by=collector)
            said.add(refusal.value.message.en)
        assert len(said) == 1

    @pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor", "collector2"])
    def test_by_nobody_else(self, lowered, who):
        with pytest.raises(NotAllowed):
            object_to(lowered, text="no", by=person(who))
        assert not Objection.objects.exists()

    def test_needs_a_text_and_the_indicators_own_criterion(self, lowered, collector, moi_result):
        for more in ({"text": " "}, {"text": "no", "criterion": moi_result.indicator.criteria.first()}):
            with pytest.raises(NotAllowed):
                object_to(lowered, by=collector, **more)


class TestOnThePage:
    """The form stands on the report's own page, before and after the certification; the answer beside it."""

    def test_from_the_form_to_the_answer(self, lowered, collector, office):
        certify(lowered, by=office)
        address, review = reverse("result", args=[lowered.pk]), reverse("review", args=[lowered.pk])
        page = browser_of(collector).get(address).content.decode()
        assert reverse("objection_make", args=[lowered.pk]) in page and "no survey" in page
        data = {"criterion": of(lowered, "x").pk, "text": "see <annex> 3"}
        response = browser_of(collector).post(reverse("objection_make", args=[lowered.pk]), data)
        made = Objection.objects.get()
        assert (response.status_code, response.url) == (302, f"{address}#o{made.pk}")
        answer = reverse("objection_answer", args=[lowered.pk, made.pk])
        assert answer in browser_of(office).get(review).content.decode()
        data = {"decision": "uphold", "answer": "annex seen", "back": "review"}
        assert browser_of(office).post(answer, data).url == f"{review}#o{made.pk}"
        page = browser_of(collector).get(address).content.decode()
        assert "annex seen" in page and "see &lt;annex&gt; 3" in page and answer not in page

    def test_nobody_else_sees_the_form(self, lowered):
        for who in ("colleague", "supervisor", "office", "auditor"):
            page = browser_of(person(who)).get(reverse("result", args=[lowered.pk])).content.decode()
            assert reverse("objection_make", args=[lowered.pk]) not in page

    def test_nobody_else_sees_the_form_of_the_answer(self, lowered, collector):
        made = object_to(lowered, text="no", by=collector)
        for who in ("colleague", "collector", "supervisor", "office", "auditor"):
            page = browser_of(person(who)).get(reverse("result", args=[lowered.pk])).content.decode()
            assert (reverse("objection_answer", args=[lowered.pk, made.pk]) in page) == (who == "office")

    def test_an_objection_to_another_report_is_not_found(self, lowered, collector, office, moi_result):
        made = object_to(lowered, text="no", by=collector)
        address = reverse("objection_answer", args=[moi_result.pk, made.pk])
        assert browser_of(office).post(address, {"decision": "uphold", "answer": "x"}).status_code == 404
        assert Objection.objects.get().state == "open"


class TestLastDay:
    @pytest.mark.parametrize(
        ("approved", "last"),
        [("2026-10-01T00:00:00", "2026-10-16"), ("2026-10-01T23:59:59", "2026-10-16")],
    )
    def test_counts_whole_days_in_bangkok(self, lowered, approved, last):
        assert last_day(at(lowered, approved)).isoformat() == last

    def test_is_the_setting(self, lowered, settings):
        settings.OBJECTION_DAYS = 3
        assert last_day(at(lowered, "2026-10-01T12:00:00")).isoformat() == "2026-10-04"

    def test_of_a_certified_one_counts_from_the_certification(self, lowered, office):
        then = timezone.now() - datetime.timedelta(days=10)
        at(lowered, "2026-01-01T12:00:00")
        Result.objects.filter(pk=lowered.pk).update(state="certified", certified_at=then, certified_by=office)
        report = Result.objects.get(pk=lowered.pk)
        assert last_day(report) == timezone.localdate(then) + datetime.timedelta(days=15)

    def test_there_is_none_before_a_decision_nor_after_a_return(self, submitted):
        assert last_day(submitted) is None

    @pytest.mark.parametrize(("days", "stands"), [(15, True), (16, False)])
    def test_counts_as_a_whole(self, lowered, collector, days, stands):
        then = timezone.localtime() - datetime.timedelta(days=days)
        Result.objects.filter(pk=lowered.pk).update(decided_at=then)
        if stands:
            object_to(lowered, text="no", by=collector)
        else:
            with pytest.raises(NotAllowed, match="over"):
                object_to(lowered, text="no", by=collector)

    def test_after_the_closing_of_the_round_a_certified_one_only(self, lowered, collector, office):
        Round.objects.filter(pk=lowered.round_id).update(state="closed")
        with pytest.raises(NotAllowed):
            object_to(lowered, text="no", by=collector)
        certified = {"state": "certified", "certified_at": timezone.now(), "certified_by": office}
        Result.objects.filter(pk=lowered.pk).update(**certified)
        assert object_to(lowered, text="no", by=collector).state == "open"


class TestAnswering:
    @pytest.fixture
    def objection(self, lowered, collector) -> Objection:
        return object_to(lowered, text="see annex 3", by=collector)

    @pytest.mark.parametrize(("upheld", "state"), [(True, "upheld"), (False, "refused")])
    def test_once_with_reasons(self, objection, office, upheld, state):
        answered = answer_objection(objection, upheld=upheld, answer=" seen ", by=office)
        assert (answered.state, answered.answer, answered.answered_by) == (state, "seen", office)
        with pytest.raises(NotAllowed, match="already"):
            answer_objection(objection, upheld=not upheld, answer="seen", by=office)
        assert story(objection.result) == ["objection.made", f"objection.{state}"]
        assert AuditEvent.objects.get(action=f"objection.{state}").reason == "seen"

    @pytest.mark.parametrize("who", ["collector", "colleague", "supervisor", "auditor", "admin"])
    def test_by_nobody_but_the_office(self, objection, who):
        with pytest.raises(NotAllowed):
            answer_objection(objection, upheld=True, answer="seen", by=person(who))
        assert Objection.objects.get().state == "open"

    def test_not_by_the_maker_nor_by_whoever_objected(self, lowered, objection, office):
        grant(user=office, unit=Unit.objects.get(code="moi"), role="collector", by=None)
        mine = object_to(lowered, criterion=of(lowered, "x"), text="no", by=assign("office", lowered))
        lowered.makers.add(person("office"))
        for one in (objection, mine):
            with pytest.raises(NotAllowed):
                answer_objection(one, upheld=True, answer="seen", by=person("office"))
        lowered.makers.clear()
        with pytest.raises(NotAllowed):
            answer_objection(mine, upheld=True, answer="seen", by=person("office"))
        assert answer_objection(objection, upheld=False, answer="seen", by=person("office")).state == "refused"

    def test_needs_reasons(self, objection, office):
        with pytest.raises(NotAllowed, match="reasons"):
            answer_objection(objection, upheld=True, answer="\n", by=office)
