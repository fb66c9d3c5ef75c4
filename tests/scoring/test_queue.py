"""What waits for a reviewer, oldest first, and questions on the first pages of people."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from indicators.models import Agreement, Assignment, Round
from scoring.models import Result
from scoring.queries.queue import queue_of, questions_for
from scoring.services import (
    answer_question,
    approve,
    ask_question,
    mark_criterion,
    object_to,
    request_not_applicable,
    return_,
    submit,
)
from tests.cast import assign, browser_of, person
from tests.scoring.test_questions import of, submitted

__all__ = ["submitted"]


def kinds(who: str, report: Result) -> list[str]:
    return [row.kind for row in queue_of(person(who)) if row.result == report.pk]


def row_of(who: str, report: Result, kind: str):
    return next(row for row in queue_of(person(who)) if (row.result, row.kind) == (report.pk, kind))


class TestQueue:
    def test_a_submission_waits_for_its_supervisor_then_for_the_office(self, submitted, supervisor):
        assert (kinds("supervisor", submitted), kinds("office", submitted)) == (["decide"], [])
        assert str(row_of("supervisor", submitted, "decide").score) == "3.7000"
        mark_criterion(submitted, of(submitted, "x"), score=Decimal(2), reason="r", by=supervisor)
        assert str(row_of("supervisor", submitted, "decide").score) == "2.3000"
        approve(submitted, by=supervisor)
        assert (kinds("supervisor", submitted), kinds("office", submitted)) == ([], ["certify"])

    @pytest.mark.parametrize("who", ["collector", "colleague", "auditor", "admin", "stranger", "collector2"])
    def test_nothing_waits_for_others(self, submitted, who):
        assert queue_of(person(who)) == []

    def test_only_the_assigned_supervisor(self, submitted):
        Assignment.objects.filter(indicator=submitted.indicator, role="supervisor").delete()
        assert kinds("supervisor", submitted) == []

    def test_not_who_is_assigned_still_but_only_audits_by_now(self, submitted, supervisor):
        supervisor.memberships.update(role="auditor")
        assert Result.objects.visible_to(person("supervisor")).filter(pk=submitted.pk).exists()
        assert kinds("supervisor", submitted) == []

    def test_not_the_maker(self, submitted, supervisor):
        submitted.makers.add(supervisor)
        assert kinds("supervisor", submitted) == []

    def test_not_once_the_round_is_closed_unless_opened_again(self, submitted):
        Round.objects.filter(pk=submitted.round_id).update(state="closed")
        assert kinds("supervisor", submitted) == []
        Result.objects.filter(pk=submitted.pk).update(reopened=True)
        assert kinds("supervisor", submitted) == ["decide"]

    def test_the_oldest_first_with_whole_days_and_lateness(self, submitted):
        now = timezone.localtime()
        then = (now - datetime.timedelta(days=400)).replace(hour=23, minute=59)
        Result.objects.filter(pk=submitted.pk).update(submitted_at=then)
        Round.objects.filter(pk=submitted.round_id).update(due_on=then.date() - datetime.timedelta(days=1))
        rows = queue_of(person("supervisor"))
        assert rows == sorted(rows, key=lambda row: row.since) and rows[0].result == submitted.pk
        assert (rows[0].days, rows[0].late) == (400, True)
        Round.objects.filter(pk=submitted.round_id).update(due_on=then.date())
        assert queue_of(person("supervisor"))[0].late is False

    def test_marks_of_an_earlier_submission_are_counted(self, submitted, supervisor, collector):
        mark_criterion(submitted, of(submitted, "x"), score=Decimal(2), reason="r", by=supervisor)
        assert row_of("supervisor", submitted, "decide").older_marks == 0
        submit(return_(submitted, reason="mend", by=supervisor), by=collector)
        assert row_of("supervisor", submitted, "decide").older_marks == 1

    def test_objections_and_requests_wait_for_the_office(self, submitted, supervisor, collector):
        mark_criterion(submitted, of(submitted, "x"), score=Decimal(2), reason="r", by=supervisor)
        approve(submitted, by=supervisor)
        object_to(submitted, text="see annex 3", by=collector)
        assert sorted(kinds("office", submitted)) == ["certify", "objection"]
        assert {who for who in ("supervisor", "colleague", "auditor", "stranger") if kinds(who, submitted)} == set()
        assert "see annex 3" in browser_of(person("office")).get("/queue/").content.decode()

    def test_a_request_waits_for_the_office(self, submitted, supervisor, collector):
        returned = return_(submitted, reason="mend", by=supervisor)
        request_not_applicable(returned, of(returned, "x"), reason="flooded", by=collector)
        assert kinds("office", returned) == ["request"]

    def test_an_answer_waits_for_whoever_asked_while_it_is_their_turn(self, submitted, supervisor, collector):
        question = ask_question(submitted, text="why?", by=supervisor)
        assert kinds("supervisor", submitted) == ["decide"]
        answer_question(question, answer="flooded", by=collector)
        assert kinds("supervisor", submitted) == ["decide", "answer"]
        approve(submitted, by=supervisor)
        assert (kinds("supervisor", submitted), kinds("office", submitted)) == ([], ["certify"])

    def test_scores_are_shown_to_those_who_may_see_them_only(self, submitted):
        Agreement.objects.filter(pk=submitted.indicator.agreement_id).update(hide_scores=True)
        assert row_of("supervisor", submitted, "decide").hidden is False


class TestQuestionsOnTheFirstPage:
    def test_wait_for_the_collectors_then_for_whoever_asked(self, submitted, supervisor, collector):
        question = ask_question(submitted, text="CANARY", by=supervisor)
        assert [(row.to_answer, row.pk) for row in questions_for(collector)] == [(True, question.pk)]
        assert questions_for(assign("former", submitted)) == []
        for who in ("supervisor", "colleague", "office", "collector2", "stranger", "admin"):
            assert questions_for(person(who)) == []
            assert "CANARY" not in browser_of(person(who)).get("/").content.decode()
        answer_question(question, answer="flooded", by=collector)
        assert questions_for(collector) == []
        assert [row.to_answer for row in questions_for(supervisor)] == [False]
        assert "flooded" in browser_of(supervisor).get("/").content.decode()

    def test_not_once_the_report_is_returned(self, submitted, supervisor, collector):
        ask_question(submitted, text="why?", by=supervisor)
        return_(submitted, reason="mend", by=supervisor)
        assert questions_for(collector) == []
