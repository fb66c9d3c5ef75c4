"""What the review page prints: a report as its collectors made it, beside the marks, the evidence and what was before."""
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.models import Criterion
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS, DECIDE_RESULTS
from scoring.drawing import find_result
from scoring.engine.text import fiscal_year_text, number_text, score_text
from scoring.evidence_pages import DocumentRow, document_rows, evidence_of_items
from scoring.models import TEXTS, CriterionResult, ItemReview, Objection, Question, Result
from scoring.models.marks import Mark
from scoring.pages import LABELS, CriterionPage, ItemRow, criterion_page, level_rows, score_panel
from scoring.queries.evidence import documents
from scoring.queries.marks import CriterionMarks, Said, load_marks, stale_marks
from scoring.queries.results import ResultSheet, load_sheet
from scoring.queries.reviews import EarlierReport, earlier_reports, item_reviews, objections_of, questions_of
from scoring.queries.summary import scores_hidden
from scoring.review_since import Changed, SinceLast, since_last
from scoring.services.marks import STAGE
from scoring.services.objections import last_day, may_answer_objection
from scoring.services.questions import may_answer
from scoring.services.rules import may

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


@dataclass(frozen=True)
class ItemReviewRow:
    """An item with what the collectors said of it, what the reviewers think of it, and its documents that are new."""

    row: ItemRow
    reviews: list[ItemReview]
    own: ItemReview | None
    fresh: list[DocumentRow]

    @property
    def is_open(self) -> bool:
        """Whether it waits for this reviewer."""
        return self.own is None


@dataclass(frozen=True)
class EarlierRow:
    """What an earlier report said of a criterion."""

    label: str
    value: str
    score: str
    level: str


@dataclass(frozen=True)
class CriterionReview:
    """One criterion as the reviewer sees it: `said` is the collectors' own report, `page` the mark that counts."""

    said: CriterionPage
    page: CriterionPage
    marks: list[MarkRow]
    items: list[ItemReviewRow]
    is_stale: bool
    earlier: list[EarlierRow]
    changes: list[Changed]
    questions: list[Question]
    objections: list[Objection]
    stage: str  # the one that decides now

    @property
    def field(self) -> str:
        """What the names of its mark's fields begin with."""
        return f"m{self.said.criterion.pk}"

    @property
    def own_reason(self) -> str:
        """The reason of the present mark of the stage that decides."""
        return self.own_mark.said.reason if self.own_mark else ""

    @property
    def own_mark(self) -> MarkRow | None:
        """The mark of the stage that decides now, if it marked something otherwise."""
        return next((mark for mark in self.marks if mark.stage == self.stage and mark.said), None)


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
        return f"{number_text(said.value)} {criterion.unit_of_measure or criterion.indicator.unit_of_measure}".strip()
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


def find_reviewed(request: HttpRequest, pk: int, *, whole: bool = False) -> Result:
    """The result, if this person may see and review it."""
    result = find_result(request, pk, whole=whole)
    if not may_review(result, request.user):
        get_object_or_404(Result.objects.none())
    return result


@dataclass
class Reading:
    """Everything of a result that its review page is drawn from."""

    own: ResultSheet
    final: ResultSheet
    marks: list[CriterionMarks]
    rows: list[DocumentRow]
    since: SinceLast
    earlier: tuple[EarlierReport | None, EarlierReport | None]
    hidden: bool
    stage: str
    stale: set[int] = field(default_factory=set)


def read_review(result: Result, user: User) -> Reading:
    """Read a result with all that stands beside it, in a constant number of queries."""
    own = load_sheet(result)
    stage = STAGE.get(result.state, "")
    return Reading(
        own, load_sheet(result, None), load_marks(result), document_rows(documents(result), user), since_last(own),
        earlier_reports(result, user),
        scores_hidden(result.indicator.agreement, user, result.unit.path, result.state), stage,
        {one.criterion.pk for one in stale_marks(result, stage)} if stage else set(),
    )


