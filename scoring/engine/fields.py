"""Reading plain data (from JSON, YAML or a form): each value in its shape, or an EngineError that says what
to mend.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NoReturn

from scoring.engine.text import (
    EXACT,
    MAX_PLACES,
    MAX_WHOLE_DIGITS,
    EngineError,
    Message,
    parse_number,
    quoted,
    round4,
)

MAX_ITEMS = 1000
SCORE_PLACES = 4
_FIRST_TOO_LARGE = 10 ** MAX_WHOLE_DIGITS


def fail(th: str, en: str, field: str = "") -> NoReturn:
    """Refuse the input `field` with one sentence in both languages."""
    raise EngineError(Message(th, en), field)


def as_mapping(data: object, field: str) -> Mapping:
    """`data` as an object of named values."""
    if isinstance(data, Mapping):
        return data
    fail(
        f"'{field}' ต้องเป็นออบเจ็กต์ {{…}} ที่มีชื่อกำกับค่า",
        f"'{field}' must be an object {{…}} of named values",
        field,
    )


def as_list(data: object, field: str) -> list | tuple:
    """`data` as a list of at most 1,000 entries."""
    if not isinstance(data, list | tuple):
        fail(f"'{field}' ต้องเป็นรายการ […]", f"'{field}' must be a list […]", field)
    if len(data) > MAX_ITEMS:
        fail(
            f"'{field}' มีเกิน {MAX_ITEMS} รายการ ให้ลดลง",
            f"'{field}' has more than {MAX_ITEMS} entries: shorten it",
            field,
        )
    return data


def only_keys(data: Mapping, known: Iterable[str], field: str) -> None:
    """Refuse a key of `data` that is not one of `known`."""
    unknown = [key for key in data if key not in known]
    if unknown:
        names = ", ".join(known)
        fail(f"'{field}' มีคีย์ {quoted(unknown[0])} ที่ไม่รู้จัก ให้ใช้เฉพาะ {names}",
             f"'{field}' has the unknown key {quoted(unknown[0])}: use only {names}", field)


def required(data: Mapping, key: str, field: str) -> object:
    """The value of `key`, which must be there and not null."""
    value = data.get(key)
    if value is None:
        fail(f"'{field}' ไม่มี '{key}' ให้ระบุ", f"'{field}' lacks '{key}': give it", f"{field}.{key}")
    return value


def as_text(data: object, field: str) -> str:
    """`data` as a name that is not empty."""
    if isinstance(data, str) and data.strip():
        return data
    fail(f"'{field}' ต้องเป็นข้อความที่ไม่ว่าง", f"'{field}' must be a text that is not empty", field)


def as_items(data: object, field: str) -> tuple[str, ...]:
    """`data` as ids of checklist items, none twice."""
    items = as_list(data, field)
    for item in items:
        if not isinstance(item, str) or not item:
            fail(f"'{field}' ต้องเป็นรายการรหัสข้อ เช่น [\"a\", \"b\"] แต่มี {quoted(item)}",
                 f"'{field}' must list item ids such as [\"a\", \"b\"], not {quoted(item)}", field)
    if len(set(items)) != len(items):
        refuse_twice(items, field)
    return tuple(items)


def refuse_twice(items: Iterable[str], field: str) -> None:
    """Refuse an item that is named twice."""
    seen: set[str] = set()
    for item in items:
        if item in seen:
            fail(f"ข้อ {quoted(item)} ถูกระบุซ้ำใน '{field}' ให้ระบุครั้งเดียว",
                 f"the item {quoted(item)} is named twice in '{field}': name it once", field)
        seen.add(item)


def as_number(data: object, field: str) -> Decimal:
    """`data` as an exact decimal: text as a person types it, a whole number, or a Decimal; never a float.

    At most 15 digits before the point and 10 after (golden/README.md).
    """
    if isinstance(data, str):
        return parse_number(data, field)
    if isinstance(data, Decimal):
        return _checked_decimal(data, field)
    if isinstance(data, int) and not isinstance(data, bool):
        if -_FIRST_TOO_LARGE < data < _FIRST_TOO_LARGE:
            return Decimal(data)
        _fail_size(field)
    fail(
        f"'{field}' ต้องเป็นตัวเลขฐานสิบ เช่น \"84.40\"",
        f"'{field}' must be a decimal number such as \"84.40\"",
        field,
    )


def _checked_decimal(number: Decimal, field: str) -> Decimal:
    if not number.is_finite():
        fail(
            f"'{field}' ต้องเป็นตัวเลขจำกัด ไม่ใช่ NaN หรืออนันต์",
            f"'{field}' must be finite, not NaN or infinity",
            field,
        )
    if number.adjusted() >= MAX_WHOLE_DIGITS or number.as_tuple().exponent < -MAX_PLACES:
        _fail_size(field)
    if number.as_tuple().exponent > 0:
        number = EXACT.quantize(number, Decimal(1))
    return number if number else number.copy_abs()


def _fail_size(field: str) -> NoReturn:
    fail(
        f"'{field}' ยาวเกินไป ให้ใช้ไม่เกิน {MAX_WHOLE_DIGITS} หลักหน้าจุดและ {MAX_PLACES} หลักหลังจุดทศนิยม",
        f"'{field}' is too long: use at most {MAX_WHOLE_DIGITS} digits before the point"
        f" and {MAX_PLACES} after",
        field,
    )


def as_count(data: object, field: str) -> int:
    """`data` as a number of items: a whole number of 0 or more."""
    number = as_number(data, field)
    if number < 0 or number != number.to_integral_value():
        fail(f"'{field}' ต้องเป็นจำนวนเต็มตั้งแต่ 0 ขึ้นไป", f"'{field}' must be a whole number of 0 or more", field)
    return int(number)


def as_score(data: object, field: str, scale: tuple[Decimal, Decimal] | None = None) -> Decimal:
    """`data` as a score of at most four places, inside `scale` where one is given."""
    score = as_number(data, field)
    if round4(score) != score:
        fail(
            f"'{field}' ต้องมีทศนิยมไม่เกิน {SCORE_PLACES} ตำแหน่ง",
            f"'{field}' must have at most {SCORE_PLACES} places",
            field,
        )
    if scale and not scale[0] <= score <= scale[1]:
        fail(f"'{field}' เท่ากับ {score:f} ต้องอยู่ในช่วงคะแนน {scale[0]:f} ถึง {scale[1]:f}",
             f"'{field}' is {score:f}: it must lie on the scale from {scale[0]:f} to {scale[1]:f}", field)
    return score
