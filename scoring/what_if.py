"""What-if: what was typed is scored in memory and seen from the agreement; nothing is saved."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from indicators.models import Variable
from scoring.engine import rubric as rubrics
from scoring.engine.formula import weighted_average
from scoring.engine.gains import Change, Height, at_floor, climb
from scoring.engine.text import EngineError, Message, number_text, plain, score_text
from scoring.models import CriterionResult
from scoring.pages import DASH, criterion_page
from scoring.queries.results import CriterionSheet, ResultSheet
from scoring.queries.standing import Standing
from scoring.queries.summary import IndicatorLine
from scoring.values import CriterionEntry


@dataclass(frozen=True)
class Trial:
    """A result tried with other inputs. `scores`: SM by criterion, None where it would be open; `indicator` and
    `agreement` with what is open at the floor, None where there is no such score; `errors` by field."""

    scores: Mapping[int, Decimal | None]
    indicator: Change | None
    agreement: Change | None
    errors: Mapping[str, Message]


def tried(sheet: ResultSheet, entries: Mapping[int, CriterionEntry], standing: Standing | None) -> Trial:
    """Score `sheet` as if `entries` (by criterion; others as they stand, and what a reviewer gave) were saved. The
    agreement's score needs the standing that its reader may see, else it is None. Rows and database stay as they
    are."""
    scores, errors = {}, {}
    for one in sheet.criteria:
        pk = one.criterion.pk
        scores[pk] = one.row.score
        if pk in entries and one.rubric is not None and not one.is_fixed:
            try:
                scores[pk] = _scored(one, entries[pk])
            except EngineError as error:
                name = error.field.removeprefix("result.").replace(".", "-")
                errors[f"c{pk}-{name}"] = error.message
    indicator = agreement = None
    if sheet.scorable:
        before = _average(sheet, {one.criterion.pk: one.row.score for one in sheet.criteria})
        after = _average(sheet, scores)
        if before is not None:
            indicator = Change(before, after)
            agreement = _agreement(sheet, indicator, standing)
    return Trial(scores, indicator, agreement, errors)


def _scored(sheet: CriterionSheet, entry: CriterionEntry) -> Decimal | None:
    data = _typed(sheet, entry)
    return sheet.row.score if data is None else rubrics.score(
        sheet.rubric, rubrics.parse_result(data, sheet.rubric)).value


def _typed(sheet: CriterionSheet, entry: CriterionEntry) -> dict | None:
    """What was typed, in the form that the engine reads; None where it can't be read, so that what stands counts."""
    if sheet.row.status == CriterionResult.Status.NOT_APPLICABLE:
        return {"status": "not_applicable"}
    if entry.get("not_reported"):
        return {"status": "not_reported"}
    if "done" in entry:
        said = entry["done"] or entry.get("nothing")
        complete = {"complete": sorted(entry["complete"])} if sheet.criterion.kind == "complete_count" else {}
        return {"done": sorted(entry["done"]), **complete} if said else {}
    if sheet.criterion.formula:
        data = entry.get("data", {})
        names = [variable.name for variable in sheet.criterion.variables.all()]
        return {"data": {name: _text(data.get(name)) for name in names}}
    for name in ("count", "value"):
        if name in entry:
            return {name: _text(entry[name])}
    return None


def _text(number: Decimal | int | None) -> str | None:
    return None if number is None else f"{Decimal(number):f}"


def _average(sheet: ResultSheet, scores: Mapping[int, Decimal | None]) -> Decimal | None:
    parts = [one.part._replace(score=scores[one.criterion.pk]) for one in sheet.criteria]
    return weighted_average(at_floor(parts, sheet.criteria[0].agreement.scale_min)).score


def _agreement(sheet: ResultSheet, indicator: Change, standing: Standing | None) -> Change | None:
    """The agreement's score with the indicator before and after; the result itself counts as it stands."""
    line = line_of(sheet, standing)
    if line is None:
        return None
    before, after = (climb(standing.above[line.indicator.pk], score)[-1].score for score in indicator)
    return Change(before, after)


