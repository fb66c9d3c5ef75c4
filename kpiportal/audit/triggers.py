"""Tables that only grow, guarded in the database itself: for the migrations of every app.

    operations = [append_only("scoring_snapshot", except_columns=("superseded_at",))]

A later migration that alters such a table makes SQLite build it anew, without triggers: it names `append_only` again
afterwards.
"""
from collections.abc import Iterable, Sequence

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

# One function for all tables; its arguments are the columns that may change. Raised as a broken constraint.
REFUSE = """
CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) - coalesce(TG_ARGV, '{}') = to_jsonb(NEW) - coalesce(TG_ARGV, '{}') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23000';
END $$
"""


def append_only(table: str, except_columns: Sequence[str] = ()) -> migrations.RunPython:
    """A migration's operation: rows of the table are never deleted, and of a row only `except_columns` may change."""

    def forward(apps, schema_editor) -> None:
        for statement in guard(schema_editor.connection, table, except_columns):
            schema_editor.execute(statement, params=None)

    def backward(apps, schema_editor) -> None:
        for statement in unguard(schema_editor.connection.vendor, table):
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(forward, backward)


def guard(connection: BaseDatabaseWrapper, table: str, except_columns: Sequence[str] = ()) -> list[str]:
    """The statements that make a table append-only on this connection's database."""
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    unknown = set(except_columns) - set(columns)
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}.")
    if connection.vendor == "postgresql":
        return [REFUSE, *_on_postgresql(table, except_columns)]
    return list(_on_sqlite(table, [column for column in columns if column not in except_columns]))


def unguard(vendor: str, table: str) -> list[str]:
    """The statements that take the guard away again."""
    names = [f"{table}_{what}" for what in ("changed", "emptied" if vendor == "postgresql" else "deleted")]
    where = f' ON "{table}"' if vendor == "postgresql" else ""
    return [f'DROP TRIGGER IF EXISTS "{name}"{where}' for name in names]


def _on_postgresql(table: str, except_columns: Iterable[str]) -> Iterable[str]:
    arguments = ", ".join(f"'{column}'" for column in except_columns)
    yield (
        f'CREATE TRIGGER "{table}_changed" BEFORE UPDATE OR DELETE ON "{table}"'
        f" FOR EACH ROW EXECUTE FUNCTION append_only_refuse({arguments})"
    )
    yield (
        f'CREATE TRIGGER "{table}_emptied" BEFORE TRUNCATE ON "{table}"'
        " FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse()"
    )


def _on_sqlite(table: str, fixed: Iterable[str]) -> Iterable[str]:
    differs = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in fixed)
    for event, name, when in (("UPDATE", "changed", f"WHEN {differs}"), ("DELETE", "deleted", "")):
        yield (
            f'CREATE TRIGGER "{table}_{name}" BEFORE {event} ON "{table}" {when}'
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: {event} refused'); END"
        )
