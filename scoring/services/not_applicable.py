"""Leaving a criterion out of a round: the unit asks with a reason, the performance office decides."""
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from indicators.models import Criterion
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS
from kpiportal.audit.services import record
from scoring.engine import workflow
from scoring.engine.text import Message, score_text
from scoring.models import CriterionResult, Mark, NotApplicableRequest, Result
from scoring.queries.requests import UNDECIDED
from scoring.queries.results import load_sheet
from scoring.services.entry import recompute
from scoring.services.rules import NotAllowed, locked, made_by, reason_given, require, touch

State = NotApplicableRequest.State
# What an entry says of a request that waits, and of a criterion that is out.
_PENDING = {"state": State.PENDING}
_OUT = {"status": str(CriterionResult.Status.NOT_APPLICABLE), "score": None}

_NO_REASON = Message(
    "ระบุเหตุผลที่ขอไม่นำประเด็นนี้มาประเมิน เพื่อให้กลุ่มพัฒนาระบบบริหารพิจารณา",
    "Give the reason why this criterion should not apply, so that the performance office can decide.",
)
_NO_ANSWER = Message(
    "ระบุเหตุผลที่ไม่อนุมัติ เพื่อให้หน่วยงานทราบว่าต้องรายงานอะไร",
    "Give the reason for refusing, so that the unit knows what to report.",
)
_DECIDED = Message(
    "คำขอนี้มีผู้ดำเนินการไปแล้ว: โหลดหน้านี้ใหม่เพื่อดูผล",
    "Somebody dealt with this request already: reload the page.",
)
_TWICE = Message(
    "มีคำขอไม่นำประเด็นนี้มาประเมินรออยู่แล้ว: รอผลการพิจารณา หรือถอนคำขอเดิมก่อน",
    "A request for this criterion is waiting already: wait for the decision, or withdraw it first.",
)
_NOT_TAKEN_BACK = Message(
    "ถอนการอนุมัตินี้ไม่ได้: ทำได้เฉพาะกลุ่มพัฒนาระบบบริหารที่ไม่ได้จัดทำรายงานนี้ "
    "ขณะที่รายงานยังอยู่กับผู้จัดเก็บข้อมูล ให้ส่งรายงานคืนก่อน",
    "This grant can't be taken back: only the performance office does, and nobody who made the report, while the report"
    " is with its collectors; have it returned first.",
)
_NOT_YOURS = Message(
    "เฉพาะกลุ่มพัฒนาระบบบริหารที่ไม่ได้เป็นผู้ขอและไม่ได้จัดทำรายงานนี้พิจารณาคำขอนี้ได้ ก่อนที่ผลจะได้รับความเห็นชอบ",
    "Only the performance office, and not the person who asked or who made the report, decides on this request, and"
    " only before the result is approved.",
)


@transaction.atomic
def request_not_applicable(result: Result, criterion: Criterion, *, reason: str, by: User) -> NotApplicableRequest:
    """Ask that a criterion be left out of the round (domain.md, 'N/A'). Raises NotAllowed without a reason that can be
    read, for a second request, or when the result is not open to this collector."""
    reason = reason_given(reason, _NO_REASON)
    result = locked(result)
    require(result, "save", by)
    if criterion.indicator_id != result.indicator_id:
        raise NotAllowed(_DECIDED)
    if result.not_applicable_requests.filter(criterion=criterion, state=State.PENDING).exists():
        raise NotAllowed(_TWICE)
    if result.not_applicable_requests.filter(criterion=criterion, state=State.GRANTED).exists():
        raise NotAllowed(_DECIDED)
    request = NotApplicableRequest.objects.create(result=result, criterion=criterion, reason=reason, requested_by=by)
    touch(result, maker=by)
    record(
        "not_applicable.requested", by=by, target=result, unit_id=result.unit_id, reason=reason,
        after={"criterion": str(criterion), "request": request.pk},
    )
    return request


@transaction.atomic
def withdraw_request(request: NotApplicableRequest, *, by: User) -> NotApplicableRequest:
    """Take a waiting request back. Raises NotAllowed when it is decided, or when the result isn't open to this
    collector."""
    result = locked(request.result)
    require(result, "save", by)
    return _close(request, result, State.WITHDRAWN, "", by)


