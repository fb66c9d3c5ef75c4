"""The agreement's summary: indicators, groups and the total of one round, in a constant number of queries."""
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol

from django.db.models import BooleanField, ExpressionWrapper, F, FilteredRelation, Q, QuerySet

from indicators.models import Agreement, Criterion, Group, Indicator, Level, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import NOTHING, holds
from kpiportal.accounts.roles import SEE_HIDDEN_SCORES
from scoring.engine import formula
from scoring.models import FINALITY, CriterionResult, Result, visible_results

# The statuses of an indicator that doesn't apply: all its criteria were taken out of the round.
NOT_APPLICABLE = {CriterionResult.Status.NOT_APPLICABLE}

# What the summary needs of a criterion's row; the texts of the reports stay in the database.
PRINTED = (
    "status", "value", "count", "score", "criterion_id", "mark__stage", "mark__result__state",
    "mark__result__unit_id", "mark__result__indicator_id",
)


class LevelTarget(NamedTuple):
    """What reaches a level, as the table prints it."""

    wording: str
    target: Decimal | None
    items_needed: int | None


@dataclass
class IndicatorLine:
    """One indicator in one round: its weight there, final criterion rows and score (None: open or not applicable)."""

    indicator: Indicator
    weight: Decimal | None
    criteria: list[Criterion]
    levels: dict[int, dict[Decimal, LevelTarget]]  # by criterion, by score
    result: Result | None = None
    rows: dict[int, CriterionResult] = field(default_factory=dict)  # by criterion
    statuses: dict[int, str] = field(default_factory=dict)  # by criterion, also of results that the reader may not see
    children: list["IndicatorLine"] = field(default_factory=list)
    applicable: bool = True
    parts: list[formula.Part] = field(default_factory=list)  # none while the definition is unfinished
    average: formula.Average | None = None
    share: Decimal | None = None

    @property
    def score(self) -> Decimal | None:
        return self.average.score if self.average else None

    @property
    def open_weight(self) -> Decimal:
        """How much of the indicator's weight has no score yet."""
        return formula.open_part(self.weight, self.parts) if self.weight else Decimal(0)

    @property
    def part(self) -> formula.Part:
        """Weight and score, as the average above takes them."""
        opened = self.open_weight if self.score is not None else Decimal(0)
        return formula.Part(self.weight, self.score, self.applicable, opened)

    def placed(self, months: int) -> formula.Placed:
        """Where the indicator stands in a round, for T."""
        return formula.Placed(
            self.indicator.pk, self.indicator.parent_id, self.weight, self.indicator.runs_in(months),
            applies=set(self.statuses.values()) != NOT_APPLICABLE,
        )

    @property
    def row(self) -> CriterionResult | None:
        """The criterion row of an indicator that is a single criterion."""
        return self.rows.get(self.criteria[0].pk) if len(self.criteria) == 1 else None


@dataclass
class GroupLine:
    """A group with its average over the indicators below it, at any depth."""

    group: Group
    depth: int
    average: formula.Average | None


@dataclass
class AgreementSummary:
    """Everything the summary table prints; `lines` in the order of the document, groups before their indicators."""

    agreement: Agreement
    rounds: list[Round]
    round: Round | None
    lines: list[GroupLine | IndicatorLine]
    average: formula.Average | None
    total: Decimal  # T: the declared total less the weights that don't apply in the round
    hidden: bool  # scores are hidden from this reader

    @property
    def indicators(self) -> list[IndicatorLine]:
        return [line for line in self.lines if isinstance(line, IndicatorLine)]

    @property
    def score(self) -> Decimal | None:
        """The agreement's score; an excerpt has none of its own."""
        return self.average.score if self.average and not self.agreement.is_excerpt else None


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
    total = _placed_total(agreement, round_, lines.values())
    top = _scored(lines)
    for line in lines.values():
        if line.score is not None and line.weight and line.applicable:
            line.share = formula.share(line.weight, line.score, total)
    return AgreementSummary(
        agreement=agreement,
        rounds=rounds,
        round=round_,
        lines=_in_order(agreement, top),
        average=_average(top),
        total=total,
        hidden=scores_hidden(agreement, user, agreement.unit.path),
    )


