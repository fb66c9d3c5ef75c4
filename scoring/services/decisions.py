"""Submitting a result, taking it back, deciding on it, and opening it again."""
from django.db import transaction
from django.utils import timezone

from indicators.models import Round
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.readiness import CriterionState, ItemState, Problem, result_problems
from scoring.engine.text import Message
from scoring.models import Mark, NotApplicableRequest, Result
from scoring.queries.results import CriterionSheet, ResultSheet, load_sheet
from scoring.services.evidence import follow_evidence, hold_files
from scoring.services.rules import NotAllowed, NotReady, locked, move, reason_given, require
from scoring.services.sealing import supersede
from scoring.services.settling import unsettled


def missing(sheet: ResultSheet) -> list[Problem]:
    """Everything that keeps a result from being submitted, all at once; `path` names criterion and field."""
    asked = sheet.result.not_applicable_requests.filter(state=NotApplicableRequest.State.PENDING)
    waiting = set(asked.values_list("criterion_id", flat=True))
    return result_problems([_criterion_state(criterion, waiting) for criterion in sheet.criteria])


def _criterion_state(sheet: CriterionSheet, waiting: set[int]) -> CriterionState:
    return CriterionState(
        key=str(sheet.criterion.pk),
        label=str(sheet.criterion),
        kind=sheet.criterion.kind,
        status=sheet.row.status,
        has_result=sheet.row.score is not None,
        reason=sheet.row.reason,
        unscored=_unscored(sheet),
        missing_units=tuple(str(unit.unit) for unit in sheet.units or () if unit.is_missing),
        waiting=sheet.criterion.pk in waiting,
        without_file=tuple(
            ItemState(f"why-{code}", str(item.item), item.reason)
            for code, item in sheet.items.items() if item.done and item.declared and not item.shown
        ),
    )


_NOT_REOPENED = Message(
    "ระบุเหตุผลที่เปิดรายงานอีกครั้ง เพื่อบันทึกไว้เป็นหลักฐาน",
    "Give the reason for opening the report again, so that it stands in the trail.",
)
_NO_REASON = Message(
    "ระบุเหตุผลที่ส่งคืน เพื่อให้ผู้จัดเก็บข้อมูลทราบว่าต้องแก้ไขอะไร",
    "Give the reason for returning it, so that the collectors know what to mend.",
)
_NOBODY_REPORTS = Message(
    "ทุกหน่วยระบุว่าไม่รายงานข้อมูลพื้นฐาน ให้ระบุว่าไม่รายงานทั้งประเด็นพร้อมเหตุผล หรือขอไม่นำมาประเมิน",
    "no unit reports base data: say that the criterion is not reported, with a reason, or ask to leave it out",
)


def _unscored(sheet: CriterionSheet) -> Message | None:
    if sheet.units and not any(unit.is_missing or unit.counts for unit in sheet.units):
        return _NOBODY_REPORTS
    return sheet.outcome.reason if sheet.rubric and sheet.row.status == sheet.row.Status.REPORTED else None


@transaction.atomic
def submit(result: Result, *, by: User) -> Result:
    """Hand a result to its supervisor. Raises NotReady with everything that is missing, NotAllowed for the wrong
    state or person."""
    result = locked(result)
    require(result, "submit", by)
    hold_files(result)
    # A virus that was found since, a file taken down: the score handed in is that of the evidence as it is.
    listed = result.evidence_uses.listed().filter(item__isnull=False).select_related("item")
    follow_evidence(result, {use.item for use in listed}, maker=by, by=by)
    result = locked(result)
    problems = missing(load_sheet(result))
    if problems:
        raise NotReady(problems)
    return _decide(
        result, "submit", Result.State.SUBMITTED, by, submission=result.submission + 1,
        submitted_at=timezone.now(), submitted_by=by, decided_at=None, decided_by=None, return_reason="",
    )


@transaction.atomic
def withdraw(result: Result, *, by: User, version: int | None = None) -> Result:
    """A collector takes a submission back before the supervisor decides. Raises NotAllowed for the wrong state or
    person; Overtaken when it isn't the `version` that was seen."""
    result = locked(result)
    require(result, "withdraw", by, version)
    result.makers.add(by)
    return _decide(result, "withdraw", Result.State.DRAFT, by)


@transaction.atomic
def approve(result: Result, *, by: User, version: int | None = None) -> Result:
    """The supervisor agrees (เห็นชอบ) with the `version` that was seen. Raises NotAllowed for the wrong state or
    person (the maker never approves), NotReady while marks or items of the supervisor's are unsettled."""
    result = locked(result)
    require(result, "approve", by, version)
    problems = unsettled(result, Mark.Stage.SUPERVISOR)
    if problems:
        raise NotReady(problems)
    return _decide(result, "approve", Result.State.APPROVED, by, decided_at=timezone.now(), decided_by=by)


@transaction.atomic
def return_(result: Result, *, reason: str, by: User, version: int | None = None) -> Result:
    """The supervisor, or after the approval the office, sends a result back with a reason. Raises NotAllowed for the
    wrong state or person, and without a reason that can be read."""
    reason = reason_given(reason, _NO_REASON)
    result = locked(result)
    require(result, "return", by, version)
    return _decide(
        result, "return", Result.State.RETURNED, by, reason=reason,
        decided_at=timezone.now(), decided_by=by, return_reason=reason,
    )


@transaction.atomic
def reopen(result: Result, *, reason: str, by: User, version: int | None = None) -> Result:
    """The office opens a certified result again (its snapshot is superseded, never deleted), or lets one go on that
    the closing of its round caught unfinished. Raises NotAllowed for the wrong state or person, or without a
    reason."""
    reason = reason_given(reason, _NOT_REOPENED)
    result = locked(result)
    require(result, "reopen", by, version)
    fields = {"reopened": result.round.state == Round.State.CLOSED}
    if result.state != Result.State.CERTIFIED:
        return _decide(result, "reopen", result.state, by, reason=reason, **fields)
    supersede(result)
    return _decide(
        result, "reopen", Result.State.RETURNED, by, reason=reason, certified_at=None, certified_by=None,
        decided_at=timezone.now(), decided_by=by, return_reason=reason, **fields,
    )


def _decide(result: Result, action: str, state: str, by: User, reason: str = "", **fields) -> Result:
    before = result.state
    move(result, state, **fields)
    record(
        f"result.{action}", by=by, target=result, unit_id=result.unit_id, reason=reason,
        before={"state": before}, after={"state": state, "version": result.version},
    )
    return result
