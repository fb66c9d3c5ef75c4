"""Last year's results scored with this year's rubrics and weights, beside the scores that were published: a fall that
comes from stricter targets shows."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from indicators.earlier import earlier_agreements, paired
from indicators.models import Agreement, Criterion
from indicators.queries import rubric_data, rubric_of, whole_criteria
from kpiportal.accounts.models import User
from scoring.engine import formula, rubric
from scoring.engine.text import EngineError
from scoring.freezing.report import thaw
from scoring.freezing.rounds import load_shown
from scoring.models import CriterionResult, ItemResult, Marking, Snapshot
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine, sum_up
from scoring.queries.results import CriterionSheet, result_data

NOT_APPLICABLE = CriterionResult.Status.NOT_APPLICABLE
# Why last year's result isn't scored anew: something of it has no score, or this year's definition doesn't fit it.
OPEN, DEFINITION = "open", "definition"


class CriterionPair(NamedTuple):
    """A criterion this year and the same one last year; None where there is none."""

    now: Criterion | None
    then: Criterion | None


@dataclass(frozen=True)
class LikeLine:
    """An indicator this year, last year, and last year's result as this year's definition scores it; None where there
    is none. `hindrance`: OPEN or DEFINITION where it isn't scored anew, '' where nothing of either is in the way."""

    now: IndicatorLine | None
    then: IndicatorLine | None
    like: IndicatorLine | None
    criteria: list[CriterionPair]
    hindrance: str = ""

    @property
    def is_comparable(self) -> bool:
        """Whether all of last year's result could be scored anew."""
        return self.like is not None and self.like.score is not None and not self.like.open_weight


@dataclass(frozen=True)
class LikeForLike:
    """Two years beside each other. `published` and `scored_anew` are averages over the same indicators, those at the
    top that can be compared: as published with last year's weights, and with this year's definition and weights."""

    now: AgreementSummary
    then: AgreementSummary
    lines: list[LikeLine] = field(default_factory=list)

    @property
    def compared(self) -> list[LikeLine]:
        """The indicators at the top that both averages are over."""
        top = [line for line in self.lines if line.like and line.then and not line.now.indicator.parent_id]
        both = [line for line in top if line.is_comparable and line.then.score is not None]
        return [line for line in both if line.then.applicable and line.like.applicable]

    @property
    def published(self) -> Decimal | None:
        return _average([line.then.part for line in self.compared])

    @property
    def scored_anew(self) -> Decimal | None:
        return _average([line.like.part for line in self.compared])


def _average(parts: list[formula.Part]) -> Decimal | None:
    whole = parts and all(part.weight for part in parts)
    return formula.weighted_average(parts).score if whole else None


def load_like_for_like(agreement: Agreement, months: int | None = None, *, user: User | None) -> LikeForLike | None:
    """This year's round (see load_shown, also for what it raises) beside the latest round of the agreement before, as
    `user` may see both; None without an earlier one. A constant number of queries."""
    now = load_shown(agreement, months, user=user)
    before = earlier_agreements(agreement, user=user, most=1)
    if not before:
        return None
    then = load_shown(before[0], None, user=user)
    same = paired([line.indicator for line in now.indicators], [line.indicator for line in then.indicators])
    earlier = {line.indicator.pk: line for line in then.indicators}
    likes = _scored_anew(now, {pk: earlier[one.pk] for pk, one in same.items()}, _told(then))
    gone = earlier.keys() - {one.pk for one in same.values()}
    removed = [LikeLine(None, line, None, []) for pk, line in earlier.items() if pk in gone]
    return LikeForLike(now, then, likes + removed)