def line_of(sheet: ResultSheet, standing: Standing | None) -> IndicatorLine | None:
    """The indicator's line in an agreement that has a score, where this very result counts in it: an operating unit's
    own report doesn't stand in the agreement."""
    if standing is None or not standing.has_total:
        return None
    pk = sheet.result.indicator_id
    line = next(line for line in standing.summary.indicators if line.indicator.pk == pk)
    return line if line.result is not None and line.result.pk == sheet.result.pk and line.applicable else None


@dataclass(frozen=True)
class Field:
    """One number that can be typed."""

    name: str
    label: str
    unit: str
    value: str


@dataclass(frozen=True)
class Tick:
    """One item that can be ticked."""

    code: str
    label: str
    done: bool
    complete: bool


@dataclass(frozen=True)
class TrialRow:
    """One criterion on the page: its inputs and its figures, as printed."""

    prefix: str
    title: str
    number: str
    weight: str
    input: str  # see CriterionPage.input
    fields: list[Field]
    ticks: list[Tick]
    nothing: bool
    not_reported: bool
    applicable: bool
    now: str
    then: str
    difference: str


def trial_rows(sheet: ResultSheet, trial: Trial, typed: QueryDict | None) -> list[TrialRow]:
    """What the page prints of each criterion, with what was typed in place of what stands."""
    return [_row(one, number, trial, typed) for number, one in enumerate(sheet.criteria, 1)]


def _row(sheet: CriterionSheet, number: int, trial: Trial, typed: QueryDict | None) -> TrialRow:
    criterion, page = sheet.criterion, criterion_page(sheet, {}, hidden=True)
    now, then = sheet.row.score, trial.scores[criterion.pk]
    prefix = page.prefix

    def ticked(name: str, stands: bool) -> bool:
        return stands if typed is None else f"{prefix}-{name}" in typed

    done = {row.item.code for row in page.items if row.done}
    complete = {row.item.code for row in page.items if row.complete}
    if typed is not None:
        done, complete = (set(typed.getlist(f"{prefix}-{name}")) for name in ("done", "complete"))
    return TrialRow(
        prefix=prefix,
        title=str(criterion),
        number=criterion.number or str(number),
        weight=page.weight,
        input=page.input,
        fields=_fields(sheet, typed),
        ticks=[
            Tick(row.item.code, str(row.item), row.item.code in done, row.item.code in complete) for row in page.items
        ],
        nothing=ticked("nothing", page.nothing and page.input in ("items", "complete_items")),
        not_reported=ticked("not_reported", sheet.row.status == CriterionResult.Status.NOT_REPORTED),
        applicable=sheet.row.status != CriterionResult.Status.NOT_APPLICABLE,
        now=score_text(now),
        then=score_text(then),
        difference=DASH if None in (now, then) else Change(now, then).text,
    )


def _datum(sheet: CriterionSheet, variable: Variable) -> Field:
    """A base datum; where operating units report it, its sum over them."""
    name, value = variable.name, sheet.data.get(variable.name)
    label = f"{name} = {variable.label}" if sheet.units is None else f"Σ {name} = {variable.label}"
    shown = "" if value is None else number_text(value)
    return Field(f"c{sheet.criterion.pk}-data-{name}", label, variable.unit_of_measure, shown)


def _fields(sheet: CriterionSheet, typed: QueryDict | None) -> list[Field]:
    criterion = sheet.criterion
    page = criterion_page(sheet, {}, hidden=True)
    if page.input == "data":
        found = [_datum(sheet, variable) for variable in criterion.variables.all()]
    elif page.input in ("count", "value", "level"):
        name = "count" if page.input == "count" else "value"
        low_high = (plain(sheet.agreement.scale_min), plain(sheet.agreement.scale_max))
        unit = " – ".join(low_high) if page.input == "level" else page.unit
        stands = sheet.row.count if name == "count" else sheet.row.value
        shown = "" if stands is None else number_text(Decimal(stands))
        found = [Field(f"{page.prefix}-{name}", "", unit, shown)]
    else:
        found = []
    if typed is None:
        return found
    return [Field(field.name, field.label, field.unit, typed.get(field.name, "")) for field in found]
