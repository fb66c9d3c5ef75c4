"""How an entry becomes a hash: the same text on SQLite and on PostgreSQL, so that either's chain can be verified.

An entry's canonical text is a JSON array of FIELDS, as `json_build_array(…)::text` writes it; `before` and `after`
stand in it as strings, in the form that jsonb gives back (keys by length, then by bytes). Its SHA-256 is the entry's
hash, and the next entry of the chain holds that in `previous`.
"""
import datetime
import json
from hashlib import sha256

from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.base.base import BaseDatabaseWrapper

FIELDS = (
    "id", "chain", "number", "previous", "at", "actor_id", "actor_name", "address", "action", "unit_id",
    "target_type", "target_id", "target_name", "before", "after", "reason",
)
AT = FIELDS.index("at")
TABLE = "audit_auditevent"
SECONDS_ONLY = len("2026-11-21 09:00:00")

canonical_text = json.JSONEncoder(ensure_ascii=False).encode


def canonical_json(value: object) -> str | None:
    """A JSON value as jsonb writes it back; None stays None. Numbers with a fraction become text, as Decimals do."""
    return None if value is None else json.dumps(_settled(value), cls=DjangoJSONEncoder, ensure_ascii=False)


def _settled(value: object) -> object:
    """The value with its keys in jsonb's order, and without floats, which the databases write in several ways."""
    if isinstance(value, dict):
        named = {key if isinstance(key, str) else json.dumps(key): each for key, each in value.items()}
        return {key: _settled(named[key]) for key in sorted(named, key=_length_first)}
    if isinstance(value, list | tuple):
        return [_settled(each) for each in value]
    return str(value) if isinstance(value, float) else value


def _length_first(key: str) -> tuple[int, bytes]:
    encoded = key.encode()
    return len(encoded), encoded


def entry_hash(text: str) -> str:
    """The hash of an entry's canonical text."""
    return sha256(text.encode()).hexdigest()


def canonical_time(at: datetime.datetime) -> str:
    """A time with its microseconds, in UTC."""
    return at.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def hash_of_values(*values: object) -> str:
    """The hash of FIELDS as SQLite stores them: it may lack a time's microseconds when they are zero."""
    fields = list(values)
    if len(fields[AT]) == SECONDS_ONLY:
        fields[AT] += ".000000"
    return entry_hash(canonical_text(fields))


def know_the_hash(connection: BaseDatabaseWrapper) -> None:
    """Give an SQLite connection the function `audit_hash(FIELDS…)`, once."""
    opened = connection.connection
    if connection.__dict__.get("audit_hash_known_to") is not opened:
        opened.create_function("audit_hash", len(FIELDS), hash_of_values, deterministic=True)
        connection.audit_hash_known_to = opened


def columns(vendor: str) -> str:
    """The FIELDS for a SELECT, each as it stands in the canonical text."""
    asked = {name: f'"{name}"' for name in FIELDS}
    if vendor == "postgresql":
        asked["at"] = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        asked |= {"before": "before::text", "after": "after::text"}
    else:
        asked["at"] = f"CASE length(at) WHEN {SECONDS_ONLY} THEN at || '.000000' ELSE at END"
    return ", ".join(asked.values())
