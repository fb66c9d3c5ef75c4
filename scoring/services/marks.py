"""How reviewers' marks are kept beside the collectors' own: rows of one's own stage only; part of a caller's change."""
from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine import workflow
from scoring.engine.text import EngineError, Message
from scoring.models import CriterionResult, ItemResult, Mark, Marking, Result
from scoring.queries.marks import BEFORE, fingerprints, mark_state
from scoring.queries.results import CriterionSheet, load_sheet
from scoring.services.rules import NotAllowed, move
from scoring.services.trail import CRITERION, difference
from scoring.values import CriterionEntry

Status = CriterionResult.Status
# Who marks in which state, by the workflow's table.
STAGE = {row.source: row.role for row in workflow.TRANSITIONS if row.action == "mark"}

OF_ANOTHER = Message(
    "ประเด็นนี้ไม่ใช่ของตัวชี้วัดนี้: โหลดหน้านี้ใหม่แล้วเลือกอีกครั้ง",
    "This criterion isn't one of the indicator's: reload the page and choose again.",
)
NOT_APPLICABLE = Message(
    "ประเด็นนี้ไม่นำมาประเมินในรอบนี้ จึงให้คะแนนไม่ได้: เลือกประเด็นอื่น",
    "This criterion is not applicable in this round and takes no mark: choose another one.",
)


class Marked(NamedTuple):
    """A criterion as a reviewer finds it: as the marks before leave it, and as the reviewer's own stage does."""

    before: CriterionSheet
    now: CriterionSheet

    @property
    def own(self) -> CriterionResult | None:
        """The row of the reviewer's own stage, if there is one."""
        return None if self.now.row.pk == self.before.row.pk else self.now.row


def read_marked(result: Result, stage: str, criteria: Collection[int]) -> dict[int, Marked]:
    """The criteria with these keys, by key. Raises NotAllowed for one that isn't the indicator's or not applicable."""
    before = load_sheet(result, BEFORE[stage], criteria)
    now = {one.criterion.pk: one for one in load_sheet(result, stage, criteria).criteria}
    found = {
        one.criterion.pk: Marked(one, now[one.criterion.pk]) for one in before.criteria if one.criterion.pk in criteria
    }
    if len(found) < len(set(criteria)):
        raise NotAllowed(OF_ANOTHER)
    if any(one.before.row.status == Status.NOT_APPLICABLE for one in found.values()):
        raise NotAllowed(NOT_APPLICABLE)
    return found


def draft_of(sheet: CriterionSheet, **marking) -> CriterionSheet:
    """A mark that says the same as `sheet`, not yet saved; it keeps no text, which is the collectors'."""
    old = sheet.row
    row = CriterionResult(
        criterion=sheet.criterion, status=old.status, value=old.value, count=old.count, score=old.score
    )
    items = {}
    for item in sheet.criterion.items.all():
        said = sheet.items.get(item.code) or ItemResult(item=item)
        items[item.code] = ItemResult(
            item=item, done=said.done, complete=said.complete, declared=said.declared, shown=said.shown,
            reason=said.reason,
        )
    return CriterionSheet(
        sheet.criterion, row, items, sheet.data, sheet.agreement, sheet.units, Marking(row=row, **marking)
    )


def put_entry(draft: CriterionSheet, entry: CriterionEntry) -> None:
    """Put a reviewer's values into a draft and let the engine score it. Raises EngineError where it can't."""
    row = draft.row
    for name in ("value", "count"):
        if name in entry:
            setattr(row, name, entry[name])
    if entry.keys() & {"done", "complete"}:
        _put_items(draft, entry)
    said = bool(entry.keys() & {"value", "count", "done", "complete", "nothing"})
    left_out = entry.get("not_reported", row.status == Status.NOT_REPORTED and not said)
    row.status = Status.NOT_REPORTED if left_out else Status.REPORTED
    score_draft(draft)


