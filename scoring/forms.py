"""Reading the entry form: parse and shape only, the service decides. What can't be read is told at its field."""
from collections.abc import Callable
from decimal import Decimal

from django.http import QueryDict

from indicators.models import Criterion
from scoring.engine.text import EngineError, Message, parse_number
from scoring.models import TEXTS
from scoring.services.rules import LONGEST_REASON
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
    take = frozenset(post.getlist("take"))
    for name in take & errors.keys():
        del errors[name]
    seen = sorted((int(v), name) for name, _, v in (k.rpartition(":") for k in post.getlist("keep")) if _is_version(v))
    return ResultEntry(
        texts={n: t for n, t in texts.items() if n not in errors and len(t) <= LONGEST_TEXT}, criteria=entries,
        errors=errors, page=post.get("page", "")[:40], take=take,
        keep={name: version for version, name in seen},
    )


def read_version(post: QueryDict) -> int | None:
    """The result's version that the page was drawn from; None for a POST that doesn't say."""
    version = post.get("version", "")
    return int(version) if _is_version(version) else None


def read_seen(post: QueryDict) -> int | None:
    """The version that somebody who decides has seen. One that can't be read is 0, older than anything that is decided:
    whoever sends it saw no page of ours."""
    return read_version(post) if _is_version(post.get("version", "0")) else 0


def _is_version(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def typed_again(post: QueryDict, criteria: list[Criterion]) -> dict[str, str | bool]:
    """What the fields of a refused form show once more, by the id of each: the text as typed, whether it was ticked."""
    typed: dict[str, str | bool] = dict(post.items())
    for criterion in criteria:
        if str(criterion.pk) in post.getlist("criterion"):
            prefix = f"c{criterion.pk}-"
            for name in ("done", "complete"):
                ticked = post.getlist(prefix + name)
                typed |= {f"{prefix}{name}-{item.code}": item.code in ticked for item in criterion.items.all()}
            typed |= {prefix + name: prefix + name in post for name in ("nothing", "not_reported")}
    return typed


def _read_criterion(post: QueryDict, criterion: Criterion, errors: dict[str, Message]) -> CriterionEntry:
    prefix = f"c{criterion.pk}-"
    entry = CriterionEntry(not_reported=f"{prefix}not_reported" in post, nothing=f"{prefix}nothing" in post)
    for name, limit in (("text", LONGEST_TEXT), ("reason", LONGEST_REASON)):
        if prefix + name in post:
            _put(entry, name, prefix + name, errors, lambda key, limit=limit: _text(post, key, errors, limit))
    if f"{prefix}left_out" in post:  # the form of a criterion that doesn't apply has its text only
        return CriterionEntry(**{name: entry[name] for name in ("text",) if name in entry})
    if f"{prefix}value" in post:
        _put(entry, "value", f"{prefix}value", errors, lambda key: _number(post[key]))
    if f"{prefix}count" in post:
        _put(entry, "count", f"{prefix}count", errors, lambda key: _whole(post[key]))
    if criterion.kind in ("milestones", "count", "complete_count") and f"{prefix}count" not in post:
        entry["done"] = frozenset(post.getlist(f"{prefix}done"))
        entry["complete"] = frozenset(post.getlist(f"{prefix}complete")) & entry["done"]
        reasons = {key: _text(post, key, errors, LONGEST_REASON) for key in post if key.startswith(f"{prefix}why-")}
        entry["item_reasons"] = {k.removeprefix(f"{prefix}why-"): t for k, t in reasons.items() if k not in errors}
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


def _text(post: QueryDict, key: str, errors: dict[str, Message], limit: int = LONGEST_TEXT) -> str:
    value = post[key]
    if len(value) > limit:
        errors[key] = Message(
            f"ข้อความยาว {len(value):,} ตัวอักษร: ย่อให้ไม่เกิน {limit:,} ตัวอักษร หรือแนบเป็นเอกสาร",
            f"The text has {len(value):,} characters: shorten it to at most {limit:,}, or attach a document.",
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
