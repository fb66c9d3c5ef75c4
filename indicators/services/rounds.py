"""The rounds of an agreement and their dates; opening and closing them is scoring's."""
import datetime

from django.db import transaction

from indicators.models import Agreement, Round
from indicators.services.refusal import NotAllowed, Unfit
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine.text import BUDDHIST_ERA, Message, date_text

Day = datetime.date | None

_CLOSED = Message(
    "ปิดรอบนี้แล้ว จึงแก้ไขไม่ได้: ให้กลุ่มพัฒนาระบบบริหารเปิดรอบอีกครั้งพร้อมเหตุผลก่อน",
    "This round is closed and can't be changed: have the performance office reopen it with a reason first.",
)
_OVER = Message(
    "คำรับรองนี้ปิดแล้ว จึงเพิ่มรอบไม่ได้: เลือกคำรับรองของปีที่ยังใช้อยู่",
    "This agreement is closed, so it gets no more rounds: choose one that is still in use.",
)
_MONTHS = Message("เลือกรอบ 6, 9 หรือ 12 เดือน", "Choose a round of 6, 9 or 12 months.")
_TURNED = Message(
    "วันครบกำหนดมาก่อนวันเปิดรอบ: แก้วันใดวันหนึ่ง", "The due date comes before the opening date: change one of them."
)


def locked_round(round_: Round) -> Round:
    """The round re-read under a lock. Raises NotAllowed once it is closed."""
    # Not against keys: whoever saves base data, which refer to the round, holds the trail that this change ends in.
    rounds = Round.objects.select_for_update(of=("self",), no_key=True)
    round_ = rounds.select_related("agreement__fiscal_year").get(pk=round_.pk)
    if round_.state == Round.State.CLOSED:
        raise NotAllowed(_CLOSED)
    return round_


@transaction.atomic
def add_round(agreement: Agreement, *, months: int, opens_on: Day = None, due_on: Day = None, by: User) -> Round:
    """Add a planned round of 6, 9 or 12 months. Raises NotAllowed for a closed agreement, Unfit for months that are
    there already and for dates that don't fit between those of the other rounds."""
    agreement = Agreement.objects.select_for_update(of=("self",)).select_related("fiscal_year").get(pk=agreement.pk)
    if agreement.state == Agreement.State.CLOSED:
        raise NotAllowed(_OVER)
    if months not in (6, 9, 12):
        raise Unfit({"months": _MONTHS})
    if agreement.rounds.filter(months=months).exists():
        raise Unfit({"months": _there_already(months)})
    round_ = Round(agreement=agreement, months=months, opens_on=opens_on, due_on=due_on)
    _refuse_dates(round_)
    round_.save()
    after = {"months": months, "opens_on": opens_on, "due_on": due_on}
    record("round.added", by=by, target=round_, unit_id=agreement.unit_id, after=after)
    return round_


@transaction.atomic
def set_round_dates(round_: Round, *, opens_on: Day, due_on: Day, by: User) -> Round:
    """Set when a round is to open and when its reports are due; both days are whole days in Bangkok. Raises
    NotAllowed for a closed round, Unfit for dates that don't fit between those of the other rounds."""
    round_ = locked_round(round_)
    # Rounds before their agreement, everywhere; this lock because the dates of two rounds are held against each other.
    Agreement.objects.select_for_update().get(pk=round_.agreement_id)
    before = {"opens_on": round_.opens_on, "due_on": round_.due_on}
    after = {"opens_on": opens_on, "due_on": due_on}
    if after == before:
        return round_
    round_.opens_on, round_.due_on = opens_on, due_on
    _refuse_dates(round_)
    round_.save(update_fields=["opens_on", "due_on"])
    record(
        "round.dates_set", by=by, target=round_, unit_id=round_.agreement.unit_id,
        before={"months": round_.months} | before, after={"months": round_.months} | after,
    )
    return round_


def _there_already(months: int) -> Message:
    return Message(
        f"มีรอบ {months} เดือนอยู่แล้ว: เลือกรอบอื่น หรือแก้วันของรอบเดิม",
        f"There is a round of {months} months already: choose another one, or change the dates of that one.",
    )


def _refuse_dates(round_: Round) -> None:
    problems: dict[str, Message] = {}
    if round_.opens_on and round_.due_on and round_.due_on < round_.opens_on:
        problems["due_on"] = _TURNED
    begins = datetime.date(round_.agreement.fiscal_year.year - BUDDHIST_ERA - 1, 10, 1)
    others = list(Round.objects.filter(agreement=round_.agreement_id).exclude(months=round_.months))
    for name in ("opens_on", "due_on"):
        day = getattr(round_, name)
        if day and day < begins:
            problems.setdefault(name, _too_early(begins))
        for other in others:
            if (theirs := getattr(other, name)) and day and (day <= theirs if round_.months > other.months else
                                                             day >= theirs):
                problems.setdefault(name, _out_of_order(other, theirs, round_.months > other.months))
    if problems:
        raise Unfit(problems)


def _too_early(begins: datetime.date) -> Message:
    return Message(
        f"วันนี้อยู่ก่อนปีงบประมาณ ซึ่งเริ่ม {date_text(begins, 'th')}: ตรวจปี พ.ศ.",
        f"This day lies before the fiscal year, which begins on {date_text(begins, 'en')}: check the year.",
    )


def _out_of_order(other: Round, day: datetime.date, after: bool) -> Message:
    th, en = ("หลัง", "after") if after else ("ก่อน", "before")
    return Message(
        f"วันนี้ต้องอยู่{th}วันเดียวกันของรอบ {other.months} เดือน ({date_text(day, 'th')}): แก้วันใดวันหนึ่ง",
        f"This must be {en} the {other.months}-month round's date, {date_text(day, 'en')}: change one of them.",
    )
