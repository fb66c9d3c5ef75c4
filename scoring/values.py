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
LONGEST_IN_A_SENTENCE = 40


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
class UnitEntry:
    """What an operating unit reports of one criterion: base data by the variable's name (absent: stays as it is), or
    that it doesn't report, with the reason."""

    values: Mapping[str, Decimal | None] = field(default_factory=dict)
    not_reported: bool = False
    reason: str = ""

    def fields(self) -> dict[str, Decimal | bool | str | None]:
        """Everything by the name of its field in the form."""
        named = {f"data-{name}": value for name, value in self.values.items()}
        return named | {"not_reported": self.not_reported, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class ResultEntry:
    """One save: texts by name, criteria by primary key, and what could not be read (field name -> sentence).

    `page` names the drawing of the page that it comes from: what the same page saved before is nobody else's change.
    `keep` (field -> version) names fields that were typed over a later version than the rest, as 'keep mine' does
    after the other value was shown; `take` those that shall stay as others made them.
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

    @property
    def long(self) -> bool:
        """Whether the value is too long to stand inside a sentence."""
        return len(self.shown) > LONGEST_IN_A_SENTENCE or "\n" in self.shown

    def when(self, lang: str) -> str:
        """'14:02 น.', with the day before it unless that is today; in Bangkok."""
        if self.at is None:
            return ""
        moment = timezone.localtime(self.at)
        day = "" if moment.date() == timezone.localdate() else f"{date_text(moment.date(), lang)} "
        return day + time_text(moment, lang)

    def text(self, lang: str) -> str:
        """The sentence of a conflict in `lang`."""
        who_th, who_en = ("คุณเอง (หน้าต่างอื่น)", "You, in another window,") if self.own else (self.who, self.who)
        did_th, did_en = "ลบข้อความในช่องนี้", "emptied this field"
        if self.shown:
            to_th, to_en = ("", "") if self.long else (f"เป็น {quoted(self.shown)}", f" to {quoted(self.shown)}")
            did_th, did_en = f"แก้ช่องนี้{to_th}", f"changed this{to_en}"
        return Message(
            f"{who_th} {did_th} เมื่อ {self.when('th')} เลือกว่าจะใช้ของคุณหรือของอีกฝ่าย",
            f"{who_en} {did_en} at {self.when('en')}: keep yours or take theirs.",
        ).text(lang)