@transaction.atomic
def decide_not_applicable(
    request: NotApplicableRequest, *, granted: bool, answer: str = "", by: User
) -> NotApplicableRequest:
    """The office's decision: a granted criterion leaves numerator and denominator of the round. Raises NotAllowed for
    anyone else, the makers of the report, a decided request, an approved result, or a refusal without its reason."""
    answer = reason_given(answer, _NO_ANSWER, needed=not granted)
    result = locked(request.result)
    if not may_decide_request(request, result, by):
        raise NotAllowed(_NOT_YOURS)
    before = None
    if granted:
        _clear_marks(result, request, by)
        before = _take_out(result, request.criterion_id)
    if before is None:
        return _close(request, result, State.REFUSED, answer, by)
    return _close(request, result, State.GRANTED, answer, by, before=_PENDING | before, after=_OUT)


@transaction.atomic
def take_back_not_applicable(request: NotApplicableRequest, *, reason: str, by: User) -> NotApplicableRequest:
    """The office takes back what it granted: the criterion counts again, with what was reported of it. Raises
    NotAllowed without a reason, for a request that isn't granted, for anyone who may not decide on it, and once the
    report has left its collectors' hands."""
    reason = reason_given(reason, _NO_ANSWER)
    result = locked(request.result)
    if not may_take_back(request, result, by):
        raise NotAllowed(_NOT_TAKEN_BACK)
    [sheet] = [one for one in load_sheet(result, touched={request.criterion_id}).criteria if one.items is not None]
    sheet.row.status = CriterionResult.Status.OPEN
    recompute(sheet)
    touch(result, maker=None)
    score = None if sheet.row.score is None else score_text(sheet.row.score)
    counts = {"status": str(sheet.row.status), "score": score}
    return _close(request, result, State.REFUSED, reason, by, before=_OUT | {"state": State.GRANTED}, after=counts)


def may_take_back(request: NotApplicableRequest, result: Result, user: User) -> bool:
    """Whether a person may take a granted request back: while its collectors can still report the criterion."""
    is_open = workflow.allowed(result.state, "save", workflow.COLLECTOR, result.phase) is not None
    return request.state == State.GRANTED and is_open and may_decide_request(request, result, user)


def _take_out(result: Result, criterion: int) -> dict:
    """Let a criterion leave the round; gives the status and score that it had."""
    row = CriterionResult.objects.get(mark__result=result, mark__stage=Mark.Stage.SELF, criterion=criterion)
    before = {"status": str(row.status), "score": None if row.score is None else score_text(row.score)}
    row.status, row.score = CriterionResult.Status.NOT_APPLICABLE, None
    row.save(update_fields=["status", "score"])
    touch(result, maker=None)
    return before


def _clear_marks(result: Result, request: NotApplicableRequest, by: User) -> None:
    """What doesn't apply carries no reviewer's mark."""
    marks = CriterionResult.objects.filter(mark__result=result, criterion=request.criterion_id)
    for row in marks.exclude(mark__stage=Mark.Stage.SELF).select_related("mark"):
        score = None if row.score is None else score_text(row.score)
        record(
            "result.mark_cleared", by=by, target=result, unit_id=result.unit_id, reason=request.reason,
            before={"score": score}, after={"stage": row.mark.stage, "criteria": [str(request.criterion)]},
        )
        row.delete()


def may_decide_request(request: NotApplicableRequest, result: Result, user: User) -> bool:
    """Whether a person may decide: of the office in the unit, no maker of the report, round open, result undecided."""
    return (
        holds(user, CERTIFY_RESULTS, result.unit.path)
        and request.requested_by_id != user.pk
        and result.state in UNDECIDED
        and result.phase == workflow.OPEN
        and not made_by(result, user)
    )


def _close(
    request: NotApplicableRequest, result: Result, state: str, answer: str, by: User,
    *, before: Mapping = _PENDING, after: Mapping | None = None,
) -> NotApplicableRequest:
    """One conditional update: of two decisions at once, one counts. `before` and `after`: the request's state and what
    the criterion had and has, for the entry."""
    closed = NotApplicableRequest.objects.filter(pk=request.pk, state=before["state"]).update(
        state=state, answer=answer, decided_by=by, decided_at=timezone.now()
    )
    if closed != 1:
        raise NotAllowed(_DECIDED)
    after = {"criterion": str(request.criterion), "request": request.pk, **(after or {})}
    record(
        f"not_applicable.{state}", by=by, target=result, unit_id=result.unit_id, reason=answer, before=before,
        after=after,
    )
    request.refresh_from_db()
    return request
