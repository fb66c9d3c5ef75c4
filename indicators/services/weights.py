"""Weights per round, and in which rounds an indicator runs."""
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from indicators.models import Agreement, Indicator, Round, RoundWeight
from indicators.models.agreement import new_stamp
from indicators.round_weights import weights_problem, weights_of
from indicators.services.refusal import NotAllowed, Unfit
from indicators.services.rounds import locked_round
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import Message, clean_text, plain, quoted, round4

_RANGE = Message(
    "น้ำหนักต้องมากกว่า 0 ไม่เกิน 9999 และมีทศนิยมไม่เกินสี่ตำแหน่ง",
    "A weight is above 0, at most 9999, with four places at most.",
)
_ANOTHER = Message(
    "ตัวชี้วัดนี้ไม่อยู่ในคำรับรอง: โหลดหน้านี้ใหม่", "This indicator isn't of this agreement: reload the page."
)
_NO_REASON = Message(
    "ระบุเหตุผลที่เปลี่ยนรอบที่วัด เช่น เลขที่มติหรือหนังสือที่อนุมัติ",
    "Give the reason for changing the rounds, such as the decision or letter that allows it.",
)
_NEVER = Message(
    "รอบที่ยกเลิกต้องอยู่หลังรอบแรกที่วัด: เลือกรอบที่ยกเลิกใหม่ หรือเว้นรอบแรกไว้",
    "The indicator must be cancelled after its first round: choose a later round, or leave the first round empty.",
)


@transaction.atomic
def set_round_weights(round_: Round, weights: Mapping[int, Decimal | None], *, by: User) -> Round:
    """Set the weights that indicators (by pk) have in one round; None: the base weight. An indicator that isn't named
    keeps what it has. Raises NotAllowed for a closed round, Unfit for values that are no weights and, once the
    agreement is in force, for a sum that isn't the total."""
    round_ = locked_round(round_)
    agreement = Agreement.objects.select_for_update().get(pk=round_.agreement_id)
    rows = {row.indicator.pk: row for row in weights_of(round_)}
    problems = {f"w{pk}": _value_problem(weights[pk], pk in rows) for pk in weights}
    problems = {name: problem for name, problem in problems.items() if problem}
    if problems:
        raise Unfit(problems)
    changed = {pk: weight for pk, weight in weights.items() if rows[pk].own != rows[pk].as_own(weight)}
    if not changed:
        return round_
    before, after = {}, {}
    for pk, weight in changed.items():
        label = str(rows[pk].indicator)
        before[label], rows[pk].own = _text(rows[pk].own), rows[pk].as_own(weight)
        after[label] = _text(rows[pk].own)
    problem = weights_problem(agreement, round_, rows.values())
    if problem and agreement.state == Agreement.State.IN_FORCE:
        raise Unfit({"": problem.message})
    _store(round_, {pk: rows[pk].own for pk in changed})
    _renew(agreement)
    record("round.weights_set", by=by, target=round_, unit_id=agreement.unit_id, before=before, after=after)
    return round_


def _store(round_: Round, own: Mapping[int, Decimal | None]) -> None:
    RoundWeight.objects.filter(round=round_, indicator__in=list(own)).delete()
    RoundWeight.objects.bulk_create(
        RoundWeight(round=round_, indicator_id=pk, weight=weight) for pk, weight in own.items() if weight is not None
    )


def _value_problem(weight: Decimal | None, known: bool) -> Message | None:
    if not known:
        return _ANOTHER
    if weight is None:
        return None
    whole = weight.is_finite() and 0 < weight <= 9999 and weight == round4(weight)
    return None if whole else _RANGE


def _text(weight: Decimal | None) -> str | None:
    return None if weight is None else plain(weight)


def _renew(agreement: Agreement) -> None:
    agreement.definition_stamp = new_stamp()
    agreement.save(update_fields=["definition_stamp"])


@transaction.atomic
def set_running(
    indicator: Indicator, *, first_round: int | None, cancelled_from: int | None, reason: str, by: User
) -> Indicator:
    """Measure an indicator, with all below it, from `first_round` on (None: the first) and no longer from
    `cancelled_from` on (None: to the end). Raises Unfit without a reason or for rounds that there are not, NotAllowed
    where it would change what ran in a closed round. Results that are there stay."""
    locked = Round.objects.select_for_update(no_key=True)
    rounds = list(locked.filter(agreement=indicator.agreement_id).order_by("pk"))
    agreement = Agreement.objects.select_for_update().get(pk=indicator.agreement_id)
    indicator = Indicator.objects.get(pk=indicator.pk)
    before = {"first_round": indicator.first_round, "cancelled_from": indicator.cancelled_from}
    after = {"first_round": first_round, "cancelled_from": cancelled_from}
    if before == after:
        return indicator
    reason = clean_text(reason).strip()
    problems = _running_problems(first_round, cancelled_from, reason)
    if problems:
        raise Unfit(problems)
    closed = [round_.months for round_ in rounds if round_.state == Round.State.CLOSED]
    ran = {months: indicator.runs_in(months) for months in closed}
    indicator.first_round, indicator.cancelled_from = first_round, cancelled_from
    for months, was in ran.items():
        if indicator.runs_in(months) != was:
            raise NotAllowed(_is_closed(months))
    Indicator.objects.filter(pk__in=_branch(indicator)).update(**after)
    _renew(agreement)
    record(
        "indicator.rounds_set", by=by, target=indicator, unit_id=agreement.unit_id, before=before, after=after,
        reason=reason,
    )
    return indicator


def _running_problems(first_round: int | None, cancelled_from: int | None, reason: str) -> dict[str, Message]:
    problems: dict[str, Message] = {}
    for name, months in (("first_round", first_round), ("cancelled_from", cancelled_from)):
        if months not in (None, 6, 9, 12):
            problems[name] = Message(
                f"ไม่มีรอบ {quoted(months)}: เลือกรอบ 6, 9 หรือ 12 เดือน",
                f"There is no round of {quoted(months)} months: choose 6, 9 or 12.",
            )
    if not problems and first_round and cancelled_from and cancelled_from <= first_round:
        problems["cancelled_from"] = _NEVER
    if not reason:
        problems["reason"] = _NO_REASON
    return problems


def _is_closed(months: int) -> Message:
    return Message(
        f"ปิดรอบ {months} เดือนแล้ว จึงเปลี่ยนไม่ได้ว่าตัวชี้วัดใดวัดในรอบนั้น: เลือกรอบที่ยังไม่ปิด",
        f"The {months}-month round is closed, so what ran in it stays: choose rounds that aren't closed.",
    )


def _branch(indicator: Indicator) -> list[int]:
    """The indicator and its sub-indicators, at any depth."""
    found, level = [indicator.pk], [indicator.pk]
    while level:
        level = list(Indicator.objects.filter(parent__in=level).values_list("pk", flat=True))
        found += level
    return found
