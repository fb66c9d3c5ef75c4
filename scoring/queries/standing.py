"""An agreement's round as the planner counts it: what is open at the floor, drafts of others as open."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.models import Agreement, Assignment, Group
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import active_memberships, holds
from kpiportal.accounts.roles import VIEW_AGREEMENTS, VIEW_RESULTS, roles_with
from scoring.engine.formula import Part, weighted_average
from scoring.engine.gains import Height, Place, at_floor
from scoring.models import CriterionResult, Result
from scoring.queries.summary import AgreementSummary, IndicatorLine, load_summary

HANDED_IN = (Result.State.SUBMITTED, Result.State.APPROVED, Result.State.CERTIFIED)


@dataclass
class Standing:
    """The averages of a round with everything that doesn't count yet at the floor.

    `counted`: the indicators whose result counts as it stands: the reader's own, and others' from their submission on.
    `parts`: what each indicator's average is taken over, by its key; those of unfinished definitions are left out.
    `top`: the agreement's parts, None while an indicator lacks a weight or criteria.
    """

    summary: AgreementSummary
    counted: frozenset[int]
    parts: dict[int, tuple[Part, ...]] = field(default_factory=dict)
    top: tuple[Part, ...] | None = None
    above: dict[int, tuple[Height, ...]] = field(default_factory=dict)

    @property
    def has_total(self) -> bool:
        """Whether the agreement has a score of its own (an excerpt has none)."""
        return self.top is not None and not self.summary.agreement.is_excerpt

    @property
    def score(self) -> Decimal | None:
        """The agreement's score with what is open at the floor."""
        return weighted_average(self.top).score if self.has_total else None

    @property
    def waiting(self) -> int:
        """How many applicable indicators count at the floor because another unit has not handed them in."""
        leaves = (line for line in self.summary.indicators if line.applicable and not line.children)
        return sum(line.indicator.pk not in self.counted for line in leaves)

    def place(self, line: IndicatorLine, position: int) -> Place:
        """Where a criterion of an indicator stands, by its position among the indicator's criteria."""
        pk = line.indicator.pk
        return Place(((self.parts[pk], position), *self.above[pk]), self.has_total)


def load_standing(agreement: Agreement, months: int | None = None, *, user: User | None) -> Standing:
    """Read one round as load_summary does (and with its exceptions), and count it for this reader. One query more."""
    summary = load_summary(agreement, months, user=user)
    standing = Standing(summary, _counted(summary, user))
    top = [line for line in summary.indicators if line.indicator.parent_id is None]
    parts = [_part(standing, line) for line in top]
    if top and all(part.weight for part in parts) and any(part.applicable for part in parts):
        standing.top = at_floor(parts, agreement.scale_min)
    for position, line in enumerate(top):
        _set_above(standing, line, () if standing.top is None else ((standing.top, position),))
    return standing


def standing_around(result: Result, user: User) -> Standing | None:
    """The agreement around a result, where the reader may see it with its scores."""
    agreement = result.indicator.agreement
    if not holds(user, VIEW_AGREEMENTS, agreement.unit.path):
        return None
    standing = load_standing(agreement, result.round.months, user=user)
    return None if standing.summary.hidden else standing


def groups_over(standing: Standing, position: int) -> list[tuple[Group, list[int]]]:
    """The groups that hold one of the agreement's parts, from the outermost in, each with the positions of all its
    members. One query."""
    groups = {group.pk: group for group in Group.objects.filter(agreement=standing.summary.agreement)}
    top = [line.indicator for line in standing.summary.indicators if line.indicator.parent_id is None]
    chains = [_chain(groups, indicator.group_id) for indicator in top]
    return [
        (group, [place for place, chain in enumerate(chains) if group in chain]) for group in chains[position]
    ]


def _chain(groups: Mapping[int, Group], pk: int | None) -> list[Group]:
    return [] if pk is None else [*_chain(groups, groups[pk].parent_id), groups[pk]]


def _counted(summary: AgreementSummary, user: User | None) -> frozenset[int]:
    found = [line for line in summary.indicators if line.result is not None]
    if user is None or not found:
        return frozenset(line.indicator.pk for line in found)
    roles = roles_with(VIEW_RESULTS)
    units = {membership.unit_id for membership in active_memberships(user) if membership.role in roles}
    mine = set(Assignment.objects.filter(person=user, round=summary.round).values_list("indicator", "unit"))
    return frozenset(
        line.indicator.pk for line in found
        if line.result.state in HANDED_IN or line.result.unit_id in units
        or (line.indicator.pk, line.result.unit_id) in mine
    )


def _part(standing: Standing, line: IndicatorLine) -> Part:
    """An indicator among its neighbours; its score None where its own definition is unfinished."""
    floor = standing.summary.agreement.scale_min
    below = [_part(standing, child) for child in line.children] or _criteria(standing, line)
    score = None
    if below and all(part.weight for part in below):
        standing.parts[line.indicator.pk] = at_floor(below, floor)
        score = weighted_average(standing.parts[line.indicator.pk]).score
    return Part(line.weight, score, line.applicable)


def _criteria(standing: Standing, line: IndicatorLine) -> list[Part]:
    rows: Mapping[int, CriterionResult] = line.rows if line.indicator.pk in standing.counted else {}
    return [
        Part(
            criterion.weight,
            rows[criterion.pk].score if criterion.pk in rows else None,
            line.statuses.get(criterion.pk) != CriterionResult.Status.NOT_APPLICABLE,
        )
        for criterion in line.criteria
    ]


def _set_above(standing: Standing, line: IndicatorLine, heights: tuple[Height, ...]) -> None:
    pk = line.indicator.pk
    standing.above[pk] = heights
    for position, child in enumerate(line.children):
        own = ((standing.parts[pk], position),) if pk in standing.parts else ()
        _set_above(standing, child, (*own, *heights))