def _scored_anew(
    now: AgreementSummary, same: Mapping[int, IndicatorLine], told: Mapping[int, CriterionSheet]
) -> list[LikeLine]:
    """This year's lines, each beside last year's (`same`, by this year's key) and that scored anew."""
    then = next(iter(same.values())).indicator.agreement_id if same else None
    new, old = _criteria(now.agreement.pk), _criteria(then)
    for sheet in told.values():
        old.setdefault(sheet.criterion.indicator_id, {})[sheet.criterion.pk] = sheet.criterion
    lines: dict[int, IndicatorLine] = {}
    pairs: dict[int, list[CriterionPair]] = {}
    hindrances: dict[int, set[str]] = {}
    for line in now.indicators:
        pk, one = line.indicator.pk, same.get(line.indicator.pk)
        pairs[pk] = _pairs(_listed(new, pk), _listed(old, one.indicator.pk) if one else [])
        rows = _rows(pairs[pk], told, now.agreement)
        lines[pk] = _carried(line, _listed(new, pk), rows)
        hindrances[pk] = {_why(pair, told) for pair in pairs[pk] if pair.now and pair.now.pk not in rows}
    groups = {line.group.pk: line.group for line in now.lines if isinstance(line, GroupLine)}
    sum_up(replace(now, lines=[], average=None), lines, groups)
    return [
        LikeLine(line, same[pk], lines[pk], pairs[pk], _first(line, hindrances)) if (pk := line.indicator.pk) in same
        else LikeLine(line, None, None, [])
        for line in now.indicators
    ]


Criteria = dict[int, dict[int, Criterion]]  # by indicator, by key


def _criteria(agreement: int | None) -> Criteria:
    found: Criteria = {}
    for criterion in whole_criteria().select_related("indicator").filter(indicator__agreement=agreement):
        found.setdefault(criterion.indicator_id, {})[criterion.pk] = criterion
    return found


def _listed(criteria: Criteria, indicator: int) -> list[Criterion]:
    return list(criteria.get(indicator, {}).values())


def _pairs(now: list[Criterion], then: list[Criterion]) -> list[CriterionPair]:
    """The criteria of one indicator; a single one is the same whatever it is called."""
    same = {now[0].pk: then[0]} if len(now) == len(then) == 1 else paired(now, then)
    kept = {one.pk for one in same.values()}
    both = [CriterionPair(one, same.get(one.pk)) for one in now]
    return both + [CriterionPair(None, one) for one in then if one.pk not in kept]


def _told(then: AgreementSummary) -> dict[int, CriterionSheet]:
    """What counts of each criterion in the round, by its key: as certified where it was."""
    sheets: dict[int, CriterionSheet] = {}
    lines = [line for line in then.indicators if line.rows and line.result]
    sealed = {line.result.pk: line.snapshot for line in lines if line.snapshot}
    for snapshot in Snapshot.objects.filter(result__in=sealed):
        if snapshot.number == sealed[snapshot.result_id]:
            sheets |= {sheet.criterion.pk: sheet for sheet in thaw(snapshot.content).sheet().criteria}
    rows = [row for line in lines if not line.snapshot for row in line.rows.values()]
    keys = [row.pk for row in rows]
    marked = {one.row_id: one for one in Marking.objects.filter(row__in=keys)}
    ticked: dict[int, dict[str, ItemResult]] = {}
    for item in ItemResult.objects.filter(criterion_result__in=keys).select_related("item"):
        ticked.setdefault(item.criterion_result_id, {})[item.item.code] = item
    own = {pk: one for by_key in _criteria(then.agreement.pk).values() for pk, one in by_key.items()}
    for row in rows:
        if criterion := own.get(row.criterion_id):
            items, marking = ticked.get(row.pk, {}), marked.get(row.pk)
            sheets[row.criterion_id] = CriterionSheet(criterion, row, items, {}, then.agreement, marking=marking)
    return sheets


def _rows(
    pairs: Iterable[CriterionPair], told: Mapping[int, CriterionSheet], agreement: Agreement
) -> dict[int, CriterionResult]:
    """Last year's rows scored anew, by this year's criteria; only those that can be."""
    rows: dict[int, CriterionResult] = {}
    for now, then in pairs:
        sheet = told.get(then.pk) if now and then else None
        if sheet is not None and (row := _row(sheet, now, agreement)):
            rows[now.pk] = row
    return rows


