"""What a reviewer settles before deciding."""
from indicators.models import Criterion
from scoring.engine.readiness import Problem
from scoring.engine.text import Message
from scoring.models import EvidenceUse, ItemReview, Result
from scoring.queries.marks import stale_marks

_CHANGED_SINCE = Message(
    "ผู้จัดเก็บข้อมูลแก้ไขประเด็นนี้หลังจากที่ท่านให้คะแนน: ตรวจแล้วยืนยันหรือยกเลิกคะแนนของท่าน",
    "the collectors changed this after you marked it: look at it, then confirm your mark or take it back",
)
_WITHOUT_COMMENT = Message(
    "มีข้อที่ยังไม่เพียงพอแต่ไม่ระบุว่าขาดอะไร: เขียนความเห็นหรือยอมรับข้อนั้น",
    "an item is not enough without saying what it lacks: write a comment or accept the item",
)


def unsettled(result: Result, stage: str) -> list[Problem]:
    """What a reviewer of this stage settles before deciding: marks of an earlier submission on criteria that changed
    since, and items that are not enough without a comment. `path` names criterion and field."""
    found = [("mark_stale", sheet.criterion, _CHANGED_SINCE) for sheet in stale_marks(result, stage)]
    commented = result.item_reviews.filter(verdict=ItemReview.Verdict.INSUFFICIENT).values("item")
    lacking = result.evidence_uses.listed().filter(verdict=EvidenceUse.Verdict.INSUFFICIENT, item__isnull=False)
    criteria = Criterion.objects.filter(items__in=lacking.exclude(item__in=commented).values("item")).distinct()
    found += [("comment_missing", criterion, _WITHOUT_COMMENT) for criterion in criteria]
    return [
        Problem(code, Message(f"{one}: {sentence.th}", f"{one}: {sentence.en}"), (str(one.pk), "mark"))
        for code, one, sentence in found
    ]
