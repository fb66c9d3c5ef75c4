"""Opening a round, from then on every indicator has its result to fill in; and closing it, which seals it."""
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from indicators.models import Agreement, Criterion, Indicator, Round
from indicators.round_weights import weights_of, weights_problem
from indicators.services import Unfit, set_round_weights, set_running
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import Message, clean_text
from scoring.models import CriterionResult, Mark, Result
from scoring.queries.rounds import DUE_TO_OPEN, uncertified
from scoring.services.rules import NotAllowed, all_locked
from scoring.services.sealing import seal_round

_DRAFT = Message(
    "เปิดรอบไม่ได้เพราะคำรับรองยังเป็นฉบับร่าง: ประกาศใช้คำรับรองก่อน",
    "The round can't be opened while the agreement is a draft: put the agreement in force first.",
)
_CLOSED = Message(
    "ปิดรอบนี้แล้ว: ใช้การเปิดรอบอีกครั้งพร้อมเหตุผลแทน",
    "This round is closed: have it reopened with a reason instead."
)
_NOT_OPEN = Message("ยังไม่ได้เปิดรอบนี้ จึงปิดไม่ได้: เปิดรอบก่อน", "This round isn't open yet: open it first.")
_NO_REASON = Message(
    "ระบุเหตุผลที่ปิดรอบทั้งที่ยังมีผลที่ไม่ได้รับรอง",
    "Give the reason for closing the round though not every result is certified."
)
_CHANGED = Message(
    "ผลที่ยังไม่ได้รับรองเปลี่ยนไปหลังจากที่แสดงรายการ: ตรวจรายการใหม่แล้วยืนยันอีกครั้ง",
    "What is not certified has changed since the list was shown: look at the new list, then confirm again.",
)


@transaction.atomic
def open_round(round_: Round, *, by: User | None) -> Round:
    """Open a round of an agreement in force: an empty result (every criterion open) for the lead unit of each
    indicator that runs in it. Raises NotAllowed while the definition is a draft, while the round's own weights don't
    add up, and for a closed round; an open round stays as it is."""
    round_ = _locked(round_)
    agreement = round_.agreement
    if agreement.state != Agreement.State.IN_FORCE:
        raise NotAllowed(_DRAFT)
    if round_.state == Round.State.OPEN:
        return round_
    if round_.state == Round.State.CLOSED:
        raise NotAllowed(_CLOSED)
    problem = weights_problem(agreement, round_, weights_of(round_))
    if problem:
        raise NotAllowed(problem.message)
    _empty_results(agreement, round_)
    before, round_.state = round_.state, Round.State.OPEN
    round_.save(update_fields=["state"])
    record(
        "round.opened", by=by, target=round_, unit_id=agreement.unit_id,
        before={"state": before}, after={"state": round_.state, "months": round_.months},
    )
    return round_


class OpenedByDate(NamedTuple):
    """The rounds that were opened because their day has come, and why others were not."""

    opened: list[Round]
    refused: list[tuple[Round, NotAllowed]]


def open_due_rounds() -> OpenedByDate:
    """Open, by nobody, the planned rounds of agreements in force whose opening day has begun in Bangkok; one that can't
    be opened keeps no other from it."""
    found, due = OpenedByDate([], []), Round.objects.filter(DUE_TO_OPEN, opens_on__lte=timezone.localdate())
    for round_ in due.select_related("agreement").order_by("opens_on", "pk"):
        try:
            found.opened.append(open_round(round_, by=None))
        except NotAllowed as refusal:
            found.refused.append((round_, refusal))
    return found


@transaction.atomic
def close_round(round_: Round, *, reason: str = "", seen: str | None = None, by: User) -> Round:
    """Close an open round: its results and base data can't be changed any more, and it is
    sealed as it stands. `seen` is uncertified(round_).stamp as
    the person confirmed it. Raises NotAllowed for a round that isn't open yet, where results that are not certified
    have no reason beside them, and where they have changed since; a closed round stays as it is."""
    round_ = _locked(round_)
    if round_.state == Round.State.CLOSED:
        return round_
    if round_.state != Round.State.OPEN:
        raise NotAllowed(_NOT_OPEN)
    _hold_results(round_)
    left = uncertified(round_)
    if seen is not None and seen != left.stamp:
        raise NotAllowed(_CHANGED)
    reason = clean_text(reason).strip()
    if left.rows and not reason:
        raise NotAllowed(_NO_REASON)
    round_.state = Round.State.CLOSED
    round_.save(update_fields=["state"])
    record(
        "round.closed", by=by, target=round_, unit_id=round_.agreement.unit_id, reason=reason,
        before={"state": Round.State.OPEN},
        after={"state": round_.state, "months": round_.months, "not_certified": left.counts},
    )
    seal_round(round_, by=by)
    return round_


