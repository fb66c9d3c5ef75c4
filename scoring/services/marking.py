"""What reviewers do with marks: mark a criterion otherwise, take that back, confirm it, review items."""
from collections.abc import Collection
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from indicators.models import ChecklistItem, Criterion
from kpiportal.accounts.models import User
from scoring.engine.text import EngineError, Message, plain, round4
from scoring.models import CriterionResult, EvidenceUse, ItemReview, Marking, Result
from scoring.queries.results import CriterionSheet
from scoring.services.marks import (
    STAGE,
    Marked,
    changed,
    draft_of,
    erase_mark,
    leave_entry,
    put_entry,
    put_item,
    read_marked,
    same_mark,
    score_draft,
    write_mark,
)
from scoring.services.rules import NotAllowed, locked, reason_given, require
from scoring.values import CriterionEntry

Verdict = ItemReview.Verdict

_NO_REASON = Message(
    "ระบุเหตุผลที่ให้คะแนนต่างจากเดิม เพื่อให้หน่วยงานทราบ",
    "Give the reason for marking it otherwise, so that the unit knows.",
)
_NOTHING_SAID = Message(
    "ระบุผลหรือคะแนนอย่างใดอย่างหนึ่ง แล้วบันทึกอีกครั้ง",
    "Give either a result or a score, then save again.",
)
_THE_SAME = Message(
    "คะแนนนี้เท่ากับคะแนนก่อนหน้า จึงไม่ต้องให้ใหม่: กดยอมรับ หรือยกเลิกคะแนนของท่าน",
    "This is the same as the mark before: accept that one, or take your own mark back.",
)
_NOT_MARKED = Message(
    "ท่านยังไม่ได้ให้คะแนนประเด็นนี้ต่างจากเดิม: โหลดหน้านี้ใหม่เพื่อดูคะแนนล่าสุด",
    "This criterion carries no mark of your own: reload the page to see what stands.",
)
_KEPT = Message(
    "คะแนนนี้เป็นของรายงานฉบับที่ส่งครั้งนี้อยู่แล้ว ไม่ต้องยืนยันอีก",
    "This mark speaks of the present submission already: there is nothing to confirm.",
)
_NO_COMMENT = Message(
    "ระบุว่าข้อนี้ยังขาดอะไร เพื่อให้ผู้จัดเก็บข้อมูลแก้ไขได้",
    "Say what this item lacks, so that the collectors can mend it.",
)
_NO_VERDICT = Message(
    "เลือกว่ายอมรับหรือยังไม่เพียงพอ แล้วบันทึกอีกครั้ง",
    "Choose accepted or not enough, then save again.",
)
OF_ANOTHER_ITEM = Message(
    "ข้อนี้ไม่ใช่ของตัวชี้วัดนี้: โหลดหน้านี้ใหม่แล้วเลือกอีกครั้ง",
    "This item isn't one of the indicator's: reload the page and choose again.",
)


@transaction.atomic
def mark_criterion(
    result: Result, criterion: Criterion, *, entry: CriterionEntry | None = None, score: Decimal | None = None,
    reason: str, by: User, version: int | None = None,
) -> Result:
    """Mark a criterion otherwise than the mark before: by an `entry` over that mark, which the engine scores (of a
    formula its figure as `value`), or by a `score` given as it is. The stage is that of who may mark now.

    Raises NotAllowed for the wrong state or person, without a reason, for the same as the mark before or a criterion
    that isn't applicable; Overtaken for another `version`; EngineError for what can't be scored.
    """
    reason = reason_given(reason, _NO_REASON)
    if (entry is None) == (score is None):
        raise NotAllowed(_NOTHING_SAID)
    result, stage = _opened(result, by, version)
    found = read_marked(result, stage, {criterion.pk})
    marked = found[criterion.pk]
    draft = draft_of(
        marked.before, reason=reason, given=score is not None, submission=result.submission
    )
    if score is not None:
        draft.row.score, draft.row.status = _checked(score, draft), CriterionResult.Status.REPORTED
    else:
        put_entry(draft, entry)
    if same_mark(draft, marked.before):
        raise NotAllowed(_THE_SAME)
    before, after = changed(marked.now, draft)
    write_mark(result, stage, marked, draft, by=by)
    leave_entry("result.marked", result, stage, found, by=by, before=before, after=after, reason=reason)
    return result


