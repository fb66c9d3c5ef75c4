"""What the review page prints: a report as its collectors made it, beside its marks, evidence and what was before."""
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext

from indicators.models import Criterion
from kpiportal.accounts.models import User
from scoring.drawing import find_result
from scoring.engine.text import fiscal_year_text, number_text, score_text
from scoring.evidence_pages import DocumentRow, document_rows, evidence_of_items
from scoring.models import TEXTS, ItemReview, Objection, Question, Result
from scoring.pages import LABELS, CriterionPage, ItemRow, criterion_page, level_rows, score_panel
from scoring.queries.evidence import documents
from scoring.queries.marks import CriterionMarks, load_marks, stale_marks
from scoring.queries.results import ResultSheet, load_sheet
from scoring.queries.reviews import EarlierReport, earlier_reports, item_reviews
from scoring.queries.summary import scores_hidden
from scoring.review_since import Changed, SinceLast, since_last
from scoring.services.marks import STAGE
from scoring.services.rules import may
from scoring.talk_pages import MarkRow, mark_rows, may_review, talk_context

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
