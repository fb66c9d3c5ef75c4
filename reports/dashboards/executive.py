"""Where an agreement stands: score so far and expected, dimensions, biggest risks, what moved."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, gettext

from indicators.models import Agreement, Round
from indicators.models.agreement import is_past
from kpiportal.accounts.models import User
from reports.charts.bars import BarChart, bar_chart
from reports.charts.history import Told, told
from reports.charts.levels import LevelChart, level_chart
from reports.charts.rows import ScoreRow, is_hidden, scale_of, score_rows, score_said, tops
from reports.charts.scale import NOT_APPLICABLE, SCORED
from reports.dashboards.outlook import Ahead, Outlook, Whole, at_stake, opened_of, outlook
from scoring.engine.text import EXACT, fiscal_year_text, plain, round4, score_text, signed_text
from scoring.freezing.rounds import load_shown
from scoring.models import Result
from scoring.models.result import HANDED_IN
from scoring.queries.lines import AgreementSummary, IndicatorLine

MOST_SHOWN = 5
Scores = Mapping[int, Decimal]  # of the round before, by the indicators' keys


class Outlined(NamedTuple):
    """The outlook as printed; `expected` and its bounds are '' where the reader may not read every report."""

    so_far: str
    expected: str
    least: str
    most: str
    open_weight: str
    from_before: int
    at_lowest: int


@dataclass(frozen=True)
class Risk:
    """An indicator that may cost points: why, and how many of the agreement's ('' where its score is hidden)."""

    indicator: int
    result: int | None
    name: str
    weight: str
    score: str
    stake: str
    is_late: bool
    is_open: bool


@dataclass(frozen=True)
class Move:
    """An indicator whose score isn't what it was in the round before."""

    name: str
    result: int | None
    indicator: int
    before: str
    now: str
    difference: str
    rises: bool


@dataclass(frozen=True)
class Executive:
    """All that the executive page prints. `before`: the round that is compared with, '' where there is none; `same`:
    how many indicators have the score that they had; `unseen`: of how many the reader may not read the reports."""

    summary: AgreementSummary
    outlook: Outlined | None
    groups: BarChart
    levels: LevelChart
    risks: tuple[Risk, ...]
    moved: tuple[Move, ...]
    same: int
    before: str
    unseen: int


def load_executive(agreement: Agreement, months: int | None, *, user: User) -> Executive:
    """A round of an agreement as this reader may see it, of a closed one as it was sealed. Raises NoSuchRound."""
    summary = load_shown(agreement, months, user=user)
    before = _load_before(summary, user)
    rows, scale = score_rows(summary), scale_of(agreement)
    had = before.scores_of(line.indicator for line in summary.indicators) if before else {}
    moved, unseen = _moved(rows, had), _unseen(summary)
    return Executive(
        summary=summary, outlook=_outlined(summary, had, whole=not unseen),
        groups=bar_chart([row for row in rows if row.kind != "indicator"], scale),
        levels=level_chart(tops(rows), scale), risks=_risks(summary, rows, unseen),
        moved=tuple(move for move, _ in moved if move.difference)[:MOST_SHOWN],
        same=sum(not move.difference for move, _ in moved), before=_named(before),
        unseen=len(unseen),
    )


def _unseen(summary: AgreementSummary) -> set[int]:
    """The indicators at the top, by their keys, with reports that the reader may not read: what they have reached, and
    whether they are late, is not known here."""
    lacking = {
        part.indicator.pk: line.indicator.pk
        for line in _tops(summary) for part in line.children or [line] if part.result is None
    }
    if not lacking or summary.round is None:
        return set()
    lead = Coalesce("indicator__lead_unit", Value(summary.agreement.unit_id))
    there = Result.objects.filter(round=summary.round.pk, indicator__in=list(lacking), unit=lead)
    return {lacking[pk] for pk in there.values_list("indicator", flat=True)}


