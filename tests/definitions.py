"""Small definitions as plain data for create_agreement, and agreements made of them."""

from collections.abc import Mapping, Sequence

from indicators.models import Agreement
from indicators.services import create_agreement, put_in_force
from scoring.models import Result
from scoring.queries import CriterionSheet, load_sheet
from scoring.services import open_round

LEVEL = {"kind": "level"}
TARGETS = [{"score": str(n), "target": str(65 + 5 * n)} for n in range(1, 6)]
THRESHOLDS = {"kind": "thresholds", "levels": TARGETS}
FORMULA = {
    **THRESHOLDS,
    "formula": "A / B * 100",
    "variables": [
        {"name": "A", "label": "served", "unit": "คน"},
        {"name": "B", "label": "asked", "unit": "คน"},
    ],
}
NUMBER_OF_ITEMS = {
    "kind": "count",
    "counted": "number",
    "levels": [{"score": str(n), "items_needed": n + 5} for n in range(1, 6)],
}
ITEMS = [{"key": key, "number": str(n), "name": f"item {key}"} for n, key in enumerate("abc", 1)]
MILESTONES = {
    "kind": "milestones",
    "levels": [{"score": score, "items": [key]} for score, key in zip("135", "abc", strict=True)],
}
COUNT = {"kind": "count", "levels": [{"score": score, "items_needed": n} for n, score in enumerate("135", 1)]}
COMPLETE_COUNT = {
    "kind": "complete_count",
    "levels": [
        {"score": "1", "when": "none"},
        {"score": "2", "when": "incomplete"},
        *({"score": str(n + 2), "items_needed": n} for n in (1, 2, 3)),
    ],
}
# One criterion of every kind, named by its kind; ten times ten is the indicator's weight.
EVERY_KIND = {
    "milestones": (MILESTONES, ITEMS),
    "count": (COUNT, ITEMS),
    "complete_count": (COMPLETE_COUNT, ITEMS),
    "number": (NUMBER_OF_ITEMS, ()),
    "thresholds": (THRESHOLDS, ()),
    "level": (LEVEL, ()),
    "formula": (FORMULA, ()),
}


def criterion(name: str, weight: str | None, rubric: Mapping = LEVEL, items: Sequence[Mapping] = ()) -> dict:
    """One criterion's definition."""
    return {"number": "", "name": name, "weight": weight, "rubric": rubric, "items": items}


def indicator(weight: str | None = "100", *criteria: Mapping, key: str = "i1", **more) -> dict:
    """One indicator's definition; without criteria it is a single one, scored by a level."""
    row = {"key": key, "number": key, "name": f"indicator {key}", "weight": weight, "lead_unit": "moi"}
    row |= {"supervisor": {"person": "supervisor"}, "collectors": [{"person": "collector"}]}
    return row | ({"criteria": criteria} if criteria else {"rubric": LEVEL}) | more


def definition(*indicators: Mapping, **head) -> dict:
    """A whole definition of the Ministry of Interior for 2569 with one round of 12 months."""
    agreement = {"code": "trial", "unit": "moi", "year": 2569, "name": "trial", "rounds": [{"months": 12}]}
    return {"agreement": agreement | head, "indicators": indicators}


def draft(*indicators: Mapping, **head) -> Agreement:
    """An agreement that isn't in force."""
    return create_agreement(definition(*indicators, **head), by=None)


def in_force(*indicators: Mapping, **head) -> Agreement:
    """An agreement in force, its rounds not yet open."""
    return put_in_force(draft(*indicators, **head), by=None)


def opened(*indicators: Mapping, **head) -> Agreement:
    """An agreement in force with all its rounds open."""
    agreement = in_force(*indicators, **head)
    for round_ in agreement.rounds.all():
        open_round(round_, by=None)
    return agreement


def trial_result(*criteria: Mapping, **head) -> Result:
    """The empty result of an agreement with one indicator, whose criteria weigh 100 together."""
    agreement = opened(indicator("100", *criteria), **head)
    return Result.objects.select_related("indicator__agreement__unit", "round", "unit").get(
        indicator__agreement=agreement
    )


def every_kind() -> Result:
    """The empty result of an indicator with one criterion of every kind, named by it; each weighs 1 of 7."""
    criteria = [criterion(name, "1", rubric, items) for name, (rubric, items) in EVERY_KIND.items()]
    agreement = opened(indicator("7", *criteria), excerpt=True)
    return Result.objects.select_related("indicator__agreement__unit", "round", "unit").get(
        indicator__agreement=agreement
    )


def sheets(result: Result) -> dict[str, CriterionSheet]:
    """A result's criteria as they stand in the database, by name."""
    return {sheet.criterion.name: sheet for sheet in load_sheet(result).criteria}
