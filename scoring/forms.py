"""Reading the entry form: parse and shape only, the service decides. What can't be read is told at its field."""
from collections.abc import Callable
from decimal import Decimal

from django.http import QueryDict

from indicators.models import Criterion
from scoring.engine.text import EngineError, Message, parse_number
from scoring.models import TEXTS
from scoring.values import CriterionEntry, ResultEntry

LONGEST_TEXT = 20_000


def read_entry(post: QueryDict, criteria: list[Criterion]) -> ResultEntry:
    """Shape a POST of the entry page. `criterion` names the criteria whose fields are on the form; only those, and
    the texts that are present, are read."""
    errors: dict[str, Message] = {}
    posted = set(post.getlist("criterion"))
    entries = {
        criterion.pk: _read_criterion(post, criterion, errors) for criterion in criteria if str(criterion.pk) in posted
    }
    texts = {name: _text(post, name, errors) for name in TEXTS if name in post}
    return ResultEntry(texts={n: t for n, t in texts.items() if n not in errors}, criteria=entries, errors=errors)


def _read_criterion(post: QueryDict, criterion: Criterion, errors: dict[str, Message]) -> CriterionEntry:
    prefix = f"c{criterion.pk}-"
    entry = CriterionEntry(not_reported=f"{prefix}not_reported" in post, nothing=f"{prefix}nothing" in post)
    for name in ("text", "reason"):
        if prefix + name in post:
            _put(entry, name, prefix + name, errors, lambda key: _text(post, key, errors))
    if f"{prefix}value" in post:
        _put(entry, "value", f"{prefix}value", errors, lambda key: _number(post[key]))
    if f"{prefix}count" in post:
        _put(entry, "count", f"{prefix}count", errors, lambda key: _whole(post[key]))
    if criterion.kind in ("milestones", "count", "complete_count") and f"{prefix}count" not in post:
        entry["done"] = frozenset(post.getlist(f"{prefix}done"))
        entry["complete"] = frozenset(post.getlist(f"{prefix}complete")) & entry["done"]
        entry["item_reasons"] = {
            key.removeprefix(f"{prefix}why-"): post[key] for key in post if key.startswith(f"{prefix}why-")
        }
    if criterion.formula:
        entry["data"] = _data(post, criterion, errors)
    return entry


def _put(entry: CriterionEntry, name: str, key: str, errors: dict[str, Message], read: Callable) -> None:
    try:
        value = read(key)
    except EngineError as error:
        errors[key] = error.message
        return
    if key not in errors:
        entry[name] = value


def _text(post: QueryDict, key: str, errors: dict[str, Message]) -> str:
    value = post[key]
    if len(value) > LONGEST_TEXT:
        errors[key] = Message(
            f"ข้อความยาว {len(value):,} ตัวอักษร: ย่อให้ไม่เกิน {LONGEST_TEXT:,} ตัวอักษร หรือแนบเป็นเอกสาร",
            f"The text has {len(value):,} characters: shorten it to at most {LONGEST_TEXT:,}, or attach a document.",
        )
    return value


def _number(typed: str) -> Decimal | None:
    return parse_number(typed) if typed.strip() else None


def _whole(typed: str) -> int | None:
    number = _number(typed)
    if number is None:
        return None
    if number != number.to_integral_value() or not 0 <= number <= 1_000_000:
        raise EngineError(
            Message(
                f"'{typed.strip()}' ไม่ใช่จำนวนเต็ม: กรอกจำนวนเต็มตั้งแต่ 0 ถึง 1,000,000",
                f"'{typed.strip()}' is not a whole number: type one from 0 to 1,000,000.",
            )
        )
    return int(number)


def _data(post: QueryDict, criterion: Criterion, errors: dict[str, Message]) -> dict[str, Decimal | None]:
    data = {}
    for variable in criterion.variables.all():
        key = f"c{criterion.pk}-data-{variable.name}"
        if key in post:
            try:
                data[variable.name] = _number(post[key])
            except EngineError as error:
                errors[key] = error.message
    return data
