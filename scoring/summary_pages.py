"""What the summary table prints: finished strings, made once before the template."""
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from indicators.models import Agreement
from scoring.engine import formula
from scoring.engine.text import number_text, plain, round4, score_text
from scoring.models import CriterionResult, Result
from scoring.pages import DASH, level_text
from scoring.queries.summary import AgreementSummary, GroupLine, IndicatorLine


@dataclass(frozen=True)
class SummaryRow:
    """One printed row. `targets` has one cell for each level of the table's head."""

    kind: str  # a group's kind, or 'indicator'
    depth: int
    name: str
    unit: str = ""
    weight: str = DASH
    targets: tuple[str, ...] = ()
    result: str = ""
    score: str = ""
    weighted: str = ""
    state: str = ""
    indicator_id: int | None = None
    result_id: int | None = None
    applicable: bool = True
    open_weight: str = ""  # '' when nothing is open, or nothing is reported yet
    version: int = 0
    opened_again: bool = False  # since the closing of its round
    mark: str = ""  # of its note under the table

    @property
    def target_class(self) -> str:
        """Levels in words are set as text, targets as numbers."""
        long = (target for target in self.targets if len(target) > 12)
        return "num" if all(target.lstrip("-").replace(".", "", 1).isdigit() for target in long) else "worded"


@dataclass(frozen=True)
class SummaryTable:
    """The table with its head and total row, and the notes under it."""

    levels: tuple[str, ...]
    rows: tuple[SummaryRow, ...]
    total_weight: str
    score: str
    sum_weighted: str
    open_weight: str
    notes: tuple[str, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether something waits to be certified."""
        return any(row.state == Result.State.APPROVED for row in self.rows)


def summary_page(summary: AgreementSummary, lang: str) -> SummaryTable:
    """The summary table of one round (seed 004's form): level columns, group rows with their averages, total."""
    levels, depth = _levels(summary), 0
    kept = _kept_totals(summary)
    marks = {total: "*" * number for number, total in enumerate(dict.fromkeys(kept.values()), 1)}
    rows = []
    for line in summary.lines:
        if isinstance(line, GroupLine):
            depth = line.depth + 1
            rows.append(_group_row(line, summary.hidden))
        else:
            extra = 1 if line.indicator.parent_id else 0
            mark = marks.get(kept.get(line.indicator.pk), "")
            rows.append(_indicator_row(line, levels, depth + extra, summary.hidden, mark))
    parts = [line.part for line in summary.indicators if line.weight and not line.indicator.parent_id]
    average = summary.average
    return SummaryTable(
        levels=tuple(plain(level) for level in levels),
        rows=tuple(rows),
        total_weight=plain(summary.total),
        score=DASH if summary.hidden else score_text(summary.score),
        sum_weighted=(
            DASH if summary.hidden else score_text(formula.shares_sum(parts, summary.total) if parts else None)
        ),
        open_weight=plain(round4(average.open_weight)) if average and average.open_weight else "",
        notes=tuple(_note(mark, then, summary.total) for then, mark in marks.items()),
    )


def _kept_totals(summary: AgreementSummary) -> dict[int, Decimal]:
    """With which T a weighted score was certified, by the indicator's key, where it isn't that of the T of now."""
    kept = [line for line in summary.indicators if line.keeps_share(summary.total)]
    return {line.indicator.pk: line.sealed.total for line in kept if line.sealed.total is not None}


def _note(mark: str, then: Decimal, now: Decimal) -> str:
    """What an auditor needs to follow both the row and the total."""
    return gettext(
        "%(mark)s The weighted score is the certified one: W × S / %(then)s, the total weight at its certification. "
        "The total weight that counts now is %(now)s, and the total is Σ(W × S) / %(now)s: the column need not add up "
        "to it."
    ) % {"mark": mark, "then": plain(then), "now": plain(now)}


def _levels(summary: AgreementSummary) -> list[Decimal]:
    """The level columns: the scores that the agreement's rubrics use, else the whole steps of its scale."""
    levels = (line.levels.get(criterion.pk, {}) for line in summary.indicators for criterion in line.criteria)
    found = {score for by_score in levels for score in by_score}
    return sorted(found) or whole_steps(summary.agreement)


def whole_steps(agreement: Agreement) -> list[Decimal]:
    """The whole steps of a scale (1, 2, 3, 4, 5); its ends only, where there would be more than ten."""
    low, high = agreement.scale_min, agreement.scale_max
    steps = [low + n for n in range(int(high - low) + 1)]
    return steps if len(steps) <= 10 and steps[-1] == high else [low, high]


def _group_row(line: GroupLine, hidden: bool) -> SummaryRow:
    score = line.average.score if line.average else None
    return SummaryRow(
        kind=line.group.kind,
        depth=line.depth,
        name=str(line.group),
        weight=DASH if line.group.weight is None else plain(line.group.weight),
        score="" if score is None else (DASH if hidden else score_text(score)),
    )


def _indicator_row(line: IndicatorLine, levels: list[Decimal], depth: int, hidden: bool, mark: str) -> SummaryRow:
    indicator, result = line.indicator, line.result
    hidden = hidden and not (result and result.state == Result.State.CERTIFIED)
    return SummaryRow(
        kind="indicator",
        depth=depth,
        name=str(indicator),
        unit=indicator.unit_of_measure,
        weight=DASH if line.weight is None else plain(line.weight),
        targets=_targets(line, levels),
        result=result_text(line, hidden),
        score=DASH if hidden else score_text(line.score),
        weighted=DASH if hidden else score_text(line.share),
        state=result.state if result else "",
        indicator_id=indicator.pk,
        result_id=result.pk if result else None,
        applicable=line.applicable,
        open_weight=_open_part(line),
        version=result.version if result else 0,
        opened_again=line.opened_again,
        mark=mark,
    )


def _open_part(line: IndicatorLine) -> str:
    """The open weight of an indicator that is reported in part."""
    partly = line.applicable and line.score is not None and line.open_weight
    return plain(round4(line.open_weight)) if partly else ""


def _targets(line: IndicatorLine, levels: list[Decimal]) -> tuple[str, ...]:
    if len(line.criteria) != 1:
        return tuple(plain(level) for level in levels) if line.criteria else ("",) * len(levels)
    own = line.levels.get(line.criteria[0].pk, {})
    if not own:
        return tuple(plain(level) for level in levels) if line.criteria[0].kind == "level" else ("",) * len(levels)
    return tuple(level_text(own[level]) if level in own else "-" for level in levels)


def result_text(line: IndicatorLine, hidden: bool = False) -> str:
    """The result as printed: the value of a single criterion, else the level reached (seed 001 prints 5)."""
    row = line.row
    if row is not None and row.status == CriterionResult.Status.NOT_APPLICABLE:
        return "N/A"
    if row is not None and row.status == CriterionResult.Status.NOT_REPORTED:
        return DASH
    if row is not None and row.value is not None:
        return number_text(row.value)
    if row is not None and row.count is not None:
        return str(row.count)
    return DASH if hidden or line.score is None else plain(line.score)
