"""What a collector typed, parsed and shaped: the form gives it, save_draft takes it."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypedDict

from scoring.engine.text import Message


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
    """One save: texts by name, criteria by primary key, and what could not be read (field name -> sentence)."""

    texts: Mapping[str, str] = field(default_factory=dict)
    criteria: Mapping[int, CriterionEntry] = field(default_factory=dict)
    errors: Mapping[str, Message] = field(default_factory=dict)

    def texts_only(self) -> "ResultEntry":
        """The same without numbers and ticks: what can be kept when one of those can't be scored."""
        kept = {
            pk: CriterionEntry(**{name: entry[name] for name in ("text", "reason") if name in entry})
            for pk, entry in self.criteria.items()
        }
        return ResultEntry(texts=self.texts, criteria=kept, errors=self.errors)
