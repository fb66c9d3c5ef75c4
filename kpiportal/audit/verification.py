"""Whether the trail is what was written: every entry follows the one before it, up to the heads and the checkpoints.

It finds an entry that was edited, deleted, inserted, swapped or cut from the end, and a forged checkpoint or archive,
as it streams. What is rewritten with all that follows is found if a checkpoint had seen it.
"""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.utils.translation import gettext as _

from kpiportal.audit import checkpoints, entries, guard
from kpiportal.audit.archives import last_archived
from kpiportal.audit.chain import canonical_text, entry_hash
from kpiportal.audit.checkpoints import Mark
from kpiportal.audit.entries import CHAIN, NUMBER, PREVIOUS
from kpiportal.audit.models import AuditCheckpoint, AuditHead, AuditSegment
from kpiportal.audit.signing import opened

NOTHING = Mark(0, "", 0)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its kind, the chain and number where, and a sentence."""

    kind: str
    sentence: str
    chain: int | None = None
    number: int | None = None


@dataclass
class Verification:
    """One run over the whole trail; `found()` streams what is wrong, the counts stand afterwards."""

    entries: int = 0
    chains: int = 0
    marks: dict[int, Mark] = field(default_factory=dict)
    starts: dict[int, Mark] = field(default_factory=dict)
    heads: dict[int, tuple[int, str]] = field(default_factory=dict)

    def found(self) -> Iterator[Finding]:
        """Everything that is wrong, one by one."""
        entries.chain_now()
        yield from _missing_triggers()
        yield from self._checkpoints()
        yield from self._segments()
        self.heads = heads()
        yield from (_said("unchained", 0, pk) for pk in entries.unchained())
        yield from self._chains()

    def _checkpoints(self) -> Iterator[Finding]:
        """Checkpoints in the database: signed, in order, each with the hash of the one before; then the file's."""
        before, stored = None, {}
        for each in AuditCheckpoint.objects.order_by("number").iterator():
            stored[each.number] = entry_hash(each.payload)
            if (payload := checkpoints.read(each)) is None:
                yield _said("checkpoint forged", None, each.number)
            else:
                follows = entry_hash(before.payload) if before else ""
                last = before.number if before else 0
                if (each.number, payload["previous"]) != (last + 1, follows):
                    yield _said("checkpoint out of order", None, each.number)
                checkpoints.note(payload, self.marks)
            before = each
        yield from self._file(stored)

    def _file(self, stored: dict[int, str]) -> Iterator[Finding]:
        """The file outside holds the same checkpoints; what it holds beyond counts as well."""
        there = set()
        for place, (digest, payload) in enumerate(checkpoints.lines(), 1):
            if payload is None:
                yield _said("line forged", None, place)
                continue
            there.add(payload["number"])
            if stored.get(payload["number"]) != digest:
                kind = "checkpoint replaced" if payload["number"] in stored else "checkpoint deleted"
                yield _said(kind, None, payload["number"])
                later = [head for head in payload["heads"] if head[1] > self.marks.get(head[0], NOTHING).number]
                checkpoints.note(payload | {"heads": later}, self.marks)
        yield from (_said("line missing", None, number) for number in sorted(stored.keys() - there))

    def _segments(self) -> Iterator[Finding]:
        """Archived segments: signed, without a gap; the chain goes on from the last one."""
        before: dict[int, Mark] = {}
        for each in AuditSegment.objects.order_by("chain", "first").iterator():
            last = before.get(each.chain, NOTHING)
            part = opened("segment", each.payload, each.signature)
            if part is None:
                yield _said("segment forged", each.chain, each.first)
                continue
            columns = each.chain, each.first, each.last, last.number + 1, last.hash
            if columns != (part["chain"], part["first"], part["last"], part["first"], part["previous"]):
                yield _said("segment out of order", each.chain, each.first)
            before[each.chain] = Mark(part["last"], part["hash"], each.pk)
        self.starts = last_archived()

    def _chains(self) -> Iterator[Finding]:
        """Every chain that has entries, then those that should have some."""
        seen = set()
        for chain, rows in groupby(entries.rows(), itemgetter(CHAIN)):
            seen.add(chain)
            yield from self._chain(chain, rows)
        for chain in sorted((self.heads.keys() | self.marks.keys()) - seen):
            yield from self._chain(chain, ())
        self.chains = len(seen)

    def _chain(self, chain: int, rows: Iterable[tuple]) -> Iterator[Finding]:
        """One chain, from its start or its last archived entry."""
        number, previous, _segment = self.starts.get(chain, NOTHING)
        mark = self.marks.get(chain, NOTHING)
        if mark.number == number and mark.hash != previous:
            yield _said("rewritten", chain, number, checkpoint=mark.checkpoint)
        for row in rows:
            self.entries += 1
            here = row[NUMBER]
            if not isinstance(here, int) or here <= number:
                yield _said("inserted", chain, here)
                continue
            if here > number + 1:
                yield _said("deleted", chain, number + 1, last=here - 1)
            elif row[PREVIOUS] != previous:
                yield _said("does not follow", chain, here)
            if _hash(row) != row[0]:
                yield _said("edited", chain, here)
            if here == mark.number and row[0] != mark.hash:
                yield _said("rewritten", chain, here, checkpoint=mark.checkpoint)
            number, previous = here, row[0]
        yield from self._end(chain, number, previous)

    def _end(self, chain: int, number: int, previous: str) -> Iterator[Finding]:
        """The last entry is the head's, and no checkpoint has seen a later one. What came meanwhile is no harm."""
        head, digest = self.heads.get(chain, (0, ""))
        mark = self.marks.get(chain, NOTHING)
        if number < max(head, mark.number):
            yield _said("cut", chain, number + 1, last=max(head, mark.number))
        elif head < mark.number:
            yield _said("head set back", chain, head)
        elif number == head and previous != digest:
            yield _said("head replaced", chain, head)
        elif number > head and number > heads(chain).get(chain, (0, ""))[0]:
            yield _said("inserted", chain, number)


