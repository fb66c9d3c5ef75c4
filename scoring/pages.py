"""What the entry page prints: finished strings, made once before the template."""
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.models import ChecklistItem, Criterion, Level
from scoring.beside import Asked, Since
from scoring.engine.text import Message, number_text, plain, score_text
from scoring.evidence_pages import ItemEvidence
from scoring.models import CriterionResult
from scoring.queries.results import CriterionSheet, ResultSheet
from scoring.queries.summary import LevelTarget
from scoring.unit_pages import UnitTable, unit_table
from scoring.values import OthersChange

DASH = "–"
LABELS = {
    "measures": gettext_lazy("Measures taken"),
    "supporting_factors": gettext_lazy("Supporting factors"),
    "obstacles": gettext_lazy("Obstacles"),
    "suggestions": gettext_lazy("Suggestions for next year"),
    "value": gettext_lazy("Result (number)"),
    "count": gettext_lazy("Number of items done"),
    "reason": gettext_lazy("Reason for not reporting"),
    "not_reported": gettext_lazy("Not reported in this round (scores the minimum)"),
    "nothing": gettext_lazy("Nothing is done yet (scores the minimum)"),
    "complete": gettext_lazy("Complete without a file"),
}


@dataclass(frozen=True)
class LevelRow:
    """One level of a rubric as printed; `reached` marks the highest that the score reaches."""

    score: str
    wording: str
    reached: bool


@dataclass(frozen=True)
class ItemRow:
    """One item of a checklist with what was said of it, and what its documents show (None where nobody asks)."""

    item: ChecklistItem
    done: bool
    complete: bool
    declared: bool
    reason: str
    proof: ItemEvidence | None

    @property
    def key(self) -> tuple:
        """All that its part of a page depends on, beside the definition."""
        return self.item.pk, self.done, self.declared, self.reason, self.proof and self.proof.key


@dataclass(frozen=True)
class DatumRow:
    """One base datum of a formula."""

    name: str
    label: str
    unit: str
    value: str


@dataclass(frozen=True)
class TakenRow:
    """A field of the page whose present value others gave it while the page stood: what it is called, and who."""

    field: str
    label: str
    change: OthersChange

    @property
    def when(self) -> str:
        return self.change.when(get_language() or "th")

    @property
    def who(self) -> str:
        return gettext("You, in another window") if self.change.own else self.change.who

    @property
    def sentence(self) -> str:
        """For a page that is drawn anew."""
        values = {"who": self.who, "when": self.when, "field": self.label}
        return gettext("%(who)s changed “%(field)s” at %(when)s; it is shown here now.") % values


@dataclass(frozen=True)
class CriterionPage:
    """One criterion on the entry page."""

    criterion: Criterion
    row: CriterionResult
    weight: str
    score: str
    weighted: str
    levels: list[LevelRow]
    worded: bool  # levels in words stand below each other, targets side by side
    items: list[ItemRow]
    data: list[DatumRow]
    value: str
    nothing: bool
    working: list[Message]
    units: UnitTable | None = None  # where operating units report the base data
    asked: Asked | None = None
    since: Since | None = None

    @property
    def prefix(self) -> str:
        return f"c{self.criterion.pk}"

    @property
    def reached(self) -> str:
        """The level that is marked as reached, by its score."""
        return next((level.score for level in self.levels if level.reached), "")

    @property
    def input(self) -> str:
        """Which input fits the rubric: items, complete_items, count, data, value, level or none."""
        kind = "" if self.not_applicable else self.criterion.kind
        if kind == "count" and self.criterion.counted == Criterion.Counted.NUMBER:
            return "count"
        if kind == "thresholds":
            return "data" if self.criterion.formula else "value"
        names = {"milestones": "items", "count": "items", "complete_count": "complete_items", "level": "level"}
        return names.get(kind, "none")

    @property
    def count(self) -> str:
        return "" if self.row.count is None else str(self.row.count)

    @property
    def not_applicable(self) -> bool:
        return self.row.status == CriterionResult.Status.NOT_APPLICABLE

    @property
    def not_reported(self) -> bool:
        return self.row.status == CriterionResult.Status.NOT_REPORTED

    @property
    def unit(self) -> str:
        return self.criterion.unit_of_measure or self.criterion.indicator.unit_of_measure


class PanelRow(NamedTuple):
    """One criterion's line in the table beside the form."""

    prefix: str
    number: str
    weight: str
    score: str
    weighted: str


