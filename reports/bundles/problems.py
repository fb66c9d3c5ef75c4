"""What keeps a bundle from being asked for, made or fetched."""
from scoring.engine.text import Message


class NotMade(Exception):
    """A bundle can't be asked for or made; `message` says to the person why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class Cancelled(Exception):
    """The person cancelled the bundle, or another worker makes it by now: what was made so far is let go."""


class Paused(Exception):
    """Others wait for the task worker: the rest is prepared in the next turn."""


CLOSED = Message(
    "ท่านไม่มีสิทธิเปิดเอกสารบางรายการในชุดนี้แล้ว โปรดเลือกรายการใหม่จากคลังเอกสาร",
    "Some of what you chose is no longer open to you: choose anew in the library.",
)
BROKEN = Message(
    "ระบบจัดทำไฟล์นี้ไม่สำเร็จ โปรดลองใหม่ และแจ้งผู้ดูแลระบบหากยังไม่สำเร็จ",
    "The portal could not make this file: try again, and tell the administrator if it fails again.",
)
NOT_STORED = Message(
    "ที่จัดเก็บไฟล์ไม่ตอบสนองหรือเต็ม จึงจัดทำไฟล์นี้ไม่สำเร็จ โปรดลองใหม่ภายหลัง และแจ้งผู้ดูแลระบบหากยังไม่สำเร็จ",
    "The storage of files doesn't answer or is full: try again later, and tell the administrator if it fails again.",
)
NOT_READ = Message(
    "ที่จัดเก็บไฟล์ไม่ตอบสนองหรือไม่พบไฟล์นี้ โปรดลองใหม่ในอีกหนึ่งนาที และแจ้งผู้ดูแลระบบหากยังไม่สำเร็จ",
    "The storage of files doesn't answer or lacks this file: try again in a minute, and tell the administrator if it "
    "fails again.",
)
LOST = Message(
    "การจัดทำไฟล์นี้หยุดกลางคันหลายครั้ง โปรดลองใหม่ และแจ้งผู้ดูแลระบบหากยังไม่สำเร็จ",
    "The making of this file broke off several times: try again, and tell the administrator if it fails again.",
)
MOST_KEPT = 20
TOO_MANY_KEPT = Message(
    f"ระบบเก็บไฟล์ของท่านไว้ {MOST_KEPT} ไฟล์แล้ว โปรดลบไฟล์ที่ไม่ใช้แล้วในหน้า “ไฟล์ของท่าน” ก่อน",
    f"{MOST_KEPT} files are kept for you already: first remove those on 'Your files' that you no longer need.",
)
MOST_UNDER_WAY = 3
TOO_MANY = Message(
    f"ท่านมีไฟล์ที่กำลังจัดทำอยู่ {MOST_UNDER_WAY} ไฟล์แล้ว โปรดรอให้เสร็จหรือยกเลิกบางไฟล์ก่อน",
    f"{MOST_UNDER_WAY} files are being made for you: wait until one is ready, or cancel one.",
)
