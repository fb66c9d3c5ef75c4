"""The planner: what raises the scores of an agreement's round most, for one reader."""
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import OuterRef, Subquery, prefetch_related_objects

from indicators.models import Agreement, Criterion, Indicator, Round
from kpiportal.accounts.models import User
from scoring.engine import gains, planner
from scoring.engine.basedata import sum_values
from scoring.engine.gains import Gain
from scoring.engine.rubric import Result as Reported
from scoring.engine.rubric import parse_result
from scoring.engine.text import Message
from scoring.models import BaseDatum, CriterionResult, ItemResult, Result, UnitReport
from scoring.queries.results import CriterionSheet, ResultSheet, result_data
from scoring.queries.standing import Standing, load_standing
from scoring.queries.summary import AgreementSummary, IndicatorLine
from scoring.queries.units import Values

LONGEST_NAME = 60
MARKS = "\u0e31\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e"


@dataclass(frozen=True)
class Advice:
    """One step of a criterion with its gain."""

    indicator: Indicator | None
    result: Result
    criterion: Criterion
    gain: Gain


@dataclass(frozen=True)
class Lack:
    """What a criterion lacks, for a reader from whom scores are hidden."""

    indicator: Indicator
    result: Result
    criterion: Criterion
    messages: list[Message]


@dataclass
class AgreementPlan:
    """A round's steps, the greatest gain first; only what is missing, in the order of the document, where scores are
    hidden from the reader."""

    standing: Standing
    advice: list[Advice] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        return self.standing.summary.hidden


def item_names(criterion: Criterion) -> dict[str, str]:
    """What a step calls the items of a checklist: by their number, else by their name, a long one by both its ends."""
    return {item.code: item.number or f"“{_shortened(item.name)}”" for item in criterion.items.all()}


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    head, tail = name[:LONGEST_NAME // 2], name[-LONGEST_NAME // 2:]
    # A Thai vowel or tone mark doesn't stand without its consonant.
    return f"{head}…{tail.lstrip(MARKS)}"


def best_steps(sheet: ResultSheet, limit: int = 3) -> list[Advice]:
    """The steps that raise a result's own indicator most, without any query more (agreement gains are None).

    Its open criteria count at the floor; a certified result has none. Not for readers from whom scores are hidden.
    """
    if not sheet.scorable or sheet.result.state == Result.State.CERTIFIED:
        return []
    parts = gains.at_floor((one.part for one in sheet.criteria), sheet.criteria[0].agreement.scale_min)
    found = []
    for position, one in enumerate(sheet.criteria):
        if one.part.applicable:
            place = gains.Place(((parts, position),))
            found += [Advice(None, sheet.result, one.criterion, gain) for gain in _gains(one, place)]
    return sorted(found, key=lambda advice: gains.rank(advice.gain))[:limit]


def _gains(sheet: CriterionSheet, place: gains.Place) -> list[Gain]:
    parts, position = place.heights[0]
    steps = planner.steps(sheet.scored_by, _reported(sheet), item_names(sheet.criterion))
    # The stored SM is what counts now; a rubric that was mended since may score what was reported otherwise.
    now = parts[position].score
    return gains.gains([step for step in steps if step.score > now], now, place)


def _reported(sheet: CriterionSheet) -> Reported:
    return parse_result(result_data(sheet), sheet.scored_by)


def load_plan(agreement: Agreement, months: int | None = None, *, user: User | None) -> AgreementPlan:
    """The plan of one round (see load_summary, also for what it raises) in at most 12 queries.

    Steps are given for what the reader sees and what still can change: the own results as they stand, others' from
    their submission on, certified ones not any more.
    """
    standing = load_standing(agreement, months, user=user)
    plan = AgreementPlan(standing)
    lines = [line for line in standing.summary.indicators if _plannable(standing, line)]
    for line, sheets in zip(lines, _sheets(standing.summary, lines), strict=True):
        for position, sheet in sheets.items():
            if plan.hidden:
                lacks = planner.missing(sheet.rubric, _reported(sheet), item_names(sheet.criterion))
                if lacks:
                    plan.lacks.append(Lack(line.indicator, line.result, sheet.criterion, lacks))
            else:
                place = standing.place(line, position)
                plan.advice += [
                    Advice(line.indicator, line.result, sheet.criterion, gain) for gain in _gains(sheet, place)
                ]
    plan.advice.sort(key=lambda advice: gains.rank(advice.gain))
    return plan


def _plannable(standing: Standing, line: IndicatorLine) -> bool:
    pk = line.indicator.pk
    return (
        line.applicable and not line.children and pk in standing.parts and pk in standing.counted
        and line.result.state != Result.State.CERTIFIED
    )


def _sheets(summary: AgreementSummary, lines: list[IndicatorLine]) -> list[dict[int, CriterionSheet]]:
    """For each line the sheets of its applicable criteria by their position, in five queries."""
    criteria = [criterion for line in lines for criterion in line.criteria]
    prefetch_related_objects(criteria, "levels", "items", "variables")
    rows = [row for line in lines for row in line.rows.values()]
    said = _said(rows, criteria)
    data = _base_data(lines, summary.round)
    found = []
    for line in lines:
        sheets = {}
        for position, criterion in enumerate(line.criteria):
            row = line.rows.get(criterion.pk)
            if row is None or not criterion.kind or row.status == CriterionResult.Status.NOT_APPLICABLE:
                continue
            sheets[position] = CriterionSheet(
                criterion, row, said.get(row.pk, {}), data.get(criterion.pk, {}), summary.agreement
            )
        found.append(sheets)
    return found


def _said(rows: Iterable[CriterionResult], criteria: Iterable[Criterion]) -> dict[int, dict[str, ItemResult]]:
    """What was said of items, by the criterion's row and the item's code."""
    codes = {item.pk: item.code for criterion in criteria for item in criterion.items.all()}
    said: dict[int, dict[str, ItemResult]] = {}
    for item in ItemResult.objects.filter(criterion_result__in=[row.pk for row in rows]):
        said.setdefault(item.criterion_result_id, {})[codes[item.item_id]] = item
    return said


def _base_data(lines: list[IndicatorLine], round_: Round | None) -> dict[int, Values]:
    """The base data behind the formulas, by criterion: the sums over the operating units that reported; where none of
    them is asked, what the result's own unit gave."""
    units = {line.indicator.pk: line.result.unit_id for line in lines}
    report = UnitReport.objects.filter(
        criterion=OuterRef("variable__criterion"), round=OuterRef("round"), unit=OuterRef("unit")
    )
    rows = BaseDatum.objects.filter(round=round_, variable__criterion__indicator__in=units).values_list(
        "variable__criterion__indicator", "unit", "variable__criterion", "variable__name", "value",
        Subquery(report.values("status")[:1]),
    )
    data: dict[int, dict[int, Values]] = {}
    for indicator, unit, criterion, name, value, status in rows:
        # What has no report is no operating unit's, which can't save one without the other.
        if status == UnitReport.Status.REPORTED or (status is None and units[indicator] == unit):
            data.setdefault(criterion, {}).setdefault(unit, {})[name] = value
    return {criterion: _summed(list(given.values())) for criterion, given in data.items()}


def _summed(given: list[Values]) -> Values:
    return sum_values(given, {name for values in given for name in values})
