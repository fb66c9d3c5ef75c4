"""The lines of an agreement's summary, and how they add up: indicators, groups, the total."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from indicators.models import Agreement, Criterion, Group, Indicator, Round
from scoring.engine import formula
from scoring.freezing.line import SealedLine
from scoring.models import CriterionResult, Result, RoundSeal

# The statuses of an indicator that doesn't apply: all its criteria were taken out of the round.
NOT_APPLICABLE = {CriterionResult.Status.NOT_APPLICABLE}


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
    sealed: SealedLine | None = None  # as it was certified, or as its round was closed
    opened_again: bool = False  # since the closing of its round

    def seal(self, sealed: SealedLine) -> None:
        """Print and count what was certified; its rows where the reader may see them."""
        self.sealed, self.weight = sealed, sealed.weight
        self.criteria, self.levels = sealed.criteria, sealed.levels
        for name in ("number", "name", "unit_of_measure"):
            setattr(self.indicator, name, getattr(sealed.indicator, name))
        self.statuses = {pk: row.status for pk, row in sealed.rows.items()}
        self.rows = sealed.rows if self.rows else {}
        self.share = sealed.share if self.rows else None

    @property
    def snapshot(self) -> int:
        """The number of the snapshot that it was certified with; 0 where it isn't certified."""
        return self.sealed.number if self.sealed else 0

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
            self.indicator.pk, self.indicator.parent_id, self.weight,
            bool(self.snapshot) or self.indicator.runs_in(months),
            applies=set(self.statuses.values()) != NOT_APPLICABLE,
        )

    def keeps_share(self, total: Decimal) -> bool:
        """Whether it shows the share that it was certified with, which isn't that of this T."""
        if not self.snapshot or None in (self.share, self.score, self.weight) or total <= 0:
            return False
        return self.share != formula.share(self.weight, self.score, total)

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
    hidden: bool  # scores are hidden from this reader
    own_weights: bool  # the round has weights of its own
    lines: list[GroupLine | IndicatorLine] = field(default_factory=list)
    average: formula.Average | None = None
    total: Decimal = Decimal(0)  # T: the declared total less the weights that don't apply in the round
    seal: RoundSeal | None = None  # the closed round's, where this was read from it

    @property
    def indicators(self) -> list[IndicatorLine]:
        return [line for line in self.lines if isinstance(line, IndicatorLine)]

    @property
    def score(self) -> Decimal | None:
        """The agreement's score; an excerpt has none of its own."""
        return self.average.score if self.average and not self.agreement.is_excerpt else None


def sum_up(summary: AgreementSummary, lines: Mapping[int, IndicatorLine], groups: Mapping[int, Group]) -> None:
    """Fill a summary from its indicators by their keys, in the order of the document: T, shares, averages, and the
    groups before what belongs to them. A line that was sealed keeps its share; an indicator of parts
    has no rows of its own and gets it from them."""
    summary.total = _placed_total(summary, lines.values())
    top = _scored(lines)
    for line in lines.values():
        counts = line.score is not None and line.weight and line.applicable
        if counts and (line.children or not line.sealed):
            line.share = formula.share(line.weight, line.score, summary.total)
    summary.average = _average(top)
    summary.lines = _in_order(groups, top)


def _placed_total(summary: AgreementSummary, lines: Iterable[IndicatorLine]) -> Decimal:
    """T of the round; each line learns whether it applies."""
    if summary.round is None:
        return summary.agreement.total_weight
    placed = [line.placed(summary.round.months) for line in lines]
    counted = formula.applying(placed)
    for line in lines:
        line.applicable = line.indicator.pk in counted
    return formula.applicable_total(summary.agreement.total_weight, placed, summary.own_weights)


def _scored(lines: Mapping[int, IndicatorLine]) -> list[IndicatorLine]:
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


def _in_order(groups: Mapping[int, Group], top: list[IndicatorLine]) -> list[GroupLine | IndicatorLine]:
    """Groups before what belongs to them, indicators in the order of the document."""
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


def _chain(groups: Mapping[int, Group], group_id: int | None) -> list[Group]:
    """The groups from the outermost to the one that holds the indicator."""
    chain: list[Group] = []
    while group_id is not None:
        chain.insert(0, groups[group_id])
        group_id = groups[group_id].parent_id
    return chain
