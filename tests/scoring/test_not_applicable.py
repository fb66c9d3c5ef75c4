"""Leaving a criterion out: asked by the unit with a reason, decided by the office, never by the one who asked."""

from decimal import Decimal

import pytest

from kpiportal.accounts.models import User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.models import CriterionResult, NotApplicableRequest, Result
from scoring.queries import load_sheet
from scoring.queries.requests import waiting_requests
from scoring.services import (
    NotAllowed,
    decide_not_applicable,
    request_not_applicable,
    return_,
    submit,
    take_back_not_applicable,
    withdraw_request,
)
from tests.cast import person
from tests.definitions import criterion, sheets, trial_result
from tests.scoring.test_entry import save


@pytest.fixture
def report(seeds, db) -> Result:
    return trial_result(criterion("x", "70"), criterion("y", "30"))


def ask(report: Result, by: User, name: str = "y", reason: str = "flooded") -> NotApplicableRequest:
    return request_not_applicable(report, report.indicator.criteria.get(name=name), reason=reason, by=by)


class TestAsking:
    def test_leaves_the_criterion_as_it_is_until_the_office_decides(self, report, collector):
        request = ask(report, collector)
        assert (request.state, request.reason, request.requested_by) == ("pending", "flooded", collector)
        assert sheets(report)["y"].row.status == "open"
        assert AuditEvent.objects.about(report).last().action == "not_applicable.requested"

    @pytest.mark.parametrize("reason", ["", "  \n", "\u200b"])
    def test_needs_a_reason(self, report, collector, reason):
        with pytest.raises(NotAllowed, match="Give the reason"):
            ask(report, collector, reason=reason)

    def test_a_reason_that_nobody_would_read_is_refused(self, report, collector):
        with pytest.raises(NotAllowed, match="2,001 characters: shorten it"):
            ask(report, collector, reason="ก" * 2_001)
        assert ask(report, collector, reason="ก" * 2_000).reason == "ก" * 2_000

    def test_once_at_a_time(self, report, collector):
        first = ask(report, collector)
        with pytest.raises(NotAllowed, match="waiting already"):
            ask(report, collector)
        withdraw_request(first, by=collector)
        assert ask(report, collector).pk != first.pk

    @pytest.mark.parametrize("who", ["supervisor", "office", "auditor", "admin", "collector2"])
    def test_is_the_collectors(self, report, who):
        with pytest.raises(NotAllowed):
            ask(report, person(who))

    def test_a_criterion_of_another_indicator_is_refused(self, report, collector):
        from tests.cast import result

        other = result("moi-2559").indicator.criteria.first()
        with pytest.raises(NotAllowed):
            request_not_applicable(report, other, reason="flooded", by=collector)


