"""The agreement's summary: indicators, groups and the total of one round, in a constant number of queries."""
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet

from indicators.models import Agreement, Criterion, Group, Indicator, Level, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import SEE_HIDDEN_SCORES
from scoring.engine import formula
from scoring.models import CriterionResult, Mark, Result, visible_results

# The final mark of a criterion is the office's, else the supervisor's, else the collectors'.
FINALITY = {Mark.Stage.SELF: 0, Mark.Stage.SUPERVISOR: 1, Mark.Stage.OFFICE: 2}

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
    children: list["IndicatorLine"] = field(default_factory=list)
    applicable: bool = True
    average: formula.Average | None = None
    share: Decimal | None = None

    @property
    def score(self) -> Decimal | None:
        return self.average.score if self.average else None

    @property
    def part(self) -> formula.Part:
        return formula.Part(self.weight, self.score, self.applicable)

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


def scores_hidden(agreement: Agreement, user: User | None, unit_path: str, state: str = "") -> bool:
    """Whether scores are hidden from this reader: the agreement hides them from its reporting units until certified
    (seed 001: 'ส่วนราชการไม่ต้องใส่ผลคะแนนมา'). Without a reader (commands), nothing is hidden."""
    if not agreement.hide_scores or state == Result.State.CERTIFIED or user is None:
        return False
    return not holds(user, SEE_HIDDEN_SCORES, unit_path)


def load_summary(agreement: Agreement, months: int | None = None, *, user: User | None) -> AgreementSummary:
    """Read one round (the latest that is open or closed, unless `months` names one) as `user` may see it; `user=None`
    is a command of the machine's owner and sees all."""
    rounds = list(agreement.rounds.all())
    round_ = _chosen(rounds, months)
    top = _indicator_lines(agreement, round_, user)
    total = formula.applicable_total(agreement.total_weight, [line.part for line in top if line.weight])
    for line in _flat(top):
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


def _chosen(rounds: list[Round], months: int | None) -> Round | None:
    wanted = [r for r in rounds if r.months == months]
    begun = [r for r in rounds if r.state != Round.State.PLANNED]
    return (wanted or begun[-1:] or rounds[:1] or [None])[0]


def _indicator_lines(agreement: Agreement, round_: Round | None, user: User | None) -> list[IndicatorLine]:
    levels: dict[int, dict[Decimal, LevelTarget]] = {}
    found = Level.objects.filter(criterion__indicator__agreement=agreement).order_by()
    for criterion, score, *row in found.values_list("criterion", "score", "wording", "target", "items_needed"):
        levels.setdefault(criterion, {})[score] = LevelTarget(*row)
    criteria: dict[int, list[Criterion]] = {}
    for criterion in Criterion.objects.filter(indicator__agreement=agreement).defer("intro", "note"):
        criteria.setdefault(criterion.indicator_id, []).append(criterion)
    lines = {
        indicator.pk: IndicatorLine(
            indicator, indicator.weight if indicator.weight_now is None else indicator.weight_now,
            criteria.get(indicator.pk, []), levels,
        )
        for indicator in _indicators(agreement, round_)
    }
    if round_:
        _attach_results(lines, round_, user)
        for line in lines.values():
            line.applicable = line.indicator.runs_in(round_.months)
    return _scored(lines)


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
    scope = Q() if user is None else visible_results(user, "mark__result__")
    rows = CriterionResult.objects.filter(scope, mark__result__round=round_).select_related("mark__result")
    rows = rows.only(*PRINTED)
    for row in sorted(rows, key=lambda row: FINALITY[row.mark.stage]):
        line = lines[row.mark.result.indicator_id]
        lead = line.indicator.lead_unit_id or round_.agreement.unit_id
        if row.mark.result.unit_id == lead:
            line.result = row.mark.result
            line.rows[row.criterion_id] = row


def _scored(lines: dict[int, IndicatorLine]) -> list[IndicatorLine]:
    """Score every indicator from its criteria, or from its sub-indicators; gives those at the top."""
    top = []
    for line in reversed(lines.values()):
        line.children.reverse()
        parts = [child.part for child in line.children] or [_criterion_part(line, c) for c in line.criteria]
        if parts and all(part.weight for part in parts):
            line.average = formula.weighted_average(parts)
            line.applicable = line.applicable and any(part.applicable for part in parts)
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
    groups = {group.pk: group for group in Group.objects.filter(agreement=agreement)}
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
