"""Opening a round, from then on every indicator has its result to fill in; and closing it, which seals it."""
from django.db import transaction

from indicators.models import Agreement, Criterion, Indicator, Round
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import Message, clean_text
from scoring.models import CriterionResult, Mark, Result
from scoring.services.rules import NotAllowed
from scoring.services.sealing import seal_round


@transaction.atomic
def open_round(round_: Round, *, by: User | None) -> Round:
    """Open a round of an agreement in force: an empty result (every criterion open) for the lead unit of each
    indicator that runs in it. Raises NotAllowed while the definition is a draft; an open round stays as it is."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=round_.pk)
    agreement = round_.agreement
    if agreement.state != Agreement.State.IN_FORCE:
        raise NotAllowed(
            Message(
                "เปิดรอบไม่ได้เพราะคำรับรองยังเป็นฉบับร่าง: ประกาศใช้คำรับรองก่อน",
                "The round can't be opened while the agreement is a draft: put the agreement in force first.",
            )
        )
    if round_.state == Round.State.OPEN:
        return round_
    for indicator in _running(agreement, round_.months):
        _empty_result(indicator, round_, indicator.lead_unit_id or agreement.unit_id)
    before, round_.state = round_.state, Round.State.OPEN
    round_.save(update_fields=["state"])
    record(
        "round.opened", by=by, target=round_, unit_id=agreement.unit_id,
        before={"state": before}, after={"state": round_.state},
    )
    return round_


@transaction.atomic
def close_round(round_: Round, *, reason: str = "", by: User) -> Round:
    """Close an open round: its results can't be changed any more, and it is sealed as it stands. Raises NotAllowed for
    a round that isn't open yet, or without a reason where results aren't certified; a closed round stays as it is."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=round_.pk)
    if round_.state == Round.State.CLOSED:
        return round_
    if round_.state != Round.State.OPEN:
        raise NotAllowed(
            Message(
                "ปิดรอบไม่ได้เพราะรอบยังไม่เปิด: เปิดรอบก่อน",
                "The round can't be closed while it isn't open: open it first.",
            )
        )
    left = round_.results.exclude(state=Result.State.CERTIFIED).count()
    reason = clean_text(reason).strip()
    if left and not reason:
        raise NotAllowed(
            Message(
                f"ยังมีรายงานที่ไม่ได้รับการรับรอง {left} รายงาน: ระบุเหตุผลที่ปิดรอบ",
                f"{left} results are not certified: give the reason for closing the round.",
            )
        )
    round_.state = Round.State.CLOSED
    round_.save(update_fields=["state"])
    record(
        "round.closed", by=by, target=round_, unit_id=round_.agreement.unit_id, reason=reason,
        before={"state": Round.State.OPEN}, after={"state": round_.state, "not_certified": left},
    )
    seal_round(round_, by=by)
    return round_


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