def _load_before(summary: AgreementSummary, user: User) -> Told | None:
    """The round before: of this agreement, else the last of the unit's agreement of the year before."""
    agreement, months = summary.agreement, summary.round.months if summary.round else 0
    earlier = [one for one in summary.rounds if one.months < months and one.state != Round.State.PLANNED]
    if earlier:
        return told(load_shown(agreement, earlier[-1].months, user=user))
    last_year = (
        Agreement.objects.visible_to(user)
        .filter(
            unit=agreement.unit_id, fiscal_year__year=agreement.fiscal_year.year - 1, scale_min=agreement.scale_min,
            scale_max=agreement.scale_max, is_excerpt=agreement.is_excerpt,
        )
        .exclude(state=Agreement.State.DRAFT).select_related("unit", "fiscal_year").order_by("pk").last()
    )
    shown = last_year and load_shown(last_year, user=user)
    return told(shown) if shown and shown.round and shown.round.state != Round.State.PLANNED else None


def _named(before: Told | None) -> str:
    if before is None:
        return ""
    year = fiscal_year_text(before.agreement.fiscal_year.year, get_language() or "th")
    return gettext("%(months)s months of %(year)s") % {"months": before.round.months, "year": year}


def _outlined(summary: AgreementSummary, had: Scores, *, whole: bool) -> Outlined | None:
    """The outlook, where the agreement has a score that this reader may see."""
    if summary.hidden or summary.agreement.is_excerpt:
        return None
    rows = [Ahead(_whole(line), had.get(line.indicator.pk)) for line in _tops(summary)]
    found: Outlook | None = outlook(rows, summary.agreement.scale_min, summary.agreement.scale_max)
    if found is None:
        return None
    scores = [score_text(score) for score in found[:4]] if whole else [score_text(found.so_far), "", "", ""]
    return Outlined(*scores, plain(round4(found.open_weight)), found.from_before, found.at_lowest)


def _whole(line: IndicatorLine) -> Whole:
    """An indicator with its parts or criteria, for what it would score were nothing open."""
    return Whole(line.part, tuple(map(_whole, line.children)) or tuple(map(Whole, line.parts)))


def _tops(summary: AgreementSummary) -> list[IndicatorLine]:
    return [line for line in summary.indicators if not line.indicator.parent_id]


def _risks(summary: AgreementSummary, rows: Sequence[ScoreRow], unseen: set[int]) -> tuple[Risk, ...]:
    """The indicators that have most to lose, the greatest loss first; of equal ones the late before the open."""
    if summary.round is None or summary.round.state == Round.State.PLANNED or not summary.total:
        return ()
    by_key = {row.indicator: row for row in rows if row.indicator}
    found = []
    for line in _tops(summary):
        row = by_key[line.indicator.pk]
        if line.weight and row.status != NOT_APPLICABLE and line.indicator.pk not in unseen:
            found.append(_risk(summary, line, row))
    at_risk = [(rank, risk) for rank, risk in found if risk.is_late or risk.is_open or rank[0]]
    at_risk.sort(key=lambda pair: pair[0])
    return tuple(risk for _, risk in at_risk[:MOST_SHOWN])


def _risk(summary: AgreementSummary, line: IndicatorLine, row: ScoreRow) -> tuple[tuple, Risk]:
    agreement, hidden = summary.agreement, is_hidden(line, summary)
    stake = Decimal(0) if hidden else at_stake(_whole(line), agreement.scale_min, agreement.scale_max, summary.total)
    opened = not hidden and bool(opened_of(line.part))
    handed_in = all(each.result and each.result.state in HANDED_IN for each in (line.children or [line]))
    late = not handed_in and summary.round.state == Round.State.OPEN and is_past(summary.round.due_on)
    risk = Risk(
        line.indicator.pk, row.result, row.name, plain(line.weight), score_said(row),
        "" if hidden else score_text(stake), is_late=late, is_open=opened,
    )
    return (stake.copy_negate(), not late, not opened, line.weight.copy_negate()), risk


def _moved(rows: Sequence[ScoreRow], had: Scores) -> list[tuple[Move, Decimal]]:
    """The indicators that have a score in both rounds, the greatest change by weight first."""
    found = []
    for row in tops(rows):
        then = had.get(row.indicator)
        if row.status == SCORED and then is not None:
            change = EXACT.subtract(row.score, then)
            said = signed_text(change) if change else ""
            move = Move(
                row.name, row.result, row.indicator, score_text(then), score_text(row.score), said, rises=change > 0
            )
            found.append((move, EXACT.multiply(change.copy_abs(), row.weight or Decimal(0))))
    return sorted(found, key=lambda pair: pair[1], reverse=True)
