"""What the page of differences prints: finished strings, made once before the template."""
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scoring.engine.text import round4, score_text, signed_text
from scoring.models import FINALITY, Mark, Result
from scoring.pages import DASH
from scoring.queries.differences import Difference, Differences, UnitSum


@dataclass(frozen=True)
class ReasonRow:
    """Why a criterion is marked otherwise: by whom, from which score to which."""

    criterion: str
    stage: str
    scores: str
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True)
class DifferenceRow:
    """One result with its scores by stage and the difference."""

    indicator: str
    result: Result
    months: int
    own: str
    supervisor: str
    office: str
    difference: str
    says: str  # over, under, even
    reasons: list[ReasonRow]


@dataclass(frozen=True)
class UnitRow:
    """One unit's sums."""

    unit: str
    results: int
    claimed: str
    weighted: str


def difference_rows(found: Differences) -> list[DifferenceRow]:
    """The rows of the table, the greatest over-claim first."""
    return [_row(one) for one in found.rows]


def unit_rows(found: Differences) -> list[UnitRow]:
    """The sums of each unit."""
    return [_unit_row(one) for one in found.units]


def _unit_row(one: UnitSum) -> UnitRow:
    return UnitRow(one.unit.name, one.results, signed_text(one.claimed), signed_text(round4(one.weighted)))


def _row(one: Difference) -> DifferenceRow:
    own, supervisor, office = (score_text(one.scores[stage]) for stage in FINALITY)
    return DifferenceRow(
        indicator=str(one.result.indicator),
        result=one.result,
        months=one.result.round.months,
        own=own,
        supervisor=supervisor,
        office=office,
        difference=DASH if one.claimed is None else signed_text(one.claimed),
        says=_says(one.claimed),
        reasons=_reasons(one),
    )


def _says(claimed: Decimal | None) -> str:
    if not claimed:
        return "even"
    return "over" if claimed > 0 else "under"


def _reasons(one: Difference) -> list[ReasonRow]:
    """Each marking of each criterion, in the order in which they count."""
    several = len(one.criteria) > 1 or any(str(each.criterion) != str(one.result.indicator) for each in one.criteria)
    rows = []
    for each in one.criteria:
        before = each.own
        for stage in (Mark.Stage.SUPERVISOR, Mark.Stage.OFFICE):
            said = each.marks.get(stage)
            if said is not None:
                scores = f"{score_text(before.score if before else None)} → {score_text(said.score)}"
                name = str(each.criterion) if several else ""
                rows.append(ReasonRow(name, stage.label, scores, said.reason, said.who, said.at))
                before = said
    return rows
