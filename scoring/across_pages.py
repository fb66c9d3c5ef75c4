"""What the table of one indicator across units prints."""
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from indicators.models import Indicator
from indicators.queries import criteria_of, reporters_of
from kpiportal.accounts.models import User
from scoring.engine.outliers import Spread, spread
from scoring.engine.text import number_text, plain, score_text
from scoring.models import Result
from scoring.pages import DASH, level_rows
from scoring.queries.across import AcrossRow, load_across, results_across, rounds_of
from scoring.queries.results import CriterionSheet, load_sheet
from scoring.queries.summary import scores_hidden
from scoring.talk_pages import may_review
from scoring.services.rules import WITH, may, with_actor
from scoring.unit_pages import UnitTable, unit_table


@dataclass(frozen=True)
class Line:
    """A unit's line; `open` where this person may decide on it now."""

    row: AcrossRow
    actions: frozenset[str]
    level: str
    reviews: bool
    is_ticked: bool

    @property
    def result(self) -> Result:
        return self.row.result

    @property
    def value(self) -> str:
        return DASH if self.row.value is None else number_text(self.row.value)

    @property
    def score(self) -> str:
        return score_text(self.row.score)

    @property
    def open(self) -> bool:
        return bool(self.actions & {"approve", "mark"})


@dataclass(frozen=True)
class UnitsBehind:
    """The base data that units below give for a criterion, and whose figure lies far from the others'."""

    table: UnitTable
    name: str
    apart: Spread | None
    far: list[str]


def across_context(user: User, indicator: Indicator, months: int, typed: QueryDict | None = None) -> dict:
    """What the page prints; `typed` is what a refused form said."""
    results = list(with_actor(results_across(indicator, months, user=user).select_related(*WITH), user))
    table = load_across(results, user=user)
    ticked = set(typed.getlist("result")) if typed else set()
    lines = [_line(row, user, ticked) for row in table.rows]
    return {
        "indicator": indicator,
        "agreement": indicator.agreement,
        "months": months,
        "rounds": rounds_of(indicator),
        "lines": lines,
        "table": table,
        "apart": _apart(table.spread, table.by_value),
        "criteria": criteria_of(indicator),
        "decides": any(line.open for line in lines),
        "approves": any("approve" in line.actions for line in lines),
        "several": len({line.result.indicator_id for line in lines}) > 1,
        "behind": _behind(results, indicator, user),
        "posted": typed or {},
    }


def _line(row: AcrossRow, user: User, ticked: set[str]) -> Line:
    actions = may(row.result, user)
    score = row.score
    reached = []
    if len(row.rows) == 1 and score is not None:
        reached = [one.score for one in level_rows(row.rows[0].criterion, score) if one.reached]
    level, is_ticked = reached[0] if reached else DASH, str(row.result.pk) in ticked
    return Line(row, actions, level, may_review(row.result, user), is_ticked)


def _apart(found: Spread | None, by_value: bool) -> Mapping[str, str] | None:
    if found is None:
        return None
    return {"median": plain(found.median), "limit": plain(found.limit), "by_value": by_value}


def _behind(results: list[Result], indicator: Indicator, user: User) -> list[UnitsBehind]:
    own = [one for one in results if one.indicator_id == indicator.pk]
    if not own or not reporters_of(indicator):
        return []
    result = own[0]
    if scores_hidden(result.indicator.agreement, user, result.unit.path, result.state):
        return []
    return [_units(sheet) for sheet in load_sheet(result).criteria if sheet.units]


def _units(sheet: CriterionSheet) -> UnitsBehind:
    figures = {
        str(unit.unit): figure for unit in sheet.units
        if unit.counts and (figure := sheet.own_figure(unit).value_used) is not None
    }
    apart = spread(list(figures.values()))
    far = [name for name, figure in figures.items() if apart and apart.is_outlier(figure)]
    return UnitsBehind(unit_table(sheet), str(sheet.criterion), apart, far)