@transaction.atomic
def clear_mark(result: Result, criterion: Criterion, *, by: User, version: int | None = None) -> Result:
    """Take one's stage's mark of a criterion back, with what it found not enough in its items: the mark before counts
    again. Raises NotAllowed and Overtaken as mark_criterion does, and without such a mark."""
    result, stage = _opened(result, by, version)
    found = read_marked(result, stage, {criterion.pk})
    marked = _own(found[criterion.pk])
    reviews = result.item_reviews.filter(stage=stage, item__criterion=criterion, verdict=Verdict.INSUFFICIENT)
    _set_verdict(result, list(reviews.values_list("item", flat=True)), EvidenceUse.Verdict.PENDING)
    reviews.delete()
    erase_mark(marked)
    before, after = changed(marked.now, marked.before)
    leave_entry("result.mark_cleared", result, stage, found, by=by, before=before, after=after)
    return result


@transaction.atomic
def keep_mark(result: Result, criterion: Criterion, *, by: User, version: int | None = None) -> Result:
    """Confirm for this submission a mark that was made on an earlier one. Raises NotAllowed and Overtaken as
    mark_criterion does, and where there is nothing to confirm."""
    result, stage = _opened(result, by, version)
    found = read_marked(result, stage, {criterion.pk})
    marked = _own(found[criterion.pk])
    marking = marked.now.marking
    if marking.submission == result.submission:
        raise NotAllowed(_KEPT)
    if same_mark(marked.now, marked.before):
        raise NotAllowed(_THE_SAME)
    before = {"submission": marking.submission}
    Marking.objects.filter(pk=marking.pk).update(submission=result.submission)
    result.item_reviews.filter(stage=stage, item__criterion=criterion).update(submission=result.submission)
    leave_entry("result.mark_kept", result, stage, found, by=by, before=before, after={}, reason=marking.reason)
    return result


@transaction.atomic
def review_item(
    result: Result, item: ChecklistItem, *, verdict: str, comment: str = "", by: User, version: int | None = None
) -> Result:
    """Accept an item and its evidence, or find it not enough, with a comment; raises as review_items does."""
    return review_items(result, [item], verdict=verdict, comment=comment, by=by, version=version)


@transaction.atomic
def review_items(
    result: Result, items: Collection[ChecklistItem], *, verdict: str, comment: str = "", by: User,
    version: int | None = None,
) -> Result:
    """Accept items, or find them not enough: what is not enough isn't done (where complete evidence counts: not
    complete) in this stage's mark, with the comment as its reason; accepted again, it is as in the mark before.

    Raises NotAllowed for the wrong state or person, for items of another indicator or of a criterion that isn't
    applicable, and for 'not enough' without a comment; Overtaken for another `version`.
    """
    if verdict not in Verdict.values:
        raise NotAllowed(_NO_VERDICT)
    comment = reason_given(comment, _NO_COMMENT, needed=verdict == Verdict.INSUFFICIENT)
    result, stage = _opened(result, by, version)
    if not items or any(item.criterion.indicator_id != result.indicator_id for item in items):
        raise NotAllowed(OF_ANOTHER_ITEM)
    found = read_marked(result, stage, {item.criterion_id for item in items})
    old = _reviews(result, stage, items)
    reasons = {pk: _comments(result, stage, pk) for pk in found}
    _write_reviews(result, stage, items, verdict, comment, by)
    said = {"verdict": verdict, "comment": comment}
    before = {"items": old}
    after = {"items": {item.code: said for item in items}}
    for pk, marked in found.items():
        was, now = changed(marked.now, _follow_reviews(result, stage, marked, reasons[pk], by))
        before, after = before | was, after | now
    leave_entry("result.item_reviewed", result, stage, found, by=by, before=before, after=after, reason=comment)
    return result


def _opened(result: Result, by: User, version: int | None) -> tuple[Result, str]:
    """The result under a lock, and the stage at which `by` may mark it now."""
    result = locked(result)
    require(result, "mark", by, version)
    return result, STAGE[result.state]


