"""What the collectors changed since they handed a report in the last time, read from the trail."""
import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from kpiportal.audit.models import AuditEvent
from scoring.entry_pages import part_of, was
from scoring.evidence_pages import DocumentRow
from scoring.models.result import HANDED_IN
from scoring.queries.marks import MARKED
from scoring.queries.results import ResultSheet
from scoring.services.trail import fields_of, state_of, undone

# Entries that tell of reviewers' marks under the same keys as saves tell of the collectors' own.
REVIEWERS = (*MARKED, "result.mark_cleared")


class Changed(NamedTuple):
    """A field that says something else than at the last submission."""

    label: str
    then: str
    now: str


@dataclass(frozen=True)
class SinceLast:
    """What changed since the submission before this one; `at` is when that was, None for the first one."""

    at: datetime.datetime | None = None
    changes: dict[str, list[Changed]] = field(default_factory=dict)  # by part: a criterion's prefix, a text's name
    evidence: frozenset[int] = frozenset()

    def is_new(self, row: DocumentRow) -> bool:
        """Whether a document was put in, or got a newer file, since."""
        if self.at is None:
            return False
        newest = row.newest
        return row.evidence.pk in self.evidence or bool(newest and newest.version.uploaded_at > self.at)


def since_last(sheet: ResultSheet) -> SinceLast:
    """Undo, entry by entry, what was done since the last submission but one (of a report that is open again: the last
    one). Two queries, none for a first submission."""
    result = sheet.result
    handed_in = result.state in HANDED_IN
    if result.submission < (2 if handed_in else 1):
        return SinceLast()
    submits = list(AuditEvent.objects.about(result).filter(action="result.submit").order_by("-pk")[:2])
    if len(submits) <= handed_in:
        return SinceLast()
    last = submits[1 if handed_in else 0]
    entries = list(AuditEvent.objects.about(result).filter(pk__gt=last.pk).exclude(action__in=REVIEWERS))
    put_in = {entry.after["evidence"] for entry in entries if entry.after and "evidence" in entry.after}
    state = then = state_of(result, sheet.criteria)
    for entry in reversed(entries):
        then = undone(then, {key: old for key, old in (entry.before or {}).items() if key in state})
    return SinceLast(last.at, _changes(sheet, fields_of(then), fields_of(state)), frozenset(put_in))


def _changes(sheet: ResultSheet, then: dict, now: dict) -> dict[str, list[Changed]]:
    computed = {f"c{one.criterion.pk}" for one in sheet.criteria if one.criterion.formula}
    ticked = {f"c{one.criterion.pk}" for one in sheet.criteria if one.criterion.items.all()}
    found: dict[str, list[Changed]] = defaultdict(list)
    for name in dict.fromkeys([*now, *then]):
        part, what = part_of(name)
        follows = (what == "nothing" and part not in ticked) or (what == "value" and part in computed)
        if now.get(name) != then.get(name) and not follows:
            old, new = was(name, then.get(name), sheet), was(name, now.get(name), sheet)
            found[part].append(Changed(old.label, old.value, new.value))
    return dict(found)
