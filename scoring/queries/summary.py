"""The agreement's summary: indicators, groups and the total of one round, in a constant number of queries."""
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from django.db.models import BooleanField, ExpressionWrapper, F, FilteredRelation, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from indicators.models import Agreement, Criterion, Group, Indicator, Level, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import NOTHING, holds
from kpiportal.accounts.roles import SEE_HIDDEN_SCORES
from scoring.freezing.line import read_line
from scoring.models import FINALITY, CriterionResult, LineInForce, Result, visible_results
from scoring.queries.lines import NOT_APPLICABLE, AgreementSummary, GroupLine, IndicatorLine, LevelTarget, sum_up

__all__ = ["NOT_APPLICABLE", "AgreementSummary", "GroupLine", "IndicatorLine", "LevelTarget", "load_summary"]

# What the summary needs of a criterion's row; the texts of the reports stay in the database.
PRINTED = (
    "status", "value", "count", "score", "criterion_id", "mark__stage", "mark__result__state",
    "mark__result__unit_id", "mark__result__indicator_id", "mark__result__version",
)


class HidesScores(Protocol):
    """An agreement, or a row that knows of it."""

    hide_scores: bool


class NoSuchRound(LookupError):
    """An agreement doesn't report the round that was asked for; `known` are the months that it does."""

    def __init__(self, months: int, known: list[int]) -> None:
        super().__init__(f"no round of {months} months")
        self.known = known


def scores_hidden(agreement: HidesScores, user: User | None, unit_path: str, state: str = "") -> bool:
    """Whether scores are hidden from this reader: the agreement hides them from its reporting units until certified
    (seed 001: 'ส่วนราชการไม่ต้องใส่ผลคะแนนมา'). Without a reader (commands), nothing is hidden."""
    if not agreement.hide_scores or state == Result.State.CERTIFIED or user is None:
        return False
    return not holds(user, SEE_HIDDEN_SCORES, unit_path)


def load_summary(agreement: Agreement, months: int | None = None, *, user: User | None) -> AgreementSummary:
    """Read one round (the latest that is open or closed, unless `months` names one) as `user` may see it; `user=None`
    is a command of the machine's owner and sees all. Raises NoSuchRound for months that aren't reported."""
    rounds = list(agreement.rounds.all())
    round_ = chosen_round(rounds, months)
    lines = _indicator_lines(agreement, round_, user)
    own_weights = any(line.indicator.weight_now is not None for line in lines.values())
    hidden = scores_hidden(agreement, user, agreement.unit.path)
    summary = AgreementSummary(agreement, rounds, round_, hidden, own_weights)
    sum_up(summary, lines, _definition(agreement.pk, agreement.definition_stamp).groups)
    return summary


def chosen_round(rounds: list[Round], months: int | None) -> Round | None:
    """The round of these months, else the latest that is open or closed. Raises NoSuchRound."""
    if months is not None:
        wanted = [r for r in rounds if r.months == months]
        if not wanted:
            raise NoSuchRound(months, [r.months for r in rounds])
        return wanted[0]
    begun = [r for r in rounds if r.state != Round.State.PLANNED]
    return (begun[-1:] or rounds[:1] or [None])[0]


@dataclass(frozen=True)
class _Definition:
    """What the table prints of a definition; shared between requests, so that nobody may change it."""

    criteria: dict[int, list[Criterion]]  # by indicator
    levels: dict[int, dict[Decimal, LevelTarget]]  # by criterion, by score
    groups: dict[int, Group]


@lru_cache(maxsize=300)
def _definition(agreement_id: int, _stamp: str) -> _Definition:
    levels: dict[int, dict[Decimal, LevelTarget]] = {}
    found = Level.objects.filter(criterion__indicator__agreement=agreement_id).order_by()
    for criterion, score, *row in found.values_list("criterion", "score", "wording", "target", "items_needed"):
        levels.setdefault(criterion, {})[score] = LevelTarget(*row)
    criteria: dict[int, list[Criterion]] = {}
    for criterion in Criterion.objects.filter(indicator__agreement=agreement_id).defer("intro", "note"):
        criteria.setdefault(criterion.indicator_id, []).append(criterion)
    groups = {group.pk: group for group in Group.objects.filter(agreement=agreement_id)}
    return _Definition(criteria, levels, groups)


def _indicator_lines(agreement: Agreement, round_: Round | None, user: User | None) -> dict[int, IndicatorLine]:
    definition = _definition(agreement.pk, agreement.definition_stamp)
    lines = {
        indicator.pk: IndicatorLine(
            indicator, indicator.weight if indicator.weight_now is None else indicator.weight_now,
            definition.criteria.get(indicator.pk, []), definition.levels,
        )
        for indicator in _indicators(agreement, round_)
    }
    if round_:
        _attach_results(lines, round_, user)
    for line in lines.values():
        if line.indicator.sealed_line:
            line.seal(read_line(line.indicator.sealed_line))
    return lines


def _indicators(agreement: Agreement, round_: Round | None) -> QuerySet[Indicator]:
    weights = FilteredRelation("round_weights", condition=Q(round_weights__round=round_.pk if round_ else None))
    own = Coalesce("lead_unit", Value(agreement.unit_id))
    sealed = LineInForce("pk", Value(round_.pk), own) if round_ else Value(None, TextField())
    return (
        Indicator.objects.filter(agreement=agreement)
        .defer("description")
        .annotate(now=weights)
        .annotate(weight_now=F("now__weight"), sealed_line=sealed)
        .order_by("order")
    )


def _attach_results(lines: dict[int, IndicatorLine], round_: Round, user: User | None) -> None:
    # The condition of Result.visible_to, on the joined table: a subquery would cost a fifth of the page.
    scope = ~NOTHING if user is None else visible_results(user, "mark__result__")
    # What isn't applicable counts in T, whoever reads.
    rows = CriterionResult.objects.filter(scope | Q(status__in=NOT_APPLICABLE), mark__result__round=round_)
    seen = ExpressionWrapper(scope, output_field=BooleanField())
    for row in sorted(
        rows.annotate(seen=seen).select_related("mark__result").only(*PRINTED),
        key=lambda row: FINALITY[row.mark.stage],
    ):
        line = lines[row.mark.result.indicator_id]
        lead = line.indicator.lead_unit_id or round_.agreement.unit_id
        if row.mark.result.unit_id == lead:
            line.statuses[row.criterion_id] = row.status
            if row.seen:
                line.result = row.mark.result
                line.rows[row.criterion_id] = row
