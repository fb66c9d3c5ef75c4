"""Questions of reviewers, and the collectors' answers: the report stays where it is meanwhile."""
from django.db import transaction
from django.utils import timezone

from indicators.models import Criterion
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.engine import workflow
from scoring.engine.text import Message, clean_text
from scoring.models import Question, Result
from scoring.services.marks import OF_ANOTHER
from scoring.services.rules import NotAllowed, locked, require, roles_on, wrong_state

_NO_TEXT = Message(
    "พิมพ์คำถามที่ต้องการให้ผู้จัดเก็บข้อมูลตอบ",
    "Type the question that the data collectors are to answer.",
)
_NO_ANSWER = Message("พิมพ์คำตอบก่อนส่ง", "Type the answer before sending it.")
_ANSWERED = Message(
    "คำถามนี้มีผู้ตอบแล้ว: โหลดหน้านี้ใหม่เพื่อดูคำตอบ",
    "Somebody answered this question already: reload the page to see the answer.",
)
# While somebody else decides about a report, its collectors can still answer.
ANSWERED_IN = (Result.State.SUBMITTED, Result.State.APPROVED)


@transaction.atomic
def ask_question(result: Result, *, criterion: Criterion | None = None, text: str, by: User) -> Question:
    """A reviewer asks the collectors about a criterion, or about the whole report. Raises NotAllowed for the wrong
    state or person, for another indicator's criterion and without a text."""
    text = clean_text(text).strip()
    if not text:
        raise NotAllowed(_NO_TEXT)
    result = locked(result)
    require(result, "ask", by)
    if criterion is not None and criterion.indicator_id != result.indicator_id:
        raise NotAllowed(OF_ANOTHER)
    question = Question.objects.create(
        result=result, criterion=criterion, text=text, asked_by=by, asked_at=timezone.now()
    )
    after = {"question": question.pk, "criterion": str(criterion) if criterion else "", "text": text}
    record("question.asked", by=by, target=result, unit_id=result.unit_id, after=after)
    return question


@transaction.atomic
def answer_question(question: Question, *, answer: str, by: User) -> Question:
    """A collector answers a question, once. Raises NotAllowed for anyone else, for an answered question, without a
    text, and once the report is no longer under review."""
    answer = clean_text(answer).strip()
    if not answer:
        raise NotAllowed(_NO_ANSWER)
    result = locked(question.result)
    if not may_answer(result, by):
        raise NotAllowed(wrong_state(result))
    changed = Question.objects.filter(pk=question.pk, answer="").update(
        answer=answer, answered_by=by, answered_at=timezone.now()
    )
    if changed != 1:
        raise NotAllowed(_ANSWERED)
    question.refresh_from_db()
    after = {"question": question.pk, "text": question.text, "answer": answer}
    record("question.answered", by=by, target=result, unit_id=result.unit_id, after=after)
    return question


def may_answer(result: Result, user: User) -> bool:
    """Whether a person may answer questions about a result now."""
    under_review = result.state in ANSWERED_IN and result.phase == workflow.OPEN
    return under_review and workflow.COLLECTOR in roles_on(result, user)
