"""What a POST or an address's query may carry: the names that the views read, as found in their code."""
import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django import forms
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
APPS = ("kpiportal", "indicators", "evidence", "scoring", "reports")
READERS = {"get", "getlist", "pop", "__getitem__"}
HOLDERS = {"POST", "GET", "FILES", "post"}

# Names that say which object is meant; the tests put another's there.
OBJECTS = {"criterion", "evidence", "item", "point", "place", "indicator", "person", "unit", "grant"}
# The rounds' and reminders' own: their own tests try others' (tests/scoring/test_rounds.py and its neighbours).
OBJECTS |= {"assignment", "result", "units", "instead"}
OBJECTS |= {"about"}  # the trail's: tests/trail tries others'
# All others: what is typed, chosen or counted.
VALUES = {
    "action", "active", "address", "answer", "back", "cancelled_from", "card", "check", "code", "comment",
    "complete", "confirm", "copy", "count", "decision", "digest", "digits", "do", "done", "due_on", "email", "file",
    "files", "first_round", "format", "from", "inline", "is_substitute", "keep", "kind", "language", "listed",
    "months", "name", "not_reported", "opens_on", "page", "phone", "position", "q", "reason", "role", "round",
    "scope", "score", "sealed", "seen", "show", "sides", "silent", "since", "state", "table", "take", "text", "until",
    "username", "value", "verdict", "version", "year",
}


def names_read() -> set[str]:
    """Every literal name that code reads from POST, GET or FILES."""
    found = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= set(_names(ast.parse(path.read_text())))
    return found | {name for form in _forms(forms.BaseForm) for name in getattr(form, "base_fields", ())}


def _forms(base: type) -> Iterator[type]:
    """The portal's own forms."""
    for form in base.__subclasses__():
        if form.__module__.split(".")[0] in APPS:
            yield form
        yield from _forms(form)


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
            holder, key = node.func.value, node.args[0] if node.args else None
        elif isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            holder, key = node.comparators[0], node.left
        else:
            continue
        name = getattr(holder, "attr", getattr(holder, "id", ""))
        if name in HOLDERS and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def every_field() -> dict[str, str]:
    """Each field of each model by its name and its column, with a value that would do harm."""
    fields: dict[str, str] = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if getattr(field, "concrete", False):
                fields |= {name: _harm(field) for name in (field.name, getattr(field, "attname", field.name))}
    return fields | {"is_superuser": "on", "is_staff": "on", "role": "admin", "state": "certified", "by": "1"}


def _harm(field: models.Field) -> str:
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField | models.DateField):
        return str(date(2599, 1, 1))
    if isinstance(field, models.CharField | models.TextField) and not field.choices:
        return "smuggled"
    return str(field.choices[-1][0]) if field.choices else "5"


def settled(dumped: object) -> str:
    """A dump without what two equal requests do differently: times, random names of files, tokens."""
    text = re.sub(r"datetime\.datetime\([^()]*(\([^()]*\))?[^()]*\)", "at", repr(dumped))
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+[\d:]+)", "at", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{32,64}\b|!\w{40}\b", "random", text)
