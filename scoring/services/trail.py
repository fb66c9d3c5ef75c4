"""A result's state as the audit trail keeps it, what differs between two of them, and its single fields."""
from collections.abc import Iterable, Mapping
from decimal import Decimal

from scoring.engine.text import number_text, score_text
from scoring.models import TEXTS, CriterionResult, Result
from scoring.queries.results import CriterionSheet
from scoring.values import Value

CRITERION = "criterion "
# Which keys of a criterion's state stand in its row, and which in the rows of its items.
ROW = frozenset({"status", "value", "count", "text", "reason", "score"})
ITEMS = frozenset({"done", "complete", "why"})


def state_of(result: Result, sheets: Iterable[CriterionSheet]) -> dict:
    """The texts by name and each criterion's report under 'criterion <pk>', of types that JSON keeps."""
    texts = {name: getattr(result, name) for name in TEXTS}
    return texts | {f"{CRITERION}{sheet.criterion.pk}": _criterion_state(sheet) for sheet in sheets}


def _criterion_state(sheet: CriterionSheet) -> dict:
    row, items = sheet.row, sheet.items.items()
    return {
        "status": str(row.status),
        "value": None if row.value is None else number_text(row.value),
        "count": row.count,
        "text": row.text,
        "reason": row.reason,
        "done": sorted(code for code, item in items if item.done),
        "complete": sorted(code for code, item in items if item.declared),
        "why": {code: item.reason for code, item in items if item.reason},
        "data": {name: number_text(value) for name, value in sheet.data.items() if value is not None},
        "score": None if row.score is None else score_text(row.score),
    }


def difference(before: Mapping, after: Mapping) -> tuple[dict, dict]:
    """Only what differs, as (before, after); of what lies inside, too. None stands for what wasn't there."""
    old, new = {}, {}
    for key in before | after:
        was, now = before.get(key), after.get(key)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            was, now = difference(was, now)
            if not now:
                continue
        if was != now:
            old[key], new[key] = was, now
    return old, new


def undone(state: Mapping, before: Mapping) -> dict:
    """The state before a change, from the state after it and the entry's `before`."""
    earlier = dict(state)
    for key, was in before.items():
        earlier[key] = undone(state[key], was) if isinstance(state.get(key), Mapping) and was is not None else was
    return earlier


def fields_of(state: Mapping) -> dict[str, Value]:
    """A state field by field, under the ids that the fields have on the entry page; empty ones are left out."""
    fields: dict[str, Value] = {}
    for key, said in state.items():
        if key.startswith(CRITERION):
            fields |= _criterion_fields(f"c{key.removeprefix(CRITERION)}", said)
        else:
            fields[key] = said
    return {field: value for field, value in fields.items() if filled(value) is not None}


def filled(value: Value) -> Value:
    """None for a text that is empty and a tick that isn't set; 0 is a value."""
    return None if value is False or value == "" else value


def _criterion_fields(prefix: str, said: Mapping) -> dict[str, Value]:
    status = CriterionResult.Status
    return {
        f"{prefix}-text": said["text"],
        f"{prefix}-reason": said["reason"],
        f"{prefix}-value": _number(said["value"]),
        f"{prefix}-count": said["count"],
        f"{prefix}-not_reported": said["status"] == status.NOT_REPORTED,
        f"{prefix}-nothing": said["status"] == status.REPORTED and not said["done"],
        **{f"{prefix}-done-{code}": True for code in said["done"]},
        **{f"{prefix}-complete-{code}": True for code in said["complete"]},
        **{f"{prefix}-why-{code}": why for code, why in said["why"].items()},
        **{f"{prefix}-data-{name}": _number(value) for name, value in said["data"].items()},
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
