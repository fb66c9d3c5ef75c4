"""Objections of a reporting unit to marks that differ from its own, and the performance office's answers."""
import datetime
from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from indicators.models import Criterion
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine import workflow
from scoring.engine.text import Message, clean_text, date_text
from scoring.models import Objection, Result
from scoring.queries.marks import CriterionMarks, Said, load_marks
from scoring.queries.summary import scores_hidden
from scoring.services.marks import OF_ANOTHER
from scoring.services.rules import NotAllowed, locked, made_by, require, roles_on, wrong_state

_NO_TEXT = Message(
    "ระบุว่าไม่เห็นด้วยเพราะเหตุใด และอ้างถึงหลักฐานใด",
    "Say why you don't agree, and which evidence shows it.",
)
_THE_SAME = Message(
    "คะแนนนี้เท่ากับที่หน่วยงานของท่านประเมินตนเอง จึงไม่มีสิ่งที่ต้องโต้แย้ง",
    "This mark is the same as your unit's own: there is nothing to object to.",
)
_WAITS = Message(
    "มีข้อโต้แย้งเรื่องนี้ที่รอคำตอบอยู่แล้ว: รอคำตอบจากกลุ่มพัฒนาระบบบริหาร",
    "An objection to this waits for its answer already: wait for the performance office.",
)
_NO_ANSWER = Message(
    "ระบุเหตุผลของคำวินิจฉัย เพื่อให้หน่วยงานทราบ",
    "Give the reasons of the answer, so that the unit knows them.",
)
_ANSWERED = Message(
    "ข้อโต้แย้งนี้มีคำวินิจฉัยแล้ว: โหลดหน้านี้ใหม่เพื่อดู",
    "This objection is answered already: reload the page to see the answer.",
)
_OFFICE = Message(
    "เฉพาะกลุ่มพัฒนาระบบบริหารที่ไม่ได้จัดทำรายงานนี้ที่วินิจฉัยได้",
    "Only the performance office answers objections, and nobody who made this report or objected.",
)

# What two marks of a criterion say, and may say the same.
SAID = ("status", "value", "count", "score", "done", "complete")


def last_day(result: Result) -> datetime.date | None:
    """The last day, a whole one in Bangkok, on which the unit may object; None before the approval."""
    since = result.certified_at or (result.decided_at if result.state == Result.State.APPROVED else None)
    return None if since is None else timezone.localdate(since) + datetime.timedelta(days=settings.OBJECTION_DAYS)


def in_time(result: Result) -> bool:
    """Whether the unit may still object today."""
    last = last_day(result)
    return last is not None and timezone.localdate() <= last


def differing(marks: Iterable[CriterionMarks]) -> list[Criterion]:
    """The criteria of which the mark that counts says something else than the collectors' own."""
    return [one.criterion for one in marks if one.differs and not _same(one.own, one.final)]


def _same(one: Said, other: Said) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in SAID)


@transaction.atomic
def object_to(result: Result, *, criterion: Criterion | None = None, text: str, by: User) -> Objection:
    """A collector objects to the mark of a criterion, or to all marks, that differ from the unit's own. Raises
    NotAllowed for the wrong state or person, after the last day, without a text, where the mark is the same or hidden,
    and while the same objection waits."""
    text = clean_text(text).strip()
    if not text:
        raise NotAllowed(_NO_TEXT)
    result = locked(result)
    require(result, "object", by)
    if criterion is not None and criterion.indicator_id != result.indicator_id:
        raise NotAllowed(OF_ANOTHER)
    _require_in_time(result)
    _require_difference(result, criterion, by)
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                result=result, criterion=criterion, text=text, made_by=by, made_at=timezone.now()
            )
    except IntegrityError as error:
        raise NotAllowed(_WAITS) from error
    after = {"objection": objection.pk, "criterion": str(criterion) if criterion else "", "text": text}
    record("objection.made", by=by, target=result, unit_id=result.unit_id, after=after)
    return objection


def _require_in_time(result: Result) -> None:
    last = last_day(result)
    if last is None:
        raise NotAllowed(wrong_state(result))
    if not in_time(result):
        raise NotAllowed(Message(
            f"พ้นกำหนดโต้แย้งแล้ว (วันสุดท้ายคือ {date_text(last, 'th')}): ติดต่อกลุ่มพัฒนาระบบบริหาร",
            f"The time to object is over (its last day was {date_text(last, 'en')}): ask the performance office.",
        ))


def _require_difference(result: Result, criterion: Criterion | None, by: User) -> None:
    if scores_hidden(result.indicator.agreement, by, result.unit.path, result.state):
        raise NotAllowed(wrong_state(result))
    found = {one.pk for one in differing(load_marks(result))}
    if not found or (criterion is not None and criterion.pk not in found):
        raise NotAllowed(_THE_SAME)


@transaction.atomic
def answer_objection(objection: Objection, *, upheld: bool, answer: str, by: User) -> Objection:
    """The performance office upholds or refuses an objection, with its reasons; marking, returning or reopening are
    decisions of their own. Raises NotAllowed for anyone else, the makers of the report and of the objection, without
    reasons and when it is answered."""
    answer = clean_text(answer).strip()
    if not answer:
        raise NotAllowed(_NO_ANSWER)
    result = locked(objection.result)
    if not may_answer_objection(objection, result, by):
        raise NotAllowed(_OFFICE)
    state = Objection.State.UPHELD if upheld else Objection.State.REFUSED
    changed = Objection.objects.filter(pk=objection.pk, state=Objection.State.OPEN).update(
        state=state, answer=answer, answered_by=by, answered_at=timezone.now()
    )
    if changed != 1:
        raise NotAllowed(_ANSWERED)
    objection.refresh_from_db()
    record(
        f"objection.{state}", by=by, target=result, unit_id=result.unit_id, reason=answer,
        before={"state": Objection.State.OPEN}, after={"objection": objection.pk, "text": objection.text},
    )
    return objection


def may_answer_objection(objection: Objection, result: Result, user: User) -> bool:
    """Whether a person may answer: of the office in the unit, and no party to the report or the objection."""
    is_party = objection.made_by_id == user.pk or made_by(result, user)
    return workflow.OFFICE in roles_on(result, user) and not is_party
