"""Why a change of people or rights is refused, in sentences that say what to do."""
from scoring.engine.text import Message


class NotAllowed(Exception):
    """The person may not do this now; `message` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


OUTSIDE = Message(
    "บุคคลหรือหน่วยงานนี้อยู่นอกสายงานที่ท่านดูแล ให้ติดต่อผู้ดูแลระบบของหน่วยงานที่สูงกว่า",
    "This person or unit lies outside the branches that you administer: ask the administrator of the unit above.",
)
OWN_RIGHTS = Message(
    "ท่านให้สิทธิหรือขยายสิทธิแก่ตนเองไม่ได้ ให้ผู้ดูแลระบบคนอื่นเป็นผู้ทำ",
    "You can't give or prolong rights of your own: ask another administrator to do it.",
)
OWN_ACCOUNT = Message(
    "ท่านปิดหรือเปิดบัญชีของตนเองไม่ได้ ให้ผู้ดูแลระบบคนอื่นเป็นผู้ทำ",
    "You can't deactivate or reactivate your own account: ask another administrator to do it.",
)
OWN_REVIEW = Message(
    "ท่านทบทวนสิทธิของตนเองไม่ได้ ให้ผู้อื่นเป็นผู้ทบทวน",
    "You can't review your own rights: ask someone else to do it.",
)
OUT_OF_REVIEW = Message(
    "สิทธิบางรายการอยู่นอกหน่วยงานที่ท่านทบทวน ให้เปิดหน้าทบทวนสิทธิใหม่แล้วเลือกอีกครั้ง",
    "Some of these rights lie outside the units that you review: open the review anew and choose again.",
)
CLOSED_ACCOUNT = Message(
    "บัญชีนี้ปิดอยู่ ให้เปิดบัญชีก่อนแล้วจึงให้สิทธิ",
    "This account is deactivated: reactivate it before you give it a right.",
)
HAS_ENDED = Message(
    "สิทธินี้สิ้นสุดแล้ว หากต้องใช้ต่อให้ให้สิทธิใหม่",
    "This right has ended: give a new one if it is still needed.",
)
ENDS_TOO_EARLY = Message(
    "วันสิ้นสุดต้องไม่ก่อนวันนี้และไม่ก่อนวันเริ่ม หากต้องการให้หมดสิทธิทันทีให้กด 'สิ้นสุดทันที'",
    "The last day can't be before today or before the first day: to end the right at once, press 'End now'.",
)
OVERLAPS = Message(
    "บุคคลนี้มีสิทธิเดียวกันในหน่วยงานนี้ในช่วงเวลานั้นแล้ว ให้แก้วันสิ้นสุดของสิทธิเดิมแทน",
    "The person has the same right in this unit in that time already: change the last day of that one instead.",
)
NO_REASON = Message(
    "ให้ระบุเหตุผลที่ปิดหรือเปิดบัญชี",
    "Say why the account is deactivated or reactivated.",
)


def last_administrator(unit: str) -> Message:
    """The refusal that keeps an administrator in a branch."""
    return Message(
        f"{unit} จะไม่มีผู้ดูแลระบบเหลืออยู่ ให้แต่งตั้งผู้ดูแลระบบคนอื่นก่อน",
        f"{unit} would be left without an administrator: appoint another one first.",
    )
