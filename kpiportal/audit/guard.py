"""The database's own guard over the trail: what it refuses, and how it keeps the heads of the chains.

On SQLite, where one transaction writes at a time, an entry comes with its place and the triggers compare it with the
head. On PostgreSQL an entry gets its place when its transaction commits: the heads are then locked in the order of
their chains, so that two transactions never wait for each other, and no row is waited for while a head is held.
"""
from kpiportal.audit.chain import FIELDS

HEAD = "coalesce((SELECT {} FROM audit_audithead WHERE chain = NEW.chain), {})"
IS_NEXT = f"NEW.number = {HEAD.format('number', 0)} + 1"
SEALED = (
    "EXISTS (SELECT 1 FROM audit_auditsegment s"
    " WHERE s.chain = OLD.chain AND OLD.number BETWEEN s.first AND s.last)"
)
IN_TRAIL = (
    "EXISTS (SELECT 1 FROM audit_auditevent e"
    " WHERE e.chain = NEW.chain AND e.number = NEW.number AND e.hash = NEW.hash)"
)
UNCHANGED = "The audit trail is append-only: an entry can't be changed."
KEPT = "The audit trail is append-only: only what an archive holds can be deleted."
FOLLOWS = "The audit trail is a chain: an entry must follow the last one."
HEAD_KEPT = "The head of a chain moves by an entry only."

EVENT, HEADS = "audit_auditevent", "audit_audithead"


def _refuse(message: str) -> str:
    return "SELECT RAISE(ABORT, '{}');".format(message.replace("'", "''"))


def _trigger(name: str, event: str, table: str, body: str, when: str = "1") -> str:
    return f"CREATE TRIGGER {name} {event} ON {table} WHEN {when} BEGIN {body} END"


ON_SQLITE = [
    _trigger(
        "audit_follows", "BEFORE INSERT", EVENT, _refuse(FOLLOWS),
        f"(NEW.chain = coalesce(NEW.unit_id, 0) AND {IS_NEXT} AND NEW.previous = {HEAD.format('hash', repr(''))}"
        f" AND length(NEW.hash) = 64 AND NOT EXISTS (SELECT 1 FROM {EVENT} WHERE id = NEW.id)) IS NOT TRUE",
    ),
    _trigger(
        "audit_moves_head", "AFTER INSERT", EVENT,
        f"INSERT INTO {HEADS} (chain, number, hash) VALUES (NEW.chain, NEW.number, NEW.hash)"
        " ON CONFLICT (chain) DO UPDATE SET number = excluded.number, hash = excluded.hash;",
    ),
    _trigger("audit_changed", "BEFORE UPDATE", EVENT, _refuse(UNCHANGED)),
    _trigger("audit_deleted", "BEFORE DELETE", EVENT, _refuse(KEPT), f"NOT {SEALED}"),
    _trigger("audit_head_added", "BEFORE INSERT", HEADS, _refuse(HEAD_KEPT), f"({IS_NEXT} AND {IN_TRAIL}) IS NOT TRUE"),
    _trigger(
        "audit_head_changed", "BEFORE UPDATE", HEADS, _refuse(HEAD_KEPT),
        f"(NEW.chain = OLD.chain AND NEW.number = OLD.number + 1 AND {IN_TRAIL}) IS NOT TRUE",
    ),
    _trigger("audit_head_deleted", "BEFORE DELETE", HEADS, _refuse(HEAD_KEPT)),
]

_CANONICAL = {name: f"e.{name}" for name in FIELDS} | {
    "number": "n",
    "previous": "p",
    "at": "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "before": "e.before::text",
    "after": "e.after::text",
}
_HASH = f"encode(sha256(convert_to(json_build_array({', '.join(_CANONICAL.values())})::text, 'UTF8')), 'hex')"


def _raise(message: str) -> str:
    return "RAISE EXCEPTION '{}' USING ERRCODE = '23000';".format(message.replace("'", "''"))


