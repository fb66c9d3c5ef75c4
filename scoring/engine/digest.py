"""The daily mail: what a person's notices say, as plain text that every mail program shows."""
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from scoring.engine.notices import HEADINGS, ORDER, Kind, Notice
from scoring.engine.text import Message, date_text

WIDTH = 76
# A longer list would not be read; the board shows all of it.
MOST_LISTED = 20


class Mail(NamedTuple):
    """A mail's subject and text."""

    subject: str
    body: str


def news(notices: Iterable[Notice], told: Iterable[str]) -> list[Notice]:
    """The notices that the last mail (its keys: `told`) did not hold."""
    known = frozenset(told)
    return [notice for notice in notices if notice.key not in known]


def compose(name: str, notices: Sequence[Notice], lang: str, today: date, site: str) -> Mail:
    """The digest of one day in one language; `site` is the portal's address without the last slash."""
    day = date_text(today, lang)
    subject = Message(
        f"KPI Portal: {len(notices)} เรื่องสำหรับท่าน ({day})",
        f"KPI Portal: {len(notices)} {'matter' if len(notices) == 1 else 'matters'} for you ({day})",
    )
    greeting = Message(f"เรียน {name}", f"Dear {name},")
    intro = Message(
        f"เรื่องของท่านในระบบรายงานผลตามคำรับรองการปฏิบัติราชการ ณ วันที่ {day}",
        f"What concerns you in the performance agreement reports as of {day}:",
    )
    parts = [fold(greeting.text(lang)), "", fold(intro.text(lang)), ""]
    for kind in ORDER:
        parts += _section(kind, [notice for notice in notices if notice.kind == kind], lang, site)
    parts += _ending(lang, site)
    return Mail(subject.text(lang), "\n".join(parts) + "\n")


def _section(kind: Kind, notices: Sequence[Notice], lang: str, site: str) -> list[str]:
    if not notices:
        return []
    lines = [f"{HEADINGS[kind].text(lang)} ({len(notices)})"]
    for notice in notices[:MOST_LISTED]:
        lines += [fold(f"- {notice.about.text(lang)}", "  "), fold(f"  {notice.sentence.text(lang)}", "  ")]
        lines.append(f"  {site}{notice.path}")
    more = len(notices) - MOST_LISTED
    if more > 0:
        lines.append(Message(f"- และอีก {more} รายการ", f"- and {more} more").text(lang))
        lines.append(f"  {site}/board/")
    return [*lines, ""]


def _ending(lang: str, site: str) -> list[str]:
    why = Message(
        "ระบบส่งอีเมลนี้โดยอัตโนมัติ ไม่เกินวันละหนึ่งฉบับ เปลี่ยนภาษาหรือหยุดรับได้ที่",
        "The portal sends this by itself, at most one mail a day. Change the language or stop it here:",
    )
    home = Message("หน้าหลัก:", "Home page:")
    return ["-- ", home.text(lang), f"{site}/", fold(why.text(lang)), f"{site}/reminders/"]


def width(text: str) -> int:
    """The columns that a text takes: Thai vowels and tone marks above and below take none."""
    return sum(unicodedata.category(character) not in ("Mn", "Me", "Cf") for character in text)


def fold(text: str, indent: str = "") -> str:
    """A text in lines of WIDTH columns, broken at its spaces only: a Thai word or an address stays whole."""
    lead = text[: len(text) - len(text.lstrip(" "))]
    lines = [lead]
    for word in text.split():
        filled = lines[-1].strip()
        if filled and width(lines[-1]) + 1 + width(word) > WIDTH:
            lines.append(f"{indent}{word}")
        else:
            lines[-1] += f" {word}" if filled else word
    return "\n".join(lines)
