"""Signed checkpoints: what the heads of all chains were at a time, in the database and in a file outside it."""
import datetime
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import connection, models

from kpiportal.audit.chain import canonical_json, canonical_time, entry_hash
from kpiportal.audit.models import AuditCheckpoint, AuditHead
from kpiportal.audit.signing import opened

LOCK = 4_119_004


class Mark(NamedTuple):
    """A chain's head as a checkpoint holds it."""

    number: int
    hash: str
    checkpoint: int


def one_at_a_time() -> None:
    """Let no other transaction make a checkpoint or an archive until this one ends; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def next_payload(now: datetime.datetime) -> dict | None:
    """What the next checkpoint holds; None when no head moved since the last one."""
    last = AuditCheckpoint.objects.order_by("number").last()
    known = marks(AuditCheckpoint.objects.all())
    heads = AuditHead.objects.filter(number__gt=0).order_by("chain").values_list("chain", "number", "hash")
    moved = [list(head) for head in heads if known.get(head[0], ())[:2] != head[1:]]
    if not moved:
        return None
    number = last.number + 1 if last else 1
    payload = canonical_json({
        "kind": "checkpoint",
        "number": number,
        "at": canonical_time(now),
        "heads": moved,
        "previous": entry_hash(last.payload) if last else "",
    })
    return {"number": number, "at": now, "payload": payload}


def read(checkpoint: AuditCheckpoint) -> dict | None:
    """What a checkpoint holds; None if the portal did not sign it as it stands here."""
    payload = opened("checkpoint", checkpoint.payload, checkpoint.signature)
    columns = {"number": checkpoint.number, "at": canonical_time(checkpoint.at)}
    return payload if payload and payload | columns == payload else None


def marks(some: models.QuerySet[AuditCheckpoint]) -> dict[int, Mark]:
    """The last head of each chain that these checkpoints hold; forged ones don't count."""
    found: dict[int, Mark] = {}
    for checkpoint in some.order_by("number").iterator():
        if payload := read(checkpoint):
            note(payload, found)
    return found


def note(payload: dict, found: dict[int, Mark]) -> None:
    """Take a checkpoint's heads over into `found`."""
    for chain, number, digest in payload["heads"]:
        found[chain] = Mark(number, digest, payload["number"])


def path() -> Path:
    """The file outside the database: a checkpoint a line."""
    return Path(settings.AUDIT_CHECKPOINT_FILE)


def lines() -> Iterator[tuple[str, dict | None]]:
    """The file's checkpoints: the hash of each payload and what it holds, None for what the portal did not sign."""
    if not path().exists():
        return
    with path().open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                found = json.loads(line)
                yield entry_hash(found["payload"]), opened("checkpoint", found["payload"], found["signature"])
            except (ValueError, KeyError, TypeError, AttributeError):
                yield "", None


def _begun(file: BinaryIO) -> list[str]:
    """An empty text where the last line of a file has no end."""
    if not file.seek(0, os.SEEK_END):
        return []
    file.seek(-1, os.SEEK_END)
    return [] if file.read(1) == b"\n" else [""]


def complete_file() -> None:
    """Append the checkpoints that the file lacks: after this one's commit, and what an interruption left out."""
    last = max((payload["number"] for _hash, payload in lines() if payload), default=0)
    missing = AuditCheckpoint.objects.filter(number__gt=last).order_by("number")
    texts = [json.dumps({"payload": each.payload, "signature": each.signature}) for each in missing.iterator()]
    if texts:
        path().parent.mkdir(parents=True, exist_ok=True)
        with path().open("a+b") as file:
            # A line that a power cut left unfinished takes none of these with it.
            file.write("\n".join([*_begun(file), *texts, ""]).encode())
            file.flush()
            os.fsync(file.fileno())