def _function(name: str, body: str, declare: str = "") -> str:
    """A trigger's function, which runs as its owner and finds no table but those of the schema."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $body$"
        f" {declare} BEGIN {body} END $body$;"
        f" DO $do$ BEGIN EXECUTE format('ALTER FUNCTION {name}() SET search_path = %I, pg_temp', current_schema());"
        f" END $do$; REVOKE ALL ON FUNCTION {name}() FROM PUBLIC"
    )


_ENTER = f"""
    IF NEW.number IS NULL AND NEW.previous IS NULL AND NEW.hash IS NULL AND NEW.chain = coalesce(NEW.unit_id, 0) THEN
        RETURN NEW;
    END IF;
    {_raise(FOLLOWS)}"""
_CHAIN = f"""
    IF NOT EXISTS (SELECT 1 FROM {EVENT} WHERE id = NEW.id AND number IS NULL) THEN
        RETURN NULL;
    END IF;
    FOR c IN SELECT DISTINCT chain FROM {EVENT} WHERE number IS NULL ORDER BY chain LOOP
        INSERT INTO {HEADS} (chain, number, hash) VALUES (c, 0, '') ON CONFLICT DO NOTHING;
        SELECT number, hash INTO n, p FROM {HEADS} WHERE chain = c FOR UPDATE;
        FOR e IN SELECT * FROM {EVENT} WHERE chain = c AND number IS NULL ORDER BY id LOOP
            n := n + 1;
            h := {_HASH};
            UPDATE {EVENT} SET number = n, previous = p, hash = h WHERE id = e.id;
            UPDATE {HEADS} SET number = n, hash = h WHERE chain = c;
            p := h;
        END LOOP;
    END LOOP;
    RETURN NULL;"""
_CHANGE = f"""
    IF TG_OP = 'DELETE' THEN
        IF {SEALED} THEN
            RETURN OLD;
        END IF;
        {_raise(KEPT)}
    END IF;
    e := NEW;
    e.number := NULL; e.previous := NULL; e.hash := NULL;
    IF OLD.number IS NULL AND e IS NOT DISTINCT FROM OLD AND {IS_NEXT}
        AND NEW.previous = {HEAD.format('hash', repr(''))} THEN
        RETURN NEW;
    END IF;
    {_raise(UNCHANGED)}"""
_HEAD = f"""
    IF TG_OP = 'INSERT' THEN
        IF NEW.number = 0 AND NEW.hash = '' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.chain = OLD.chain AND NEW.number = OLD.number + 1 AND {IN_TRAIL} THEN
            RETURN NEW;
        END IF;
    END IF;
    {_raise(HEAD_KEPT)}"""

ON_POSTGRESQL = [
    _function("audit_enter", _ENTER),
    _function("audit_chain", _CHAIN, f"DECLARE c bigint; e {EVENT}%ROWTYPE; n bigint; p text; h text;"),
    _function("audit_change", _CHANGE, f"DECLARE e {EVENT}%ROWTYPE;"),
    _function("audit_head", _HEAD),
    f"CREATE TRIGGER audit_follows BEFORE INSERT ON {EVENT} FOR EACH ROW EXECUTE FUNCTION audit_enter()",
    f"CREATE CONSTRAINT TRIGGER audit_moves_head AFTER INSERT ON {EVENT} DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION audit_chain()",
    f"CREATE TRIGGER audit_changed BEFORE UPDATE OR DELETE ON {EVENT} FOR EACH ROW EXECUTE FUNCTION audit_change()",
    f"CREATE TRIGGER audit_head_changed BEFORE INSERT OR UPDATE OR DELETE ON {HEADS}"
    " FOR EACH ROW EXECUTE FUNCTION audit_head()",
    f"CREATE TRIGGER audit_emptied BEFORE TRUNCATE ON {EVENT} FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse()",
    f"CREATE TRIGGER audit_head_emptied BEFORE TRUNCATE ON {HEADS}"
    " FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse()",
]
FUNCTIONS = ("audit_enter", "audit_chain", "audit_change", "audit_head")
# What `verify_audit` looks for.
TRIGGERS = {
    "sqlite": (
        "audit_follows", "audit_moves_head", "audit_changed", "audit_deleted",
        "audit_head_added", "audit_head_changed", "audit_head_deleted",
        "audit_auditcheckpoint_changed", "audit_auditcheckpoint_deleted",
        "audit_auditsegment_changed", "audit_auditsegment_deleted",
    ),
    "postgresql": (
        "audit_follows", "audit_moves_head", "audit_changed", "audit_head_changed",
        "audit_emptied", "audit_head_emptied",
        "audit_auditcheckpoint_changed", "audit_auditcheckpoint_emptied",
        "audit_auditsegment_changed", "audit_auditsegment_emptied",
    ),
}


def forward(apps, schema_editor) -> None:
    """Set the triggers, for a migration."""
    connection = schema_editor.connection
    for statement in ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE:
        schema_editor.execute(statement, params=None)


def backward(apps, schema_editor) -> None:
    """Take them away."""
    if schema_editor.connection.vendor == "postgresql":
        for name in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE", params=None)
        schema_editor.execute(f"DROP TRIGGER audit_emptied ON {EVENT}", params=None)
        schema_editor.execute(f"DROP TRIGGER audit_head_emptied ON {HEADS}", params=None)
        return
    for statement in ON_SQLITE:
        schema_editor.execute(f"DROP TRIGGER {statement.split()[2]}", params=None)
