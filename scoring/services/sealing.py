"""Certifying a result, and sealing a round: what was decided is frozen, and superseded later at most."""
import json
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from indicators.models import Round
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.readiness import Problem
from scoring.engine.text import Message
from scoring.freezing.codec import canonical, sha256_of
from scoring.freezing.line import line_of, read_line
from scoring.freezing.report import freeze
from scoring.freezing.rounds import freeze_round, thaw_round
from scoring.models import CriterionResult, Mark, NotApplicableRequest, Objection, Result, RoundSeal, Snapshot
from scoring.queries.lines import AgreementSummary, GroupLine, sum_up
from scoring.queries.results import ResultSheet, load_sheet
from scoring.queries.summary import load_summary
from scoring.services.rules import NotReady, locked, move, require
from scoring.services.settling import unsettled

_WAITING = {
    "objection": Message(
        "มีข้อโต้แย้งของหน่วยงานที่ยังไม่มีคำตอบ: ตอบข้อโต้แย้งก่อนรับรองผล",
        "An objection of the unit has no answer yet: answer it before certifying.",
    ),
    "question": Message(
        "มีคำถามที่หน่วยงานยังไม่ตอบ: รอคำตอบ หรือส่งรายงานคืนพร้อมเหตุผล",
        "A question has no answer yet: wait for the answer, or return the report with a reason.",
    ),
    "request": Message(
        "มีคำขอไม่นำประเด็นมาประเมินรออยู่: พิจารณาคำขอก่อนรับรองผล",
        "A request to leave a criterion out is waiting: decide on it before certifying.",
    ),
}


def supersede(result: Result) -> None:
    """The snapshot in force of a result is so no more; part of the caller's change."""
    result.snapshots.filter(superseded_at__isnull=True).update(superseded_at=timezone.now())


def not_certifiable(result: Result) -> list[Problem]:
    """Everything that keeps an approved result from being certified, all at once."""
    waiting = {
        "objection": result.objections.filter(state=Objection.State.OPEN),
        "question": result.questions.filter(answered_at__isnull=True),
        "request": result.not_applicable_requests.filter(state=NotApplicableRequest.State.PENDING),
    }
    found = [Problem(name, _WAITING[name], ("", "certify")) for name, rows in waiting.items() if rows.exists()]
    return found + unsettled(result, Mark.Stage.OFFICE) + _without_score(load_sheet(result, stage=None))


def _without_score(sheet: ResultSheet) -> list[Problem]:
    counted = (one for one in sheet.criteria if one.row.status != CriterionResult.Status.NOT_APPLICABLE)
    return [
        Problem("no_score", Message(
            f"{one.criterion} ยังไม่มีคะแนน: ส่งรายงานคืนให้ผู้จัดเก็บข้อมูล หรือให้คะแนนประเด็นนี้",
            f"{one.criterion} has no score yet: return the report to its collectors, or mark this criterion.",
        ), (str(one.criterion.pk), "result"))
        for one in counted if one.row.score is None or not one.criterion.weight
    ]


@transaction.atomic
def certify(result: Result, *, by: User, version: int | None = None) -> Result:
    """The office certifies an approved result: a snapshot of all of it is frozen, which nothing changes any more.
    Raises NotAllowed for the wrong state or person (Overtaken when it isn't the `version` that was seen), NotReady with
    everything that is still open."""
    result = locked(result)
    require(result, "certify", by, version)
    problems = not_certifiable(result)
    if problems:
        raise NotReady(problems)
    before, now = result.state, timezone.now()
    move(result, Result.State.CERTIFIED, certified_at=now, certified_by=by, reopened=False)
    snapshot = _frozen(result, by)
    record(
        "result.certify", by=by, target=result, unit_id=result.unit_id, before={"state": before},
        after={
            "state": result.state, "version": result.version, "snapshot": snapshot.number, "sha256": snapshot.sha256,
        },
    )
    if result.round.state == Round.State.CLOSED:
        seal_round(result.round, by=by)
    return result


def _frozen(result: Result, by: User) -> Snapshot:
    """The next snapshot of a result that was certified this moment."""
    last = result.snapshots.order_by("number").last()
    number = last.number + 1 if last else 1
    content = {"number": number, "replaces": last.sha256 if last else ""} | freeze(result)
    text = canonical(content)
    return Snapshot.objects.create(
        result=result, number=number, content=text, sha256=sha256_of(text), line=line_of(content),
        sealed_at=result.certified_at, sealed_by=by,
    )


@transaction.atomic
def seal_round(round_: Round, *, by: User) -> RoundSeal:
    """Freeze a closed round: every indicator's weight, state, score, share and snapshot, groups and total. A round that
    was sealed gets a new seal, in which only what was certified since differs; the old one is superseded."""
    rounds = Round.objects.select_for_update(of=("self",), no_key=True)
    round_ = rounds.select_related("agreement__unit", "agreement__fiscal_year").get(pk=round_.pk)
    last = round_.seals.order_by("number").last()
    summary = _present(round_) if last is None else _brought_up(round_, last)
    number = last.number + 1 if last else 1
    text = canonical({"number": number, "replaces": last.sha256 if last else ""} | freeze_round(summary))
    round_.seals.filter(superseded_at__isnull=True).update(superseded_at=timezone.now())
    seal = RoundSeal.objects.create(
        round=round_, number=number, content=text, sha256=sha256_of(text), sealed_at=timezone.now(), sealed_by=by,
    )
    record(
        "round.sealed", by=by, target=round_, unit_id=round_.agreement.unit_id,
        after={"seal": number, "sha256": seal.sha256},
    )
    return seal


def _present(round_: Round) -> AgreementSummary:
    return load_summary(round_.agreement, round_.months, user=None)


def _brought_up(round_: Round, last: RoundSeal) -> AgreementSummary:
    """The last seal with the results that were certified since."""
    summary = thaw_round(json.loads(last.content), [round_])
    rows = {line.result.pk: line for line in summary.indicators if line.result}
    since = Snapshot.objects.filter(result__in=rows, superseded_at__isnull=True).select_related("result")
    for snapshot in since:
        line = rows[snapshot.result_id]
        if snapshot.number != line.snapshot:
            line.result = snapshot.result
            line.seal(read_line(snapshot.line))
    return _again(summary)


def _again(summary: AgreementSummary) -> AgreementSummary:
    """Added up anew."""
    groups: Iterable[GroupLine] = (line for line in summary.lines if isinstance(line, GroupLine))
    by_key = {line.group.pk: line.group for line in groups}
    lines = {line.indicator.pk: line for line in summary.indicators}
    for line in lines.values():
        line.children = []
    sum_up(summary, lines, by_key)
    return summary