def _own(marked: Marked) -> Marked:
    if marked.own is None:
        raise NotAllowed(_NOT_MARKED)
    return marked


def _checked(score: Decimal, sheet: CriterionSheet) -> Decimal:
    low, high = sheet.agreement.scale_min, sheet.agreement.scale_max
    if not score.is_finite() or not low <= score <= high or round4(score) != score:
        raise EngineError(Message(
            f"คะแนนต้องอยู่ระหว่าง {plain(low)} ถึง {plain(high)} และมีทศนิยมไม่เกิน 4 ตำแหน่ง: แก้แล้วบันทึกอีกครั้ง",
            f"A score lies between {plain(low)} and {plain(high)} and has four places at most: mend it and save again.",
        ), "score")
    return round4(score)


def _reviews(result: Result, stage: str, items: Collection[ChecklistItem]) -> dict[str, dict]:
    found = result.item_reviews.filter(stage=stage, item__in=items).select_related("item")
    return {one.item.code: {"verdict": one.verdict, "comment": one.comment} for one in found}


def _write_reviews(
    result: Result, stage: str, items: Collection[ChecklistItem], verdict: str, comment: str, by: User
) -> None:
    ItemReview.objects.bulk_create(
        [
            ItemReview(
                result=result, item=item, stage=stage, verdict=verdict, comment=comment,
                submission=result.submission, reviewed_by=by, reviewed_at=timezone.now(),
            )
            for item in items
        ],
        update_conflicts=True, unique_fields=["result", "item", "stage"],
        update_fields=["verdict", "comment", "submission", "reviewed_by", "reviewed_at"],
    )
    _set_verdict(result, [item.pk for item in items], verdict)


def _set_verdict(result: Result, items: Collection[int], verdict: str) -> None:
    result.evidence_uses.listed().filter(item__in=items).update(verdict=verdict)


def _comments(result: Result, stage: str, criterion: int) -> str:
    """What the stage finds not enough in a criterion's items, as the reason of its mark."""
    found = result.item_reviews.filter(stage=stage, item__criterion=criterion, verdict=Verdict.INSUFFICIENT)
    found = found.select_related("item").order_by("item__order")
    return "\n".join(f"{one.item.number or one.item.name[:60]}: {one.comment}" for one in found)


def _follow_reviews(result: Result, stage: str, marked: Marked, said_before: str, by: User) -> CriterionSheet:
    """Let the stage's mark of a criterion follow what it thinks of the items; gives the mark that counts then. What
    was marked in words of its own keeps them; a score that was given as it is stays."""
    old = marked.now.marking if marked.own else None
    counts = marked.before.criterion.kind in ("milestones", "count", "complete_count")
    if not counts or marked.now.row.status != CriterionResult.Status.REPORTED or (old and old.given):
        return marked.now
    own_words = "" if old is None or old.reason == said_before else old.reason.removesuffix(f"\n{said_before}")
    reviews = result.item_reviews.filter(stage=stage, item__criterion=marked.before.criterion).select_related("item")
    lacking = [one.submission for one in reviews if one.verdict == Verdict.INSUFFICIENT]
    comments = _comments(result, stage, marked.before.criterion.pk)
    draft = draft_of(marked.now if own_words else marked.before, given=False)
    draft.marking.reason = "\n".join(filter(None, (own_words, comments)))
    for review in reviews:
        _judge(draft, marked.before, review)
    score_draft(draft)
    if same_mark(draft, marked.before):
        erase_mark(marked)
        return marked.before
    # What it says of an earlier submission, it still says of that one.
    draft.marking.submission = old.submission if own_words else min(lacking)
    write_mark(result, stage, marked, draft, by=by)
    return draft


def _judge(draft: CriterionSheet, before: CriterionSheet, review: ItemReview) -> None:
    item, was = draft.items[review.item.code], before.items.get(review.item.code)
    if review.verdict == Verdict.INSUFFICIENT:
        put_item(item, done=item.done and draft.criterion.kind == "complete_count", complete=False)
    elif was is not None:
        item.done, item.complete, item.declared, item.shown = was.done, was.complete, was.declared, was.shown