class TestDeciding:
    def test_granted_it_leaves_both_sums(self, report, collector, office):
        save(report, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        assert load_sheet(report).average.score == Decimal("2.9000")
        decide_not_applicable(ask(report, collector), granted=True, by=office)
        after = load_sheet(report)
        assert (after.average.score, after.average.sum_weights) == (2, 70)
        assert sheets(report)["y"].row.score is None
        event = AuditEvent.objects.about(report).last()
        assert (event.action, event.actor_id) == ("not_applicable.granted", office.pk)
        assert event.before == {"state": "pending", "status": "reported", "score": "5.0000"}
        assert (event.after["status"], event.after["score"]) == ("not_applicable", None)

    def test_it_stays_out_when_the_collector_types_on(self, report, collector, office):
        decide_not_applicable(ask(report, collector), granted=True, by=office)
        save(report, collector, y={"value": Decimal(5)})
        assert (sheets(report)["y"].row.status, sheets(report)["y"].row.score) == ("not_applicable", None)

    def test_refused_it_needs_an_answer_and_changes_nothing(self, report, collector, office):
        request = ask(report, collector)
        with pytest.raises(NotAllowed, match="reason for refusing"):
            decide_not_applicable(request, granted=False, by=office)
        decided = decide_not_applicable(request, granted=False, answer="the data exist", by=office)
        assert (decided.state, decided.answer) == ("refused", "the data exist")
        assert sheets(report)["y"].row.status == "open"

    @pytest.mark.parametrize("who", ["collector", "supervisor", "auditor", "admin", "collector2"])
    def test_is_the_offices(self, report, collector, who):
        with pytest.raises(NotAllowed, match="performance office"):
            decide_not_applicable(ask(report, collector), granted=True, by=person(who))

    def test_never_by_the_one_who_asked(self, report, collector):
        grant(user=collector, unit=report.unit, role=Role.OFFICE, by=None)
        with pytest.raises(NotAllowed, match="not the person who asked"):
            decide_not_applicable(ask(report, person("collector")), granted=True, by=person("collector"))

    def test_never_by_a_maker_of_the_report_to_whom_it_is_not_shown_as_waiting(self, report, collector, office):
        waiting = ask(report, collector)
        assert [one.result for one in waiting_requests(office)] == [report.pk]
        report.makers.add(office)
        with pytest.raises(NotAllowed, match="or who made the report"):
            decide_not_applicable(waiting, granted=True, by=office)
        assert waiting_requests(office) == []

    def test_is_taken_back_with_a_reason_while_the_collectors_have_it(self, report, collector, office):
        save(report, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        request = decide_not_applicable(ask(report, collector), granted=True, by=office)
        with pytest.raises(NotAllowed, match="reason for refusing"):
            take_back_not_applicable(request, reason=" ", by=office)
        for who in ("collector", "supervisor", "auditor"):
            with pytest.raises(NotAllowed, match="only the performance office"):
                take_back_not_applicable(request, reason="a slip", by=person(who))
        version = Result.objects.get(pk=report.pk).version
        taken = take_back_not_applicable(request, reason="a slip", by=office)
        assert (taken.state, taken.answer, taken.decided_by) == ("refused", "a slip", office)
        assert load_sheet(report).average.score == Decimal("2.9000")
        assert Result.objects.get(pk=report.pk).version == version + 1
        event = AuditEvent.objects.about(report).last()
        assert (event.action, event.reason) == ("not_applicable.refused", "a slip")
        assert event.before == {"state": "granted", "status": "not_applicable", "score": None}
        assert (event.after["status"], event.after["score"]) == ("reported", "5.0000")
        with pytest.raises(NotAllowed):
            take_back_not_applicable(request, reason="again", by=office)
        assert ask(report, collector).state == "pending"

    def test_what_was_open_is_open_again_and_nothing_is_taken_back_once_handed_in(self, report, collector, office):
        save(report, collector, x={"value": Decimal(2)})
        request = decide_not_applicable(ask(report, collector), granted=True, by=office)
        handed_in = submit(report, by=collector)
        with pytest.raises(NotAllowed, match="have it returned first"):
            take_back_not_applicable(request, reason="a slip", by=office)
        return_(handed_in, reason="it counts", by=person("supervisor"))
        take_back_not_applicable(request, reason="a slip", by=office)
        assert (sheets(report)["y"].row.status, sheets(report)["y"].row.score) == ("open", None)

    def test_once(self, report, collector, office):
        request = ask(report, collector)
        decide_not_applicable(request, granted=True, by=office)
        with pytest.raises(NotAllowed, match="dealt with this request already"):
            decide_not_applicable(request, granted=False, answer="no", by=office)
        with pytest.raises(NotAllowed):
            withdraw_request(request, by=collector)

    def test_what_was_granted_is_not_asked_for_again_by_an_older_page(self, report, collector, office):
        decide_not_applicable(ask(report, collector), granted=True, by=office)
        with pytest.raises(NotAllowed, match="dealt with this request already"):
            ask(report, collector)

    def test_while_the_result_is_with_the_supervisor_but_not_after(self, report, collector, office, supervisor):
        save(report, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        waiting = ask(report, collector, "x")
        with pytest.raises(Exception, match="waiting for the performance office"):
            submit(report, by=collector)
        decide_not_applicable(waiting, granted=True, by=office)
        submit(report, by=collector)
        return_(report, reason="mend", by=supervisor)
        assert CriterionResult.objects.get(mark__result=report, criterion__name="x").status == "not_applicable"
