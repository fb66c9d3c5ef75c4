"""Submitting a result and deciding on it, in their simplest form on the final workflow table."""
from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.readiness import CriterionState, ItemState, Problem, result_problems
from scoring.engine.text import Message
from scoring.models import NotApplicableRequest, Result
from scoring.queries.results import CriterionSheet, ResultSheet, load_sheet
from scoring.services.evidence import follow_evidence
from scoring.services.rules import NotAllowed, NotReady, locked, move, reason_given, require


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
    # A virus that was found since, a file taken down: the score handed in is that of the evidence as it is.
    listed = result.evidence_uses.listed().filter(item__isnull=False).select_related("item")
    follow_evidence(result, {use.item for use in listed})
    result = locked(result)
    problems = missing(load_sheet(result))
    if problems:
        raise NotReady(problems)
    result.makers.add(by)
    return _decide(
        result, "submit", Result.State.SUBMITTED, by,
        submitted_at=timezone.now(), submitted_by=by, decided_at=None, decided_by=None, return_reason="",
    )


@transaction.atomic
def approve(result: Result, *, by: User) -> Result:
    """The supervisor agrees (เห็นชอบ). Raises NotAllowed for the wrong state or person; the maker never approves."""
    result = locked(result)
    require(result, "approve", by)
    return _decide(result, "approve", Result.State.APPROVED, by, decided_at=timezone.now(), decided_by=by)


@transaction.atomic
def return_(result: Result, *, reason: str, by: User) -> Result:
    """The supervisor sends a result back with a reason. Raises NotAllowed for the wrong state or person, and
    without a reason that can be read."""
    reason = reason_given(reason, _NO_REASON)
    result = locked(result)
    require(result, "return", by)
    return _decide(
        result, "return", Result.State.RETURNED, by, reason=reason,
        decided_at=timezone.now(), decided_by=by, return_reason=reason,
    )


def _decide(result: Result, action: str, state: str, by: User, reason: str = "", **fields) -> Result:
    before = result.state
    move(result, state, **fields)
    record(
        f"result.{action}", by=by, target=result, unit_id=result.unit_id, reason=reason,
        before={"state": before}, after={"state": state, "version": result.version},
    )
    return result