def review_context(request: HttpRequest, pk: int) -> dict:
    """What the whole review page prints."""
    result = find_reviewed(request, pk, whole=True)
    read = read_review(result, request.user)
    actions = may(result, request.user)
    talk = talk_context(result, request.user, actions)
    reviews = criterion_reviews(read, talk)
    return talk | {
        "result": result,
        "agreement": result.indicator.agreement,
        "stamp": result.indicator.agreement.definition_stamp,
        "reviews": reviews,
        "panel": None if read.hidden else score_panel(read.final),
        "hidden": read.hidden,
        "since": read.since,
        "text_rows": [(name, LABELS[name], getattr(result, name), read.since.changes.get(name)) for name in TEXTS],
        "rest": [row for row in read.rows if any(use.item_id is None for use in row.uses)],
        "earlier": read.earlier,
        "year_before": result.indicator.agreement.fiscal_year.year - 1,
        "actions": actions,
        "return_reason": insufficient_text(reviews),
        "typed": {},
        "errors": {},
        "back": "review",
    }


def criterion_reviews(read: Reading, talk: Mapping) -> list[CriterionReview]:
    """The criteria with all that stands beside each."""
    items = [item for one in read.own.criteria for item in one.criterion.items.all()]
    evidence = evidence_of_items(read.rows, items)
    found = item_reviews(read.own.result)
    reviews = []
    for own, final, marks in zip(read.own.criteria, read.final.criteria, read.marks, strict=True):
        said, pk = criterion_page(own, evidence, read.hidden), own.criterion.pk
        reviews.append(CriterionReview(
            said=said,
            page=criterion_page(final, evidence, read.hidden),
            marks=mark_rows(marks, read.own.result, read.hidden),
            items=[_item_row(row, found.get(row.item.pk, {}), read) for row in said.items],
            is_stale=pk in read.stale,
            earlier=[row for row in (_earlier(one, own.criterion) for one in read.earlier) if row],
            changes=read.since.changes.get(said.prefix, []),
            questions=[one for one in talk["questions"] if one.criterion_id == pk],
            objections=[one for one in talk["objections"] if one.criterion_id == pk],
            stage=read.stage,
        ))
    return reviews


def _item_row(row: ItemRow, reviews: Mapping[str, ItemReview], read: Reading) -> ItemReviewRow:
    points = row.proof.points if row.proof else []
    listed = [*(row.proof.documents if row.proof else []), *(one for point in points for one in point.documents)]
    fresh = {one.number: one for one in listed if read.since.is_new(one)}
    return ItemReviewRow(row, list(reviews.values()), reviews.get(read.stage), list(fresh.values()))


def _earlier(report: EarlierReport | None, criterion: Criterion) -> EarlierRow | None:
    row = report and report.row_of(criterion)
    if not row:
        return None
    score = None if report.hidden else row.score
    value = "" if row.value is None else number_text(row.value)
    levels = [level.score for level in level_rows(row.criterion, score) if level.reached]
    return EarlierRow(
        earlier_name(report), value or ("" if row.count is None else str(row.count)), score_text(score),
        levels[0] if levels else "–",
    )


def earlier_name(report: EarlierReport) -> str:
    """'6-month round' with its fiscal year."""
    result = report.result
    year = fiscal_year_text(result.indicator.agreement.fiscal_year.year, get_language() or "th")
    values = {"months": result.round.months, "year": year}
    return gettext("%(months)s-month round, %(year)s") % values


def insufficient_text(reviews: list[CriterionReview]) -> str:
    """What this reviewer found not enough, as the list that a return begins with."""
    lines = []
    for review in reviews:
        for one in review.items:
            if one.own and one.own.verdict == ItemReview.Verdict.INSUFFICIENT:
                item = one.row.item
                lines.append(f"- {review.said.criterion} · {item.number or item.name[:60]}: {one.own.comment}")
    return "\n".join(lines)


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
