"""Switching off what keeps tables append-only: for the flush between tests, and for attacks by raw SQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

ON_POSTGRESQL = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace
"""


@contextmanager
def without_triggers() -> Iterator[None]:
    """Inside the block no trigger fires; afterwards all are as before, whatever happened."""
    if connection.vendor == "postgresql":
        found = _fetch("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED", ON_POSTGRESQL)
        off = [f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"' for table, name in found]
        on = [f'ALTER TABLE "{table}" ENABLE TRIGGER "{name}"' for table, name in found]
    else:
        found = _fetch("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        off, on = [f'DROP TRIGGER "{name}"' for name, _ in found], [sql for _, sql in found]
    _run(off)
    try:
        yield
    finally:
        _run(on)


def _fetch(*statements: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall()


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
