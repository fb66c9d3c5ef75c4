"""The line of a certified result in lists and in the agreement's summary: a small part of what was frozen, kept beside
it so that a table of many indicators reads no whole report."""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from indicators.models import Criterion, Indicator, Level
from scoring.freezing.codec import canonical, row_of
from scoring.models import FINALITY, CriterionResult

INDICATOR = ("id", "number", "name", "unit_of_measure")
CRITERION = ("id", "indicator_id", "order", "number", "name", "weight", "unit_of_measure", "kind", "counted", "formula")
LEVEL = ("criterion_id", "score", "wording", "target", "items_needed")
ROW = ("id", "criterion_id", "status", "value", "count", "score")


@dataclass(frozen=True)
class SealedLine:
    """What a table prints of a certified result. Shared between requests: nobody may change it."""

    number: int
    indicator: Indicator
    criteria: list[Criterion]
    levels: dict[int, dict[Decimal, Level]]  # by criterion, by score
    rows: dict[int, CriterionResult]  # by criterion
    weight: Decimal | None
    score: Decimal | None
    share: Decimal | None
    total: Decimal | None  # T of that share


def line_of(content: Mapping) -> str:
    """The line of a frozen result, as canonical JSON."""
    tables = content["tables"]
    stages = {mark["id"]: mark["stage"] for mark in tables["marks"]}
    said = sorted(tables["criterion_results"], key=lambda row: FINALITY[stages[row["mark_id"]]])
    final = {row["criterion_id"]: row for row in said}
    return canonical({
        "number": content["number"],
        "figures": content["figures"],
        "indicator": _some(tables["indicators"][0], INDICATOR),
        "criteria": [_some(row, CRITERION) for row in tables["criteria"]],
        "levels": [_some(row, LEVEL) for row in tables["levels"]],
        "rows": [_some(final[row["id"]], ROW) for row in tables["criteria"]],
    })


def _some(row: Mapping, names: tuple[str, ...]) -> dict:
    return {name: row[name] for name in names}


@lru_cache(maxsize=1000)
def read_line(text: str) -> SealedLine:
    """A line's text as the rows that tables are made of."""
    line = json.loads(text)
    criteria = [row_of(Criterion, row) for row in line["criteria"]]
    levels: dict[int, dict[Decimal, Level]] = {}
    for level in (row_of(Level, row) for row in line["levels"]):
        levels.setdefault(level.criterion_id, {})[level.score] = level
    rows = {row["criterion_id"]: row_of(CriterionResult, row) for row in line["rows"]}
    figures = {name: None if value is None else Decimal(value) for name, value in line["figures"].items()}
    indicator = row_of(Indicator, line["indicator"])
    return SealedLine(line["number"], indicator, criteria, levels, rows, **figures)
