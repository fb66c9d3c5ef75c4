"""What people are told of the reports that concern them: one sentence each, in both languages."""
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from scoring.engine.text import Message, date_text

LONGEST_NAME, LONGEST_REASON = 120, 300


class Kind(StrEnum):
    """The kinds of notices, in the order in which they are told."""

    RETURNED = "returned"
    LATE = "late"
    DUE = "due"
    QUESTION = "question"
    OPEN = "open"
    DECIDE = "decide"
    CERTIFY = "certify"
    REQUEST = "request"
    OBJECTION = "objection"
    ESCALATED = "escalated"


HEADINGS = {
    Kind.RETURNED: Message("ส่งคืนให้แก้ไข", "Returned to be corrected"),
    Kind.LATE: Message("เลยกำหนดแล้ว", "Late"),
    Kind.DUE: Message("ใกล้ครบกำหนด", "Due soon"),
    Kind.QUESTION: Message("คำถามที่รอคำตอบจากท่าน", "Questions that wait for your answer"),
    Kind.OPEN: Message("รอท่านรายงาน", "Waiting for your report"),
    Kind.DECIDE: Message("รอท่านพิจารณา", "Waiting for your decision"),
    Kind.CERTIFY: Message("รอท่านรับรอง", "Waiting for your certification"),
    Kind.REQUEST: Message("คำขอไม่นำมาประเมินที่รอพิจารณา", "Requests to leave a criterion out"),
    Kind.OBJECTION: Message("คำคัดค้านที่รอคำตอบ", "Objections that wait for an answer"),
    Kind.ESCALATED: Message("หน่วยงานที่ยังไม่ส่งรายงาน", "Reports that others are late with"),
}
ORDER = list(HEADINGS)


class Notice(NamedTuple):
    """One thing that a person is told. `key` names it and its step: what was told once under a key is no news.
    `about` is the report, `path` leads to it."""

    kind: Kind
    key: str
    about: Message
    sentence: Message
    path: str


def both(write: Callable[[str], str]) -> Message:
    """One text, written in each language."""
    return Message(write("th"), write("en"))


def shortened(text: str, most: int) -> str:
    """A text on one line, cut after `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rstrip()}…"


def report_named(number: str, name: str, unit: str, months: int) -> Message:
    """What a report is called in a notice."""
    indicator = shortened(f"{number} {name}", LONGEST_NAME)
    return Message(f"{indicator} · {unit} · รอบ {months} เดือน", f"{indicator} · {unit} · {months}-month round")


def on_day(day: date, today: date) -> Message:
    """'เมื่อวานนี้', 'yesterday', or the date."""
    near = {0: Message("วันนี้", "today"), 1: Message("เมื่อวานนี้", "yesterday")}.get((today - day).days)
    return near or Message(f"เมื่อ {date_text(day, 'th')}", f"on {date_text(day, 'en')}")


def returned(day: date, today: date, reason: str) -> Message:
    """'Returned yesterday: …'."""
    when, why = on_day(day, today), shortened(reason, LONGEST_REASON)
    return both(lambda lang: f"{Message('ส่งคืน', 'Returned ').text(lang)}{when.text(lang)}: {why}")


def due(day: date, today: date) -> Message:
    """'Due in 3 days'; a date ends at 23:59:59."""
    left, shown = (day - today).days, both(lambda lang: date_text(day, lang))
    if left == 0:
        return Message("ครบกำหนดวันนี้ ภายในเวลา 23.59 น.", "Due today, until 23:59")
    if left == 1:
        return Message(f"ครบกำหนดพรุ่งนี้ ({shown.th})", f"Due tomorrow ({shown.en})")
    return Message(f"ครบกำหนดในอีก {left} วัน ({shown.th})", f"Due in {left} days ({shown.en})")


def late(day: date, today: date) -> Message:
    """'Late since …', with the days."""
    n = (today - day).days
    return Message(
        f"เลยกำหนดวันที่ {date_text(day, 'th')} มาแล้ว {n} วัน",
        f"Late since {date_text(day, 'en')} ({n} {'day' if n == 1 else 'days'})",
    )


def questions(n: int) -> Message:
    """'2 questions wait for your answer'."""
    return Message(f"มีคำถามรอคำตอบ {n} ข้อ", "1 question waits" if n == 1 else f"{n} questions wait")


def open_until(day: date | None) -> Message:
    """A report that is still far from its due date, or has none."""
    if day is None:
        return Message("ยังไม่ได้ส่ง", "Not handed in yet")
    return Message(f"ยังไม่ได้ส่ง กำหนด {date_text(day, 'th')}", f"Not handed in yet, due {date_text(day, 'en')}")


def handed_in(day: date, today: date) -> Message:
    """When a report came to the one who decides."""
    when = on_day(day, today)
    return both(lambda lang: f"{Message('ส่งมา', 'Handed in ').text(lang)}{when.text(lang)}")


def approved(day: date, today: date) -> Message:
    """When a report came to the one who certifies."""
    when = on_day(day, today)
    return both(lambda lang: f"{Message('เห็นชอบ', 'Approved ').text(lang)}{when.text(lang)}")


def base_data(said: int, asked: int) -> Message:
    """How many of the base data that a unit is asked for are there."""
    return Message(f"ข้อมูลพื้นฐาน: รายงานแล้ว {said} จาก {asked}", f"Base data: {said} of {asked} reported")


def joined(first: Message, second: Message) -> Message:
    """Two sentences as one."""
    return both(lambda lang: f"{first.text(lang)}, {second.text(lang)}" if lang == "en" else f"{first.th} {second.th}")
