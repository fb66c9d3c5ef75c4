"""A trail of its own for each test: three chains, and the file of checkpoints in a folder that vanishes."""

import pytest
from django.db import connection, transaction

from kpiportal.accounts.models import Unit
from kpiportal.audit.chain import FIELDS, canonical_text, columns, entry_hash
from kpiportal.audit.entries import chain_now
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.services import record
from kpiportal.audit.verification import Finding, Verification

CHAINS, LENGTH = (900_001, 900_002, 900_003), 6


@pytest.fixture(autouse=True)
def outside(settings, tmp_path):
    """The files outside the database."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "checkpoints.jsonl")
    settings.AUDIT_ARCHIVE_DIR = str(tmp_path / "archive")
    return tmp_path


@pytest.fixture
def trail(db) -> None:
    """Three chains of six entries, written in turn."""
    for turn in range(LENGTH):
        for chain in CHAINS:
            write(chain, turn)
    chain_now()


def write(chain: int, turn: int = 0, **more) -> AuditEvent:
    """One entry in a chain."""
    values = {"before": {"score": None}, "after": {"text": f"ครั้งที่ {turn}", "b": [turn, {"long name": 1, "z": 2}]}}
    with transaction.atomic():
        return record("thing.done", by=None, target=Unit(pk=turn), unit_id=chain, **(values | more))


def found(run: Verification | None = None) -> list[Finding]:
    """What is wrong in the chains of `trail`, in the checkpoints and segments."""
    return [each for each in (run or Verification()).found() if each.chain in (None, *CHAINS)]


def kinds() -> set[tuple]:
    """Kind, chain and number of all that is wrong."""
    return {(each.kind, each.chain, each.number) for each in found()}


def sql(statement: str, *values) -> list[tuple]:
    """Run raw SQL."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def stored(chain: int) -> list[dict]:
    """A chain's entries by their columns, as the canonical text has them."""
    names = ("hash", *FIELDS)
    query = f"SELECT hash, {columns(connection.vendor)} FROM audit_auditevent WHERE chain = %s ORDER BY number"
    return [dict(zip(names, row, strict=True)) for row in sql(query, chain)]


def rehash(chain: int, *, head: bool = True) -> None:
    """What an attacker who knows the form does: hash all of a chain anew, and set its head."""
    previous = ""
    for number, entry in enumerate(stored(chain), 1):
        entry |= {"number": number, "previous": previous}
        digest = entry_hash(canonical_text([entry[name] for name in FIELDS]))
        query = "UPDATE audit_auditevent SET number = %s, previous = %s, hash = %s WHERE id = %s"
        sql(query, number, previous, digest, entry["id"])
        previous = digest
    if head:
        sql("UPDATE audit_audithead SET number = %s, hash = %s WHERE chain = %s", number, previous, chain)
