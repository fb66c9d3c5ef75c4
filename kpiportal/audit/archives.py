"""Archive files: the canonical texts of whole segments, a line each, in gzip; beside them what was signed.

The first line names the fields. Of every other line the SHA-256 (without the end of the line) is the entry's hash, and
stands in the next line of its chain.
"""
import datetime
import fcntl
import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from kpiportal.audit import checkpoints, entries
from kpiportal.audit.chain import AT, FIELDS, canonical_json, canonical_text, canonical_time, entry_hash
from kpiportal.audit.checkpoints import Mark
from kpiportal.audit.models import AuditCheckpoint, AuditSegment
from kpiportal.audit.signing import opened, sign


class NotArchived(Exception):
    """Nothing was archived or deleted; the text says why."""

    @classmethod
    def unsound(cls, chain: int, number: int) -> "NotArchived":
        """The trail itself is damaged."""
        words = _("Chain %(chain)s is not sound at entry %(number)s: run verify_audit; nothing was archived.")
        return cls(words % {"chain": chain, "number": number})


def require_age(before: datetime.datetime) -> None:
    """Raise NotArchived if entries that must stay would go."""
    oldest = timezone.localtime() - datetime.timedelta(days=settings.AUDIT_KEEP_DAYS)
    if before > oldest:
        words = _("Entries stay for %(days)s days (AUDIT_KEEP_DAYS): name a date not after %(date)s.")
        raise NotArchived(words % {"days": settings.AUDIT_KEEP_DAYS, "date": oldest.date().isoformat()})


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let no other process write into the folder of archives: two of them would write into one file, and what the
    second one writes is not what the first one signed."""
    folder = Path(settings.AUDIT_ARCHIVE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotArchived(_("Another archive is being written: try again when it is done.")) from error
        yield


class Written(NamedTuple):
    """An archive file and the rows of its segments."""

    path: Path
    segments: list[dict]
    entries: int


def write(before: datetime.datetime) -> Written | None:
    """Write and verify the archive of all up to the last signed checkpoint before a time; None if that is nothing.

    Raises NotArchived when the trail is not sound there.
    """
    ends = _ends(before)
    starts = last_archived()
    parts = {chain: mark for chain, mark in ends.items() if mark.number > starts.get(chain, Mark(0, "", 0)).number}
    if not parts:
        return None
    folder = Path(settings.AUDIT_ARCHIVE_DIR)
    sealed = max(mark.checkpoint for mark in ends.values())
    path = folder / f"audit-{sealed:06}-{canonical_time(before)[:10]}.jsonl.gz"
    unfinished = path.with_name(f"{path.name}.part")
    segments = [_segment(chain, parts[chain], starts.get(chain, Mark(0, "", 0))) for chain in sorted(parts)]
    count = _write_lines(unfinished, segments, before)
    unfinished.rename(path)
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    rows = [_signed(segment | {"archive": path.name, "sha256": digest}) for segment in segments]
    _write_beside(path, rows)
    for problem in problems_of(path):
        raise NotArchived(problem)
    return Written(path, rows, count)


def _ends(before: datetime.datetime) -> dict[int, Mark]:
    """The heads at the last checkpoint before a time."""
    return checkpoints.marks(AuditCheckpoint.objects.filter(at__lt=before))


def last_archived() -> dict[int, Mark]:
    """The last archived entry of each chain, as signed; its third value is the segment's key."""
    found: dict[int, Mark] = {}
    for segment in AuditSegment.objects.order_by("chain", "first").iterator():
        if part := opened("segment", segment.payload, segment.signature):
            found[part["chain"]] = Mark(part["last"], part["hash"], segment.pk)
    return found


def _segment(chain: int, end: Mark, start: Mark) -> dict:
    return {
        "kind": "segment", "chain": chain, "first": start.number + 1, "last": end.number,
        "previous": start.hash, "hash": end.hash, "checkpoint": end.checkpoint,
    }


def _write_lines(path: Path, segments: list[dict], before: datetime.datetime) -> int:
    """Write the entries of the segments, each compared with the chain; gives how many. NotArchived if one is wrong."""
    count, limit = 0, canonical_time(before)
    with path.open("wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8", newline="\n") as file:
            file.write(canonical_text(FIELDS) + "\n")
            for part in segments:
                number, previous = part["first"] - 1, part["previous"]
                for row in entries.rows(part["chain"], after=number, last=part["last"]):
                    text, number = canonical_text(row[1:]), number + 1
                    sound = (row[entries.NUMBER], row[entries.PREVIOUS]) == (number, previous)
                    if not sound or entry_hash(text) != row[0] or row[1 + AT] >= limit:
                        raise NotArchived.unsound(part["chain"], number)
                    file.write(text + "\n")
                    previous, count = row[0], count + 1
                if (number, previous) != (part["last"], part["hash"]):
                    raise NotArchived.unsound(part["chain"], number)
        raw.flush()
        os.fsync(raw.fileno())
    return count


def _signed(part: dict) -> dict:
    """A segment's row: what is asked for by columns, and all of it signed."""
    payload = canonical_json(part)
    return {name: part[name] for name in ("chain", "first", "last")} | {"payload": payload, "signature": sign(payload)}


def _write_beside(path: Path, rows: list[dict]) -> None:
    """Write the signed segments, and bring both files onto the disk: the rows are deleted after this."""
    with side_file(path).open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({"payload": row["payload"], "signature": row["signature"]}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def side_file(path: Path) -> Path:
    """The file beside an archive that holds its segments and their signatures."""
    return path.with_name(f"{path.name}.sig")


def problems_of(path: Path) -> Iterator[str]:
    """What is wrong with an archive file, a sentence each; it needs no database."""
    try:
        signed = [json.loads(line) for line in side_file(path).read_text(encoding="utf-8").splitlines()]
        parts = [opened("segment", each["payload"], each["signature"]) for each in signed]
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield _("%(file)s or its .sig can't be read: %(error)s") % {"file": path.name, "error": error}
        return
    if None in parts:
        yield _("%(file)s: a signature in its .sig is forged.") % {"file": path.name}
        return
    if not parts or any(part["sha256"] != digest for part in parts):
        yield _("%(file)s has another SHA-256 than was signed.") % {"file": path.name}
    try:
        yield from _lines_do_not_follow(path, parts)
    except (OSError, EOFError, ValueError, TypeError, IndexError) as error:
        yield _("%(file)s or its .sig can't be read: %(error)s") % {"file": path.name, "error": error}


def _lines_do_not_follow(path: Path, parts: list[dict]) -> Iterator[str]:
    """A sentence for the first line of each chain that is not the one that was signed."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        next(file, None)
        for part in parts:
            previous, at = part["previous"], ""
            for number in range(part["first"], part["last"] + 1):
                text = next(file, "\n").removesuffix("\n")
                fields = dict(zip(FIELDS, json.loads(text or "[]"), strict=False))
                place = fields.get("chain"), fields.get("number"), fields.get("previous")
                if not at and place != (part["chain"], number, previous):
                    at = number
                previous = entry_hash(text)
            if at or previous != part["hash"]:
                words = _("%(file)s: chain %(chain)s is not what was signed, from entry %(number)s.")
                yield words % {"file": path.name, "chain": part["chain"], "number": at or part["last"]}
        if next(file, None) is not None:
            yield _("%(file)s holds more than was signed.") % {"file": path.name}
