"""Reading a reviewer's forms: a mark by values or by a score, ticked rows; parse and shape only."""
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict

from indicators.models import Criterion
from scoring.engine.text import EngineError, Message, parse_number
from scoring.values import CriterionEntry

MOST_ROWS = 500


@dataclass
class TypedMark:
    """What a reviewer typed: values for the rubric, or the score itself; `errors` by the field's name."""

    entry: CriterionEntry | None = None
    score: Decimal | None = None
    reason: str = ""
    errors: dict[str, Message] = field(default_factory=dict)


def read_mark(post: QueryDict, criterion: Criterion) -> TypedMark:
    """Shape a POST of the form 'mark it otherwise'. A typed score stands for itself, else the values are scored."""
    typed = TypedMark(reason=post.get("reason", ""))
    typed.score = _number(post, "score", typed)
    if typed.score is None and not typed.errors:
        typed.entry = _entry(post, criterion, typed)
    return typed


def _entry(post: QueryDict, criterion: Criterion, typed: TypedMark) -> CriterionEntry:
    if "not_reported" in post:
        return CriterionEntry(not_reported=True)
    entry = CriterionEntry(not_reported=False)
    if "listed" in post:
        entry["done"] = frozenset(post.getlist("done"))
        if criterion.kind == "complete_count":
            entry["complete"] = frozenset(post.getlist("complete"))
    if "count" in post:
        count = _number(post, "count", typed)
        if count is not None and (count != count.to_integral_value() or not 0 <= count <= 1_000_000):
            typed.errors["count"] = Message(
                "กรอกจำนวนเต็มตั้งแต่ 0 ถึง 1,000,000", "Type a whole number from 0 to 1,000,000."
            )
        else:
            entry["count"] = None if count is None else int(count)
    if "value" in post:
        entry["value"] = _number(post, "value", typed)
    return entry


def _number(post: QueryDict, name: str, typed: TypedMark) -> Decimal | None:
    if not post.get(name, "").strip():
        return None
    try:
        return parse_number(post[name])
    except EngineError as error:
        typed.errors[name] = error.message
        return None


def read_numbers(post: QueryDict, name: str) -> list[int]:
    """The keys under a name; what isn't one is left out."""
    found = post.getlist(name)[:MOST_ROWS]
    return [int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 16]