def _why(pair: CriterionPair, told: Mapping[int, CriterionSheet]) -> str:
    """What keeps a criterion of this year from being scored with last year's result."""
    if pair.then is None or not _alike(pair.now, pair.then):
        return DEFINITION
    sheet = told.get(pair.then.pk)
    return OPEN if sheet is None or sheet.row.score is None else DEFINITION


def _first(line: IndicatorLine, hindrances: Mapping[int, set[str]]) -> str:
    """What is in the way of an indicator or of one of its parts; what the definition hinders stays so when nothing is
    open any more."""
    found = set(hindrances[line.indicator.pk]).union(*(hindrances[child.indicator.pk] for child in line.children))
    return DEFINITION if DEFINITION in found else OPEN if OPEN in found else ""


def _carried(
    line: IndicatorLine, criteria: list[Criterion], rows: Mapping[int, CriterionResult]
) -> IndicatorLine:
    """This year's line with last year's rows scored anew; without any, unless all of them could be."""
    rows = dict(rows) if len(rows) == len(criteria) else {}
    statuses = {pk: row.status for pk, row in rows.items()}
    return replace(
        line, criteria=criteria, rows=rows, statuses=statuses, children=[], parts=[], average=None, share=None,
        sealed=None, result=None, applicable=True,
    )


def _row(sheet: CriterionSheet, now: Criterion, agreement: Agreement) -> CriterionResult | None:
    score = None
    if sheet.row.status != NOT_APPLICABLE:
        score = score_with(now, sheet, agreement)
        if score is None:
            return None
    row = sheet.row
    return CriterionResult(
        criterion_id=now.pk, status=row.status, value=row.value, count=row.count, score=score,
    )


def score_with(now: Criterion, told: CriterionSheet, agreement: Agreement) -> Decimal | None:
    """What the engine gives for what was reported of a criterion, with another year's rubric; None where it can't be
    scored with it: another kind, unit of measure or other items, nothing reported. A score that a reviewer gave
    without the rubric stays. The figure of a formula is taken as it was stored, to four places, unless nothing of the
    rubric changed."""
    own = rubric_of(now, agreement)
    then = told.criterion
    if own is None or told.row.score is None or not _alike(now, then):
        return None
    given = told.marking is not None and told.marking.given
    if given or rubric_data(now, agreement) == rubric_data(told.criterion, told.agreement):
        return told.row.score if own.scale[0] <= told.row.score <= own.scale[1] else None
    own = rubric.without_formula(own)
    try:
        return rubric.score(own, rubric.parse_result(_answer(told, now), own)).value
    except EngineError:
        return None


def _alike(now: Criterion, then: Criterion) -> bool:
    """Whether two criteria are scored in the same way and measured in the same unit."""
    return (now.kind, unit_of(now)) == (then.kind, unit_of(then))


def unit_of(criterion: Criterion) -> str:
    """In which unit its figure is measured."""
    return criterion.unit_of_measure or criterion.indicator.unit_of_measure


def _answer(told: CriterionSheet, now: Criterion) -> dict | None:
    """What was reported in the words of this year's definition; None of items that aren't the same."""
    if told.criterion.kind == "thresholds" and told.row.status == CriterionResult.Status.REPORTED:
        return None if told.row.value is None else {"value": f"{told.row.value:f}"}
    if told.criterion.counted != now.counted:
        return None
    answer = result_data(told)
    if "done" not in answer:
        return answer
    items = list(now.items.all())
    same = paired(told.criterion.items.all(), items)
    if len(same) != len(items) or len(same) != len(told.criterion.items.all()):
        return None
    codes = {item.code: same[item.pk].code for item in told.criterion.items.all()}
    return {name: [codes[code] for code in ticked] for name, ticked in answer.items()}
