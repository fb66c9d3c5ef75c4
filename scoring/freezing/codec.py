"""Rows of tables as plain values, and plain values as rows: exact, whole, and the same text every time."""
import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache

from django.db import models

from evidence.models import Evidence, FileVersion
from indicators.models import (
    Agreement, Assignment, ChecklistItem, Criterion, EvidenceRequirement, FiscalYear, Group, Indicator, Level, Round,
    Variable,
)
from kpiportal.accounts.models import Unit, User
from scoring.models import (
    BaseDatum, CriterionResult, EvidenceUse, ItemResult, ItemReview, Mark, Marking, NotApplicableRequest, Objection,
    Question, Result, UnitReport,
)

Rows = dict[str, list[models.Model]]
# What is frozen, by the name that it has in the content; what stands before is referred to by what stands after.
TABLES: dict[str, type[models.Model]] = {
    "units": Unit, "people": User, "fiscal_years": FiscalYear, "agreements": Agreement, "rounds": Round,
    "groups": Group, "indicators": Indicator, "criteria": Criterion, "levels": Level, "items": ChecklistItem,
    "requirements": EvidenceRequirement, "variables": Variable, "assignments": Assignment, "results": Result,
    "marks": Mark, "criterion_results": CriterionResult, "item_results": ItemResult, "markings": Marking,
    "item_reviews": ItemReview, "questions": Question, "objections": Objection,
    "not_applicable_requests": NotApplicableRequest, "base_data": BaseDatum, "unit_reports": UnitReport,
    "evidence": Evidence, "file_versions": FileVersion, "evidence_uses": EvidenceUse,
}
# Of people what the paper names, of files nothing that only the storage knows.
ONLY: dict[type[models.Model], tuple[str, ...]] = {User: ("id", "name", "position", "phone")}
NEVER: dict[type[models.Model], tuple[str, ...]] = {FileVersion: ("key",), Unit: ("parent_id",)}
# Rows that others bring along, in the order that the table has.
TOGETHER = (
    ("criteria", "levels", "criterion_id"), ("criteria", "items", "criterion_id"),
    ("criteria", "variables", "criterion_id"), ("items", "requirements", "item_id"),
    ("evidence", "versions", "evidence_id"),
)
_HELD_IN = {"versions": "file_versions"}


def fields_of(model: type[models.Model]) -> tuple[str, ...]:
    """The columns of a table that are frozen."""
    every = tuple(field.attname for field in model._meta.concrete_fields if field.attname not in NEVER.get(model, ()))
    return ONLY.get(model, every)


def plain_row(row: models.Model, fields: Iterable[str] | None = None) -> dict:
    """A row as plain values: numbers as text with all their places, times in UTC."""
    return {name: _plain(getattr(row, name)) for name in fields or fields_of(type(row))}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


def row_of(model: type[models.Model], values: Mapping) -> models.Model:
    """The row that was frozen, as an object that nothing saves; columns that came later have their defaults."""
    by_column = _columns(model)
    row = model(**{name: by_column[name].to_python(value) for name, value in values.items() if name in by_column})
    row._state.adding = False
    return row


@cache
def _columns(model: type[models.Model]) -> dict[str, models.Field]:
    return {field.attname: field for field in model._meta.concrete_fields}


def plain_rows(rows: Rows) -> dict[str, list[dict]]:
    """All rows as plain values."""
    return {name: [plain_row(row) for row in found] for name, found in rows.items()}


def rows_of(tables: Mapping[str, list[Mapping]]) -> Rows:
    """The frozen rows as objects that know each other: keys lead to the frozen row, and lists of what belongs to one
    are there without a query."""
    rows = {name: [row_of(TABLES[name], values) for values in tables.get(name, ())] for name in TABLES}
    found = {(type(row), row.pk): row for name in TABLES for row in rows[name]}
    for row in found.values():
        for field in row._meta.concrete_fields:
            target = found.get((field.related_model, getattr(row, field.attname))) if field.is_relation else None
            if target is not None:
                setattr(row, field.name, target)
    for parents, children, key in TOGETHER:
        _bring_along(rows[parents], children, rows[_HELD_IN.get(children, children)], key)
    return rows


def _bring_along(parents: Iterable[models.Model], name: str, children: list[models.Model], key: str) -> None:
    for parent in parents:
        held = getattr(type(parent), name).rel.related_model._default_manager.all()
        held._result_cache = [child for child in children if getattr(child, key) == parent.pk]
        held._prefetch_done = True
        parent.__dict__.setdefault("_prefetched_objects_cache", {})[name] = held


def canonical(content: object) -> str:
    """The one text of a content: the same content always gives the same bytes."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_of(text: str) -> str:
    """The hash of a text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