@transaction.atomic
def change_running(
    indicator: Indicator, *, first_round: int | None, cancelled_from: int | None, reason: str, by: User
) -> Indicator:
    """As set_running, and in open rounds in which the indicator runs from now on it gets its empty results. Raises what
    set_running does, and NotAllowed where it would no longer run in a round in which it is certified."""
    rounds = Round.objects.select_for_update(no_key=True).filter(agreement=indicator.agreement_id).order_by("pk")
    asked = Indicator(first_round=first_round, cancelled_from=cancelled_from)
    for round_ in rounds:
        if indicator.runs_in(round_.months) and not asked.runs_in(round_.months) and _certified(round_, {indicator.pk}):
            raise NotAllowed(_certified_there(round_))
    indicator = set_running(
        indicator, first_round=first_round, cancelled_from=cancelled_from, reason=reason, by=by
    )
    for round_ in Round.objects.filter(agreement=indicator.agreement_id, state=Round.State.OPEN):
        _empty_results(indicator.agreement, round_)
    return indicator


@transaction.atomic
def change_weights(round_: Round, weights: Mapping[int, Decimal | None], *, by: User) -> Round:
    """As set_round_weights; raises what that does, and Unfit for an indicator that is certified in the round: its
    sealed weight would stand beside others that don't add up with it."""
    round_ = _locked(round_)
    own = {row.indicator.pk: row for row in weights_of(round_)}
    changed = {pk for pk, weight in weights.items() if pk in own and own[pk].own != own[pk].as_own(weight)}
    certified = _certified(round_, changed)
    if certified:
        raise Unfit({f"w{pk}": _certified_there(round_) for pk in certified})
    return set_round_weights(round_, weights, by=by)


def _certified(round_: Round, indicators: set[int]) -> set[int]:
    """Those of some indicators that are certified in a round, themselves or in their parts; their results are held."""
    found = Result.objects.filter(Q(indicator__in=indicators) | Q(indicator__parent__in=indicators), round=round_)
    held = [one for one in all_locked(found) if one.state == Result.State.CERTIFIED]
    return {one.indicator_id if one.indicator_id in indicators else one.indicator.parent_id for one in held}


def _certified_there(round_: Round) -> Message:
    return Message(
        f"รับรองผลของตัวชี้วัดนี้ในรอบ {round_.months} เดือนแล้ว: เปิดรายงานอีกครั้งพร้อมเหตุผลก่อนเปลี่ยน",
        f"This indicator is certified in the {round_.months}-month round: open its report again with a reason first.",
    )


def _locked(round_: Round) -> Round:
    # Not against keys: whoever holds a result may have rows to add that refer to the round.
    rounds = Round.objects.select_for_update(of=("self",), no_key=True)
    return rounds.select_related("agreement").get(pk=round_.pk)


def _hold_results(round_: Round) -> None:
    """Wait for everybody who is changing a result of the round, and let nobody change one that they read as open:
    neither who waits for the lock, nor a save, which asks for the version alone."""
    held = all_locked(Result.objects.filter(round=round_))
    open_ones = [one.pk for one in held if one.state != Result.State.CERTIFIED]
    Result.objects.filter(pk__in=open_ones).update(version=F("version") + 1)


def _empty_results(agreement: Agreement, round_: Round) -> None:
    for indicator in _running(agreement, round_.months):
        _empty_result(indicator, round_, indicator.lead_unit_id or agreement.unit_id)


def _running(agreement: Agreement, months: int) -> list[Indicator]:
    """The indicators with criteria of their own that run in a round, as does whatever they are part of."""
    every = {indicator.pk: indicator for indicator in Indicator.objects.filter(agreement=agreement)}
    parents = {indicator.parent_id for indicator in every.values()}

    def runs(indicator: Indicator) -> bool:
        return indicator.runs_in(months) and (indicator.parent_id is None or runs(every[indicator.parent_id]))

    return [indicator for indicator in every.values() if indicator.pk not in parents and runs(indicator)]


def _empty_result(indicator: Indicator, round_: Round, unit_id: int) -> None:
    result, _ = Result.objects.get_or_create(indicator=indicator, round=round_, unit_id=unit_id)
    mark, _ = Mark.objects.get_or_create(result=result, stage=Mark.Stage.SELF)
    CriterionResult.objects.bulk_create(
        [CriterionResult(mark=mark, criterion=each) for each in Criterion.objects.filter(indicator=indicator)],
        ignore_conflicts=True,
    )