def chosen_round(rounds: list[Round], months: int | None) -> Round | None:
    """The round of these months; without any the latest that is open or closed. Raises NoSuchRound."""
    if months is not None:
        wanted = [r for r in rounds if r.months == months]
        if not wanted:
            raise NoSuchRound(months, [r.months for r in rounds])
        return wanted[0]
    begun = [r for r in rounds if r.state != Round.State.PLANNED]
    return (begun[-1:] or rounds[:1] or [None])[0]


def _placed_total(agreement: Agreement, round_: Round | None, lines: Iterable[IndicatorLine]) -> Decimal:
    """T of the round; each line learns whether it applies."""
    if round_ is None:
        return agreement.total_weight
    placed = [line.placed(round_.months) for line in lines]
    counted = formula.applying(placed)
    for line in lines:
        line.applicable = line.indicator.pk in counted
    own_weights = any(line.indicator.weight_now is not None for line in lines)
    return formula.applicable_total(agreement.total_weight, placed, own_weights)


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
    return lines


def _indicators(agreement: Agreement, round_: Round | None) -> QuerySet[Indicator]:
    weights = FilteredRelation("round_weights", condition=Q(round_weights__round=round_.pk if round_ else None))
    return (
        Indicator.objects.filter(agreement=agreement)
        .defer("description")
        .annotate(now=weights)
        .annotate(weight_now=F("now__weight"))
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


def _scored(lines: dict[int, IndicatorLine]) -> list[IndicatorLine]:
    """Score every indicator from its criteria, or from its sub-indicators; gives those at the top."""
    top = []
    for line in reversed(lines.values()):
        line.children.reverse()
        parts = [child.part for child in line.children] or [_criterion_part(line, c) for c in line.criteria]
        if parts and all(part.weight for part in parts):
            line.parts = parts
            line.average = formula.weighted_average(parts)
        parent = lines.get(line.indicator.parent_id)
        (parent.children if parent else top).append(line)
    return top[::-1]


def _criterion_part(line: IndicatorLine, criterion: Criterion) -> formula.Part:
    row = line.rows.get(criterion.pk)
    applicable = row is None or row.status != CriterionResult.Status.NOT_APPLICABLE
    return formula.Part(criterion.weight, row.score if row else None, applicable)


def _average(lines: Iterable[IndicatorLine]) -> formula.Average | None:
    parts = [line.part for line in lines]
    return formula.weighted_average(parts) if parts and all(part.weight for part in parts) else None


def _flat(lines: Iterable[IndicatorLine]) -> Iterable[IndicatorLine]:
    for line in lines:
        yield line
        yield from _flat(line.children)


def _in_order(agreement: Agreement, top: list[IndicatorLine]) -> list[GroupLine | IndicatorLine]:
    """Groups before what belongs to them, indicators in the order of the document."""
    groups = _definition(agreement.pk, agreement.definition_stamp).groups
    chains = {line.indicator.pk: _chain(groups, line.indicator.group_id) for line in top}
    ordered: list[GroupLine | IndicatorLine] = []
    printed: set[int] = set()
    for line in top:
        for depth, group in enumerate(chains[line.indicator.pk]):
            if group.pk not in printed:
                printed.add(group.pk)
                members = [other for other in top if group in chains[other.indicator.pk]]
                ordered.append(GroupLine(group, depth, _average(members)))
        ordered.extend(_flat([line]))
    return ordered


def _chain(groups: dict[int, Group], group_id: int | None) -> list[Group]:
    """The groups from the outermost to the one that holds the indicator."""
    chain: list[Group] = []
    while group_id is not None:
        chain.insert(0, groups[group_id])
        group_id = groups[group_id].parent_id
    return chain
