"""What is said between a unit and those who decide about its report: the marks side by side, questions, objections."""
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from indicators.models import Criterion
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS, DECIDE_RESULTS
from scoring.engine.text import number_text, score_text, with_unit
from scoring.models import CriterionResult, Objection, Result
from scoring.models.marks import Mark
from scoring.queries.marks import CriterionMarks, Said, load_marks
from scoring.queries.reviews import objections_of, questions_of
from scoring.services.objections import differing, in_time, last_day, may_answer_objection
from scoring.services.questions import may_answer

STAGES = {
    Mark.Stage.SELF: gettext_lazy("Self-assessment"),
    Mark.Stage.SUPERVISOR: gettext_lazy("KPI supervisor"),
    Mark.Stage.OFFICE: gettext_lazy("Performance office"),
}


@dataclass(frozen=True)
class MarkRow:
    """One of the three marks of a criterion; without `said` the stage marks nothing otherwise."""

    stage: str
    said: Said | None
    criterion: Criterion
    counts: bool
    hidden: bool
    submission: int

    @property
    def name(self) -> str:
        return str(STAGES[self.stage])

    @property
    def result(self) -> str:
        """What it says was reached, in words."""
        return said_text(self.said, self.criterion)

    @property
    def score(self) -> str:
        return gettext("hidden") if self.hidden else score_text(self.said.score)

    @property
    def is_older(self) -> bool:
        """Whether it speaks of an earlier submission."""
        return bool(self.said and self.said.submission and self.said.submission < self.submission)


def said_text(said: Said | None, criterion: Criterion) -> str:
    """What a mark says was reached: a figure, a number of items, or that nothing was reported."""
    if said is None:
        return ""
    if said.status != CriterionResult.Status.REPORTED:
        return str(CriterionResult.Status(said.status).label)
    if said.given:
        return gettext("score given directly")
    if said.count is not None:
        return str(said.count)
    if said.value is not None:
        return with_unit(number_text(said.value), criterion.unit_of_measure or criterion.indicator.unit_of_measure)
    items = len(criterion.items.all())
    text = gettext("%(done)s of %(all)s items") % {"done": len(said.done), "all": items}
    if criterion.kind == "complete_count":
        text += " · " + gettext("%(complete)s complete") % {"complete": len(said.complete)}
    return text


def mark_rows(marks: CriterionMarks, result: Result, hidden: bool) -> list[MarkRow]:
    """The three marks of a criterion in the order of their finality."""
    return [
        MarkRow(
            stage, marks.marks.get(stage), marks.criterion, marks.marks.get(stage) is marks.final, hidden,
            result.submission,
        )
        for stage in STAGES
    ]


def may_review(result: Result, user: User) -> bool:
    """Whether the review page is for this person: a supervisor's or the office's in the unit."""
    return any(holds(user, right, result.unit.path) for right in (DECIDE_RESULTS, CERTIFY_RESULTS))


def talk_context(result: Result, user: User, actions: frozenset[str]) -> dict:
    """Questions and objections with what this person may do about them."""
    objections = objections_of(result)
    questions = questions_of(result)
    return {
        "questions": questions,
        "whole_questions": [one for one in questions if one.criterion_id is None],
        "whole_objections": [one for one in objections if one.criterion_id is None],
        "objections": objections,
        "may_answer": may_answer(result, user),
        "answers": {
            one.pk for one in objections
            if one.state == Objection.State.OPEN and may_answer_objection(one, result, user)
        },
        "may_ask": "ask" in actions,
        "last_day": last_day(result),
    }


def shown_talk(result: Result, user: User, actions: frozenset[str], hidden: bool) -> dict:
    """What the report's own page shows of it; no query where nobody asked and nobody may object."""
    may_object = "object" in actions and result.marked and not hidden and in_time(result)
    if not result.talked and not may_object:
        return {"reviews_it": may_review(result, user)}
    marks = load_marks(result) if may_object else []
    names = {one.pk for one in differing(marks)}
    to_object = [(one.criterion, mark_rows(one, result, hidden)) for one in marks if one.criterion.pk in names]
    return talk_context(result, user, actions) | {
        "reviews_it": may_review(result, user), "to_object": to_object, "talks": True, "back": "",
    }