def score_draft(draft: CriterionSheet) -> None:
    """Let the engine score what stands in a draft. Raises EngineError where it gives no score."""
    draft.__dict__.pop("outcome", None)
    if draft.rubric is None:
        raise EngineError(_NO_RUBRIC, "score")
    outcome = draft.outcome
    if outcome.value is None:
        raise EngineError(outcome.reason, "result.value")
    draft.row.score = outcome.value


_NO_RUBRIC = Message(
    "ประเด็นนี้ยังไม่มีเกณฑ์ จึงคิดคะแนนไม่ได้: ให้คะแนนโดยตรง",
    "This criterion has no rubric yet to score by: give the score itself.",
)


def _put_items(draft: CriterionSheet, entry: CriterionEntry) -> None:
    done = entry.get("done", frozenset(code for code, item in draft.items.items() if item.done))
    complete = entry.get("complete", frozenset(code for code, item in draft.items.items() if item.complete))
    unknown = (done | entry.get("complete", frozenset())) - draft.items.keys()
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise EngineError(Message(
            f"เกณฑ์นี้ไม่มีข้อ {listed}: โหลดหน้านี้ใหม่แล้วเลือกอีกครั้ง",
            f"This criterion has no item {listed}: reload the page and choose again.",
        ), "done")
    for code, item in draft.items.items():
        put_item(item, done=code in done, complete=code in complete)


def put_item(item: ItemResult, *, done: bool, complete: bool) -> None:
    """What a reviewer says of an item; complete without a document that shows it is declared so."""
    item.done, item.complete = done, done and complete
    item.declared = item.complete and (item.declared or not item.shown)


def same_mark(one: CriterionSheet, other: CriterionSheet) -> bool:
    """Whether two marks say the same of a criterion."""
    return mark_state(one) == mark_state(other)


@transaction.atomic
def write_mark(result: Result, stage: str, marked: Marked, draft: CriterionSheet, *, by: User) -> None:
    """Save a draft in place of what the stage said of the criterion."""
    erase_mark(marked)
    mark, _ = Mark.objects.get_or_create(result=result, stage=stage)
    draft.row.mark = mark
    draft.row.save()
    for item in draft.items.values():
        item.criterion_result = draft.row
    ItemResult.objects.bulk_create(draft.items.values())
    marking = draft.marking
    marking.row, marking.marked_by, marking.marked_at = draft.row, by, timezone.now()
    marking.save()


def erase_mark(marked: Marked) -> None:
    """Take back what the stage said of a criterion."""
    if marked.own is not None:
        CriterionResult.objects.filter(pk=marked.own.pk).exclude(mark__stage=Mark.Stage.SELF).delete()


def changed(old: CriterionSheet, new: CriterionSheet) -> tuple[dict, dict]:
    """What differs between two marks of a criterion, as the audit trail keeps it."""
    key = f"{CRITERION}{old.criterion.pk}"
    return difference({key: mark_state(old)}, {key: mark_state(new)})


@transaction.atomic
def leave_entry(
    action: str, result: Result, stage: str, criteria: Mapping[int, Marked], *, by: User, before: dict, after: dict,
    reason: str = "",
) -> None:
    """Raise the version, if nobody else did, and record a change of marks; `of` tells of which reports those speak
    that are of this submission."""
    older = CriterionResult.objects.filter(
        mark__result=result, mark__stage=stage, marking__submission__lt=result.submission
    ).values_list("criterion", flat=True)
    seen = fingerprints(result, [one.before for pk, one in criteria.items() if pk not in set(older)])
    unit = result.unit_id
    move(result, result.state)
    about = {
        "stage": str(stage), "criteria": [str(one.before.criterion) for one in criteria.values()],
        "submission": result.submission, "version": result.version, "of": {str(pk): text for pk, text in seen.items()},
    }
    record(action, by=by, target=result, unit_id=unit, reason=reason, before=before, after=after | about)
