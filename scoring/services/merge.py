"""Two pages on one result: what others changed since a page was drawn, and what of its save may stand."""
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from kpiportal.audit.models import AuditEvent
from scoring.engine.text import clean_text
from scoring.models import Result
from scoring.queries.results import CriterionSheet
from scoring.services.trail import fields_of, filled, undone
from scoring.values import CriterionEntry, ResultEntry, Value


class Change(NamedTuple):
    """A field that others changed since the page was drawn: what it was then; who changed it last, and when."""

    was: Value
    who: str
    who_id: int | None
    at: datetime.datetime


class Merge(NamedTuple):
    """What of a save may stand (`data`), the fields in conflict, and everything that was typed or changed by others."""

    data: ResultEntry
    conflicts: frozenset[str] = frozenset()
    typed: Mapping[str, Value] = {}
    changes: Mapping[str, Change] = {}


def merge(
    result: Result, data: ResultEntry, version: int | None, state: Mapping, sheets: list[CriterionSheet]
) -> Merge:
    """Hold a save that was typed over `version` of a result against its present `state`, field by field.

    What the person left as it was stays as others made it; what only the person changed stands; what both changed
    to different values is a conflict and stays as it is. Without a version, or with the present one, all stands.
    """
    typed = _typed_fields(data, sheets)
    bases = {field: max(version, data.keep.get(field, 0)) for field in typed} if version is not None else {}
    if not data.take and min(bases.values(), default=result.version) >= result.version:
        return Merge(data)
    changes = _changes(result, data.page, bases, state)
    now = fields_of(state)
    kept, conflicts = set(data.take & typed.keys()), set()
    for field, change in changes.items():
        theirs, mine = now.get(field), typed[field]
        if field in data.take or mine in (change.was, theirs):
            kept.add(field)
        elif theirs != change.was:
            conflicts.add(field)
    return Merge(_without(data, kept | conflicts, now), frozenset(conflicts), typed, changes)


def _typed_fields(data: ResultEntry, sheets: Iterable[CriterionSheet]) -> dict[str, Value]:
    """What was typed, under the ids of the fields; None where a field was emptied or isn't ticked."""
    typed: dict[str, Value] = {name: clean_text(text) for name, text in data.texts.items()}
    for sheet in sheets:
        prefix, entry = f"c{sheet.criterion.pk}", data.criteria[sheet.criterion.pk]
        typed |= {f"{prefix}-{name}": clean_text(entry[name]) for name in ("text", "reason") if name in entry}
        typed |= {f"{prefix}-{name}": entry[name] for name in ("value", "count", "not_reported") if name in entry}
        typed |= {f"{prefix}-why-{code}": clean_text(why) for code, why in entry.get("item_reasons", {}).items()}
        typed |= {f"{prefix}-data-{name}": value for name, value in entry.get("data", {}).items()}
        if "done" in entry:
            typed[f"{prefix}-nothing"] = entry.get("nothing", False) and not entry["done"]
            for item in sheet.criterion.items.all():
                typed[f"{prefix}-done-{item.code}"] = item.code in entry["done"]
                typed[f"{prefix}-complete-{item.code}"] = item.code in entry.get("complete", ())
    return {field: filled(value) for field, value in typed.items()}


def _changes(result: Result, page: str, bases: Mapping[str, int], state: Mapping) -> dict[str, Change]:
    """Field by field what others saved over its base, read backwards from the present state; what the page itself
    saved is its base from then on."""
    oldest = min(bases.values(), default=result.version)
    # A save raises the version by one and leaves one entry, so there are no more of them than versions.
    saves = AuditEvent.objects.about(result).filter(action="result.saved").order_by("-pk")
    changes: dict[str, Change] = {}
    settled: set[str] = set()
    for entry in saves[: max(result.version - oldest, 0)].iterator(chunk_size=100):
        version = entry.after.get("version", 0)
        if version <= oldest:
            break
        before = {key: was for key, was in entry.before.items() if key in state}
        if not before:
            continue
        earlier = undone(state, before)
        now, was = fields_of(state), fields_of(earlier)
        for field in bases.keys() - settled:
            if now.get(field) == was.get(field) or version <= bases[field]:
                continue
            if page and entry.after.get("page") == page:
                settled.add(field)
            else:
                last = changes.get(field, Change(None, entry.actor_name, entry.actor_id, entry.at))
                changes[field] = last._replace(was=was.get(field))
        state = earlier
    return changes


def _without(data: ResultEntry, kept: set[str], now: Mapping[str, Value]) -> ResultEntry:
    """The save without the fields that stay as they are now."""
    return replace(
        data,
        texts={name: text for name, text in data.texts.items() if name not in kept},
        criteria={pk: _criterion_without(entry, f"c{pk}", kept, now) for pk, entry in data.criteria.items()},
    )


def _criterion_without(entry: CriterionEntry, prefix: str, kept: set[str], now: Mapping[str, Value]) -> CriterionEntry:
    left = CriterionEntry(**{name: value for name, value in entry.items() if f"{prefix}-{name}" not in kept})
    for name in ("not_reported", "nothing"):
        if f"{prefix}-{name}" in kept:
            left[name] = f"{prefix}-{name}" in now
    for name in ("done", "complete"):
        if name in entry:
            start = f"{prefix}-{name}-"
            theirs = {field.removeprefix(start) for field in kept if field.startswith(start)}
            ticked = {code for code in theirs if start + code in now}
            left[name] = frozenset(entry[name] - theirs | ticked)
    for name, part in (("item_reasons", "why"), ("data", "data")):
        if name in entry:
            left[name] = {key: value for key, value in entry[name].items() if f"{prefix}-{part}-{key}" not in kept}
    return left