@dataclass(frozen=True)
class ScorePanel:
    """The table beside the form: the indicator's score so far."""

    sum_weights: str
    sum_weighted: str
    score: str
    open_weight: str  # '' when nothing is open
    working: list[Message]
    rows: list[PanelRow]


def level_text(level: Level | LevelTarget) -> str:
    """What reaches a level, as printed: its wording, target or number of items; '-' where the level is missing."""
    if level.wording:
        return level.wording
    if level.target is not None:
        return number_text(level.target)
    return str(level.items_needed) if level.items_needed else "-"


def level_rows(criterion: Criterion, score: Decimal | None) -> list[LevelRow]:
    """The rubric's levels from the lowest up, the highest one that `score` reaches marked."""
    levels = sorted(criterion.levels.all(), key=lambda level: level.score)
    reached = max((level.score for level in levels if score is not None and level.score <= score), default=None)
    return [LevelRow(plain(level.score), level_text(level), level.score == reached) for level in levels]


def criterion_page(sheet: CriterionSheet, evidence: Mapping[int, ItemEvidence], hidden: bool) -> CriterionPage:
    """One criterion with everything that the page prints of it; `hidden` leaves out what would tell its score."""
    row, criterion = sheet.row, sheet.criterion
    score = None if hidden else row.score
    values = {name: number_text(value) for name, value in sheet.data.items() if value is not None}
    done = any(item.done for item in sheet.items.values())
    return CriterionPage(
        criterion=criterion,
        row=row,
        weight=DASH if criterion.weight is None else plain(criterion.weight),
        score=score_text(score),
        weighted=DASH if None in (criterion.weight, score) else score_text(criterion.weight * score),
        levels=level_rows(criterion, score),
        worded=any(level.wording for level in criterion.levels.all()),
        items=[_item(sheet, item, evidence) for item in criterion.items.all()],
        data=[
            DatumRow(v.name, v.label, v.unit_of_measure, values.get(v.name, ""))
            for v in (criterion.variables.all() if sheet.units is None else ())
        ],
        value=number_text(row.value) if row.value is not None else "",
        nothing=row.status == CriterionResult.Status.REPORTED and not done,
        working=[] if hidden else sheet.working(),
        units=unit_table(sheet),
    )


def _item(sheet: CriterionSheet, item: ChecklistItem, evidence: Mapping[int, ItemEvidence]) -> ItemRow:
    said = sheet.items.get(item.code)
    return ItemRow(
        item, bool(said and said.done), bool(said and said.complete), bool(said and said.declared),
        said.reason if said else "", evidence.get(item.pk),
    )


def score_panel(sheet: ResultSheet) -> ScorePanel | None:
    """The indicator's score so far; None while the definition is unfinished."""
    average = sheet.average
    if average is None:
        return None
    return ScorePanel(
        sum_weights=plain(average.sum_weights),
        sum_weighted=DASH if average.score is None else score_text(average.sum_weighted),
        score=score_text(average.score),
        open_weight=plain(average.open_weight) if average.open_weight else "",
        working=sheet.working() if average.score is not None else [],
        rows=[_panel_row(one, number, weighted)
              for number, (one, weighted) in enumerate(zip(sheet.criteria, average.weighted, strict=True), 1)],
    )


def _panel_row(sheet: CriterionSheet, number: int, weighted: Decimal | None) -> PanelRow:
    criterion = sheet.criterion
    return PanelRow(
        f"c{criterion.pk}", criterion.number or str(number), plain(criterion.weight), score_text(sheet.row.score),
        score_text(weighted),
    )


def taken_rows(taken: dict[str, OthersChange], sheet: ResultSheet) -> list[TakenRow]:
    """The fields that stayed as others made them, in words; those that only follow from another tick have no name."""
    return [TakenRow(field, field_label(field, sheet) if change.who else "", change) for field, change in taken.items()]


def field_label(field: str, sheet: ResultSheet) -> str:
    """What a field is called on the entry page."""
    if field in LABELS:
        return str(LABELS[field])
    prefix, name, key = (*field.split("-", 2), "")[:3]
    criterion = next(s.criterion for s in sheet.criteria if f"c{s.criterion.pk}" == prefix)
    if name == "text":
        return sheet.result.indicator.agreement.words["results"]
    if name == "data":
        return next(variable.label for variable in criterion.variables.all() if variable.name == key)
    if key:
        item = next(item for item in criterion.items.all() if item.code == key)
        return item.name if name == "done" else f"{LABELS['complete']}: {item.name}"
    return str(LABELS[name])
