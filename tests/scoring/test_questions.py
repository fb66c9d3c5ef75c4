"""Questions that are asked and answered while a report stays where it is."""

import pytest
from django.urls import reverse

from indicators.models import Criterion
from kpiportal.audit.models import AuditEvent
from scoring.models import Question, Result
from scoring.services import NotAllowed, answer_question, approve, ask_question, return_, submit
from tests.cast import assign, browser_of, person
from tests.definitions import criterion, trial_result
from tests.scoring.test_entry import save

__all__ = ["submitted"]


@pytest.fixture
def submitted(seeds, collector) -> Result:
    """x weighs 70 (level 4) and y 30 (level 3); handed in."""
    report = trial_result(criterion("x", "70"), criterion("y", "30"))
    save(report, collector, x={"value": 4}, y={"value": 3})
    return submit(report, by=collector)


def of(report: Result, name: str) -> Criterion:
    return report.indicator.criteria.get(name=name)


def story(report: Result) -> list[str]:
    """What the trail tells of the report's questions and objections, oldest first."""
    said = AuditEvent.objects.about(report)
    return [one.action for one in said if one.action.split(".")[0] in ("question", "objection")]


class TestAsking:
    def test_leaves_the_report_where_it_is(self, submitted, supervisor):
        question = ask_question(submitted, criterion=of(submitted, "x"), text=" Which survey?\r\n", by=supervisor)
        after = Result.objects.get(pk=submitted.pk)
        assert (after.state, after.version) == ("submitted", submitted.version)
        assert (question.text, question.asked_by, question.answer) == ("Which survey?", supervisor, "")
        entry = AuditEvent.objects.get(action="question.asked")
        assert entry.actor_id == supervisor.pk and entry.unit_id == submitted.unit_id
        assert (entry.after["criterion"], entry.after["text"]) == ("x", "Which survey?")

    def test_of_the_whole_report(self, submitted, supervisor):
        assert ask_question(submitted, text="why late?", by=supervisor).criterion is None

    def test_by_the_office_after_the_approval(self, submitted, supervisor, office):
        with pytest.raises(NotAllowed):
            ask_question(submitted, text="why?", by=office)
        approve(submitted, by=supervisor)
        assert ask_question(submitted, text="why?", by=office).asked_by == office
        with pytest.raises(NotAllowed):
            ask_question(submitted, text="why?", by=supervisor)

    @pytest.mark.parametrize("who", ["collector", "colleague", "auditor", "admin", "stranger", "collector2"])
    def test_by_nobody_else(self, submitted, who):
        with pytest.raises(NotAllowed):
            ask_question(submitted, text="why?", by=person(who))
        assert not Question.objects.exists() and story(submitted) == []

    def test_needs_a_text_and_the_indicators_own_criterion(self, submitted, supervisor, moi_result):
        foreign = moi_result.indicator.criteria.first()
        for more in ({"text": " \n"}, {"text": "why?", "criterion": foreign}):
            with pytest.raises(NotAllowed):
                ask_question(submitted, by=supervisor, **more)
        assert not Question.objects.exists()


@pytest.mark.parametrize("who", ["collector", "auditor", "supervisor"])
def test_a_page_without_a_question_leads_only_reviewers_to_the_review(submitted, who):
    page = browser_of(person(who)).get(reverse("result", args=[submitted.pk])).content.decode()
    assert (reverse("review", args=[submitted.pk]) in page) == (who == "supervisor")


class TestAnswering:
    @pytest.fixture
    def question(self, submitted, supervisor) -> Question:
        return ask_question(submitted, text="why?", by=supervisor)

    def test_by_a_collector_once(self, question, collector):
        answered = answer_question(question, answer=" flooded ", by=collector)
        assert (answered.answer, answered.answered_by) == ("flooded", collector)
        with pytest.raises(NotAllowed, match="already"):
            answer_question(question, answer="again", by=collector)
        assert story(question.result) == ["question.asked", "question.answered"]
        assert Result.objects.get(pk=question.result_id).state == "submitted"

    def test_after_the_approval_too(self, question, collector, supervisor):
        approve(question.result, by=supervisor)
        assert answer_question(question, answer="flooded", by=collector).answer == "flooded"

    def test_not_once_the_report_is_returned(self, question, collector, supervisor):
        return_(question.result, reason="mend", by=supervisor)
        with pytest.raises(NotAllowed):
            answer_question(question, answer="flooded", by=collector)

    @pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor", "collector2"])
    def test_by_nobody_else(self, question, who):
        with pytest.raises(NotAllowed):
            answer_question(question, answer="flooded", by=person(who))
        assert Question.objects.get().answer == ""

    @pytest.mark.parametrize("who", ["collector", "colleague", "auditor", "supervisor"])
    def test_the_page_has_a_form_for_those_and_leads_reviewers_to_the_review(self, question, who):
        page = browser_of(person(who)).get(reverse("result", args=[question.result_id])).content.decode()
        assert (reverse("question_answer", args=[question.result_id, question.pk]) in page) == (who == "collector")
        assert (reverse("review", args=[question.result_id]) in page) == (who == "supervisor")

    def test_nobody_is_led_back_to_a_review_that_is_not_theirs(self, question, collector):
        path = reverse("question_answer", args=[question.result_id, question.pk])
        answer = browser_of(collector).post(path, {"answer": "flooded", "back": "review"})
        assert answer.url == f"{reverse('result', args=[question.result_id])}#q{question.pk}"

    def test_not_by_whose_right_ended(self, question):
        with pytest.raises(NotAllowed):
            answer_question(question, answer="flooded", by=assign("former", question.result))

    def test_needs_a_text(self, question, collector):
        with pytest.raises(NotAllowed, match="Type the answer"):
            answer_question(question, answer=" ", by=collector)
