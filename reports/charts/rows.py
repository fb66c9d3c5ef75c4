"""The scores of a round as plain rows: what the summary prints, for pictures."""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from indicators.models import Agreement, Criterion
from reports.charts.scale import HIDDEN, NOT_APPLICABLE, OPEN, SCORED, Scale
from scoring.engine.formula import average_score
from scoring.engine.text import score_text
from scoring.models import CriterionResult, Result
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine
from scoring.summary_pages import whole_steps


@dataclass(frozen=True)
class ScoreRow:
    """A dimension, group or indicator with its score; `score` is None unless it is 'scored'. `target`: the highest
    level that its criteria give, of several that apply their weighted average."""

    kind: str  # a group's kind, or 'indicator'
    depth: int
    number: str
    name: str
    weight: Decimal | None
    score: Decimal | None
    status: str
    target: Decimal | None
    indicator: int | None = None
    result: int | None = None
    is_part: bool = False  # of another indicator


@dataclass(frozen=True)
class Issue:
    """A criterion of an indicator with its score."""

    label: str
    name: str
    score: Decimal | None
    status: str


def scale_of(agreement: Agreement) -> Scale:
    """The scale of an agreement's scores with its whole levels."""
    return Scale(agreement.scale_min, agreement.scale_max, tuple(whole_steps(agreement)))


def score_said(row: ScoreRow | Issue) -> str:
    """A score of four places, or why there is none."""
    if row.status == SCORED:
        return score_text(row.score)
    return {
        OPEN: gettext("no score yet"), NOT_APPLICABLE: gettext("Not applicable"), HIDDEN: gettext("after certification")
    }[row.status]


def score_rows(summary: AgreementSummary) -> list[ScoreRow]:
    """The rows of the summary table in its order, with the scores that it shows this reader."""
    found, depth = [], 0
    for line in summary.lines:
        if isinstance(line, GroupLine):
            depth = line.depth + 1
            found.append(_group_row(line, summary))
        else:
            found.append(_indicator_row(line, depth + (1 if line.indicator.parent_id else 0), summary))
    return found


def is_hidden(line: IndicatorLine, summary: AgreementSummary) -> bool:
    """Whether an indicator's score is kept from the reader: until it is certified."""
    return summary.hidden and not (line.result and line.result.state == Result.State.CERTIFIED)


def _group_row(line: GroupLine, summary: AgreementSummary) -> ScoreRow:
    group = line.group
    members = [
        each for each in summary.indicators
        if not each.indicator.parent_id and group.pk in _groups_over(summary, each.indicator.group_id)
    ]
    score = line.average.score if line.average else None
    status = HIDDEN if summary.hidden else _status(score, any(each.applicable for each in members))
    counted = [each for each in members if each.applicable] or members
    targets = [(each.weight, target_of(each, summary.agreement)) for each in counted]
    pairs = [(weight, target) for weight, target in targets if weight and target is not None]
    return ScoreRow(
        group.kind, line.depth, group.number, str(group), group.weight, score if status == SCORED else None, status,
        average_score(pairs),
    )


def _groups_over(summary: AgreementSummary, pk: int | None) -> list[int]:
    parents = {line.group.pk: line.group.parent_id for line in summary.lines if isinstance(line, GroupLine)}
    chain = []
    while pk is not None:
        chain.append(pk)
        pk = parents.get(pk)
    return chain


def _indicator_row(line: IndicatorLine, depth: int, summary: AgreementSummary) -> ScoreRow:
    indicator = line.indicator
    status = HIDDEN if is_hidden(line, summary) else _status(line.score, line.applicable)
    return ScoreRow(
        "indicator", depth, indicator.number, str(indicator), line.weight, line.score if status == SCORED else None,
        status, target_of(line, summary.agreement), indicator.pk, line.result.pk if line.result else None,
        is_part=bool(indicator.parent_id),
    )


def _status(score: Decimal | None, applicable: bool) -> str:
    if not applicable:
        return NOT_APPLICABLE
    return OPEN if score is None else SCORED


def target_of(line: IndicatorLine, agreement: Agreement) -> Decimal | None:
    """The highest level that an indicator's criteria, or its parts', give by weight, without what doesn't apply beside
    others; None while it is unfinished."""
    if line.children:
        parts = [child for child in line.children if child.applicable] or line.children
        pairs = [(child.weight, target_of(child, agreement)) for child in parts]
    else:
        criteria = [one for one in line.criteria if applies(line, one)] or line.criteria
        pairs = [(one.weight, _highest(one, line, agreement)) for one in criteria]
    if not pairs or not all(weight and target is not None for weight, target in pairs):
        return None
    return average_score(pairs)


def applies(line: IndicatorLine, criterion: Criterion) -> bool:
    """Whether a criterion of an indicator counts in the round."""
    return line.statuses.get(criterion.pk) != CriterionResult.Status.NOT_APPLICABLE


def _highest(criterion: Criterion, line: IndicatorLine, agreement: Agreement) -> Decimal:
    return max(line.levels.get(criterion.pk, ()), default=agreement.scale_max)


def issues_of(line: IndicatorLine, hidden: bool) -> list[Issue]:
    """The criteria of an indicator with the scores that count."""
    return [_issue(line, criterion, place, hidden) for place, criterion in enumerate(line.criteria, 1)]


def _issue(line: IndicatorLine, criterion: Criterion, place: int, hidden: bool) -> Issue:
    row = line.rows.get(criterion.pk)
    score = row.score if row else None
    status = HIDDEN if hidden else _status(score, applies(line, criterion))
    return Issue(criterion.number or str(place), criterion.name, score if status == SCORED else None, status)


def tops(rows: Iterable[ScoreRow]) -> list[ScoreRow]:
    """The indicators that count in the agreement's score themselves: parts count in theirs."""
    return [row for row in rows if row.kind == "indicator" and not row.is_part]
