"""What a collector typed, parsed and shaped: the form gives it, save_draft takes it and says what others changed."""
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypedDict

from django.utils import timezone

from scoring.engine.text import Message, date_text, number_text, quoted, time_text

# One field of the entry page: a text, a number, a tick; None where it is empty or not ticked.
Value = str | Decimal | int | bool | None


class CriterionEntry(TypedDict, total=False):
    """The typed fields of one criterion; a key that is absent was not on the form and stays as it is."""

    not_reported: bool
    nothing: bool  # 'nothing done yet', said explicitly
    value: Decimal | None
    count: int | None
    done: frozenset[str]
    complete: frozenset[str]
    item_reasons: Mapping[str, str]
    data: Mapping[str, Decimal | None]
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResultEntry:
    """One save: texts by name, criteria by primary key, and what could not be read (field name -> sentence).

    `page` names the drawing of the page that it comes from: what the same page saved before is nobody else's change.
    `keep` (field -> version) and `take` answer a conflict: mine over what stood in that version, or theirs.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    criteria: Mapping[int, CriterionEntry] = field(default_factory=dict)
    errors: Mapping[str, Message] = field(default_factory=dict)
    page: str = ""
    keep: Mapping[str, int] = field(default_factory=dict)
    take: frozenset[str] = frozenset()

    def texts_only(self) -> "ResultEntry":
        """The same without numbers and ticks: what can be kept when one of those can't be scored."""
        kept = {
            pk: CriterionEntry(**{name: entry[name] for name in ("text", "reason") if name in entry})
            for pk, entry in self.criteria.items()
        }
        return replace(self, criteria=kept)


@dataclass(frozen=True, slots=True)
class OthersChange:
    """A field that another page changed since this one was drawn: its value now, by whom, when; `own` if that was
    the same person elsewhere. `who` is empty where nobody did: a tick that follows from another one."""

    field: str
    now: Value
    version: int
    who: str = ""
    at: datetime.datetime | None = None
    own: bool = False

    @property
    def shown(self) -> str:
        """The value as it stands in its field."""
        if self.now is None or isinstance(self.now, bool):
            return ""
        return number_text(self.now) if isinstance(self.now, Decimal) else str(self.now)

    def when(self, lang: str) -> str:
        """'14:02 น.', with the day before it unless that is today; in Bangkok."""
        if self.at is None:
            return ""
        moment = timezone.localtime(self.at)
        day = "" if moment.date() == timezone.localdate() else f"{date_text(moment.date(), lang)} "
        return day + time_text(moment, lang)

    def text(self, lang: str) -> str:
        """The sentence of a conflict in `lang`."""
        value = quoted(self.shown, 60)
        return Message(
            f"{'คุณเอง (หน้าต่างอื่น)' if self.own else self.who} แก้ช่องนี้เป็น {value} เมื่อ {self.when('th')}"
            if self.shown else
            f"{'คุณเอง (หน้าต่างอื่น)' if self.own else self.who} ลบข้อความในช่องนี้เมื่อ {self.when('th')}",
            f"{'You, in another window,' if self.own else self.who} changed this to {value} at {self.when('en')}"
            if self.shown else
            f"{'You, in another window,' if self.own else self.who} emptied this field at {self.when('en')}",
        ).text(lang) + Message(" เลือกว่าจะใช้ของคุณหรือของอีกฝ่าย", ": keep yours or take theirs.").text(lang)