def _hash(row: tuple) -> str:
    try:
        return entry_hash(canonical_text(row[1:]))
    except (TypeError, UnicodeEncodeError):  # not even of the right kind
        return ""


def heads(chain: int | None = None) -> dict[int, tuple[int, str]]:
    """The heads as they are now: of one chain or of all."""
    found = AuditHead.objects.all() if chain is None else AuditHead.objects.filter(chain=chain)
    return {each: (number, digest) for each, number, digest in found.values_list("chain", "number", "hash")}


def _missing_triggers() -> Iterator[Finding]:
    """Triggers that were taken away or switched off."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal"
        " AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
    }
    with connection.cursor() as cursor:
        cursor.execute(query[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    for name in sorted(set(guard.TRIGGERS[connection.vendor]) - there):
        yield Finding("trigger", _("The trigger %(name)s is gone: nothing keeps the trail as it is.") % {"name": name})


def _said(kind: str, chain: int | None, number: int, **more: int) -> Finding:
    return Finding(kind, sentences()[kind] % {"chain": chain, "number": number, **more}, chain, number)


def sentences() -> dict[str, str]:
    """What each kind of finding says."""
    return {
        "edited": _("Chain %(chain)s, entry %(number)s was edited: its hash is another."),
        "deleted": _("Chain %(chain)s: entries %(number)s to %(last)s were deleted."),
        "inserted": _("Chain %(chain)s, entry %(number)s was inserted: it is not of the chain."),
        "does not follow": _("Chain %(chain)s, entry %(number)s does not follow the one before: put in or swapped."),
        "cut": _("Chain %(chain)s was cut: entries %(number)s to %(last)s are gone from its end."),
        "rewritten": _("Chain %(chain)s was rewritten: checkpoint %(checkpoint)s has seen another entry %(number)s."),
        "unchained": _("The entry with id %(number)s stands in no chain: it was inserted."),
        "head set back": _("The head of chain %(chain)s was set back to %(number)s: a checkpoint knows a later entry."),
        "head replaced": _("The head of chain %(chain)s was replaced: it has another hash than entry %(number)s."),
        "checkpoint forged": _("Checkpoint %(number)s is forged: the portal did not sign it."),
        "checkpoint out of order": _("Checkpoint %(number)s does not follow the one before it: some are missing."),
        "checkpoint deleted": _("Checkpoint %(number)s is in the file outside, but not in the database."),
        "checkpoint replaced": _("Checkpoint %(number)s is another in the file outside than in the database."),
        "line forged": _("Line %(number)s of the file outside is forged: it is no signed checkpoint."),
        "line missing": _("Checkpoint %(number)s is missing in the file outside: run tick, or find who cut the file."),
        "segment forged": _("The archived segment of chain %(chain)s from entry %(number)s is forged."),
        "segment out of order": _("The archived segment of chain %(chain)s from entry %(number)s leaves a gap."),
    }
