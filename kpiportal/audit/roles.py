"""PostgreSQL: what the role that serves the portal may do, table by table."""
from collections.abc import Iterator

from django.db import connection
from django.db.backends.utils import CursorWrapper

from kpiportal.audit.services import CONTENT

GUARDED = """
SELECT c.relname, t.tgargs FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'append_only_refuse' AND c.relnamespace = current_schema()::regnamespace
"""


class Unfit(Exception):
    """The role is none that may serve; the text says why."""


def statements(cursor: CursorWrapper, role: str) -> list[str]:
    """The statements that give `role` its rights, and take all others from it. Raises Unfit."""
    _require_fit(cursor, role)
    cursor.execute("SELECT current_schema(), current_database()")
    schema, database = map(connection.ops.quote_name, cursor.fetchone())
    name = connection.ops.quote_name(role)
    tables = sorted(connection.introspection.table_names(cursor))
    growing = _append_only(cursor)
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}, PUBLIC",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {name}, PUBLIC",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {name}, PUBLIC",
        f"REVOKE TEMPORARY ON DATABASE {database} FROM {name}, PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
        *(
            f"GRANT {right} ON {connection.ops.quote_name(table)} TO {name}"
            for table in tables
            for right in _rights(table, growing)
        ),
    ]


def _require_fit(cursor: CursorWrapper, role: str) -> None:
    """Refuse a role that is not there, that no right binds, or that owns something or may become the owner."""
    cursor.execute(
        "SELECT rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls,"
        " pg_has_role(rolname, current_user, 'MEMBER'),"
        " EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = %s",
        [role],
    )
    found = cursor.fetchone()
    if found is None:
        raise Unfit(f"There is no role {role}: make it with CREATE ROLE first.")
    if any(found):
        raise Unfit(f"{role} is too mighty: it must be no superuser, own nothing, and not be a member of the owner.")


def _append_only(cursor: CursorWrapper) -> dict[str, set[str]]:
    """The tables that `append_only` guards, with the columns that may change."""
    cursor.execute(GUARDED)
    found: dict[str, set[str]] = {}
    for table, arguments in cursor.fetchall():
        named = bytes(arguments).decode().split("\0")
        found.setdefault(table, set()).update(filter(None, named))
    return found


def _rights(table: str, growing: dict[str, set[str]]) -> Iterator[str]:
    """What the role may do with a table."""
    yield "SELECT"
    match table:
        case "django_migrations" | "audit_audithead" | "audit_auditsegment":
            return
        case "audit_auditevent":
            yield f"INSERT (chain, {_columns(CONTENT)})"
        case _ if table in growing:
            yield "INSERT"
            if growing[table]:
                yield f"UPDATE ({_columns(sorted(growing[table]))})"
        case _:
            yield "INSERT, UPDATE, DELETE"


def _columns(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, names))
