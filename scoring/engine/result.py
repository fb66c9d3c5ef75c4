"""A result: what was reported for a criterion, read from plain data and checked against its rubric."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.basedata import Formula, is_name
from scoring.engine.cleaning import one_spelling
from scoring.engine.definition import Rubric
from scoring.engine.fields import as_count, as_items, as_mapping, as_number, fail, only_keys
from scoring.engine.text import quoted

REPORTED, NOT_REPORTED, NOT_APPLICABLE = STATUSES = "reported", "not_reported", "not_applicable"
_KEYS = ("status", "done", "complete", "count", "value", "data")


class Result(NamedTuple):
    """A checked result. None is 'nothing entered'; `done` = () is the report that nothing is done.

    `value` is in the targets' unit or a level; `data` maps every name of the formula, None where still open.
    """

    status: str = REPORTED
    done: tuple[str, ...] | None = None
    complete: tuple[str, ...] | None = None
    count: int | None = None
    value: Decimal | None = None
    data: Mapping[str, Decimal | None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing was entered: such a result has no score (domain.md, 'Rubrics')."""
        return self.done is None and self.count is None and self.value is None and self.data is None


NO_RESULT = Result()


def parse_result(data: Mapping | None, rubric: Rubric) -> Result:
    """Read a result in the form of golden/README.md and hold it to `rubric`.

    Keys that are absent, null or empty are not entered yet; an empty `done` is entered. EngineError says what
    to mend: unknown status, key or item, complete but not done, a level outside the scale, base data unlike
    the formula.
    """
    if data is None:
        return NO_RESULT
    entered = {}
    for key, value in as_mapping(data, "result").items():
        if key not in _KEYS:
            only_keys(data, _KEYS, "result")
        if value is not None and value != "":
            entered[key] = value
    status = entered.pop("status", REPORTED)
    if status not in STATUSES:
        fail(f"'result.status' เป็น {quoted(status)} ให้ใช้ {', '.join(STATUSES)}",
             f"'result.status' is {quoted(status)}: use {', '.join(STATUSES)}", "result.status")
    taken, read = _FORMULA if rubric.formula else _FORMS[rubric.kind]
    others = [key for key in entered if key not in taken]
    if len(others) == len(entered):
        return Result(status)
    if others:
        fail(f"เกณฑ์นี้รับเฉพาะ {' หรือ '.join(taken)} ให้ตัด '{others[0]}' ออก",
             f"this rubric takes only {' or '.join(taken)}: leave out '{others[0]}'", f"result.{others[0]}")
    return read(status, entered, rubric)


def _checklist(status: str, entered: Mapping, rubric: Rubric) -> Result:
    """`done`, with `complete` where evidence counts, else a plain `count`."""
    if "count" in entered:
        return _counted(status, entered, rubric)
    complete = _known_items(entered["complete"], "result.complete", rubric) if "complete" in entered else ()
    done = _known_items(entered["done"], "result.done", rubric) if "done" in entered else ()
    if complete and not set(complete).issubset(done):
        not_done = next(item for item in complete if item not in done)
        fail(f"ข้อ {quoted(not_done)} มีหลักฐานครบแต่ยังไม่ได้ระบุว่าทำแล้ว ให้เพิ่มใน done หรือตัดออกจาก complete",
             f"the item {quoted(not_done)} is complete but not done: add it to done or take it from complete",
             "result.complete")
    if "done" not in entered:
        return Result(status)
    return Result(status, done, complete if rubric.kind == "complete_count" else None)


def _known_items(data: object, field: str, rubric: Rubric) -> tuple[str, ...]:
    items = as_items(data, field)
    if rubric.items is not None and not set(items).issubset(rubric.items):
        unknown = next(item for item in items if item not in rubric.items)
        fail(f"เกณฑ์นี้ไม่มีข้อ {quoted(unknown)} ให้ใช้ข้อที่เกณฑ์กำหนด",
             f"this rubric has no item {quoted(unknown)}: use the items that it names", field)
    return items


def _counted(status: str, entered: Mapping, rubric: Rubric) -> Result:
    if "done" in entered:
        fail("ให้ระบุ done หรือ count อย่างใดอย่างหนึ่ง", "give done or count, not both", "result.count")
    count = as_count(entered["count"], "result.count")
    if rubric.items is not None and count > len(rubric.items):
        fail(
            f"ทำได้ {count} ข้อ แต่เกณฑ์มีเพียง {len(rubric.items)} ข้อ ให้แก้จำนวน",
            f"{count} items are done but the rubric has only {len(rubric.items)}: mend the number",
            "result.count",
        )
    return Result(status, count=count)


def _value(status: str, entered: Mapping, rubric: Rubric) -> Result:
    value = entered["value"]
    if isinstance(value, str) and value.isspace():
        return Result(status)
    value = as_number(value, "result.value")
    if rubric.kind == "level":
        rubric.scorer(value)  # refuses a level outside the scale
    return Result(status, value=value)


def _base_data(status: str, entered: Mapping, rubric: Rubric) -> Result:
    formula: Formula = rubric.formula
    given = as_mapping(entered["data"], "result.data")
    if not given:
        return Result(status)
    values: dict[str, Decimal | None] = {}
    for key, number in given.items():
        name = one_spelling(key) if isinstance(key, str) and not key.isascii() else key
        if not is_name(name) or name not in formula.names or name in values:
            names = ", ".join(formula.names)
            fail(f"สูตรไม่มีข้อมูลพื้นฐานชื่อ {quoted(key)} ให้ใช้ {names} ชื่อละครั้ง",
                 f"the formula has no base datum {quoted(key)}: use {names}, each once", "result.data")
        is_empty = number is None or isinstance(number, str) and not number.strip()
        values[name] = None if is_empty else as_number(number, f"result.data.{name}")
    for name in formula.names:
        if name not in values:
            fail(
                f"ไม่รู้จักชื่อ {quoted(name)} ในสูตร ให้ใส่ค่าใน data หรือแก้สูตร",
                f"the name {quoted(name)} of the formula is unknown: give it in data or mend the formula",
                "result.data",
            )
    return Result(status, data=None if all(value is None for value in values.values()) else values)


_FORMS = {
    "milestones": (("done",), _checklist),
    "count": (("done", "count"), _checklist),
    "complete_count": (("done", "complete"), _checklist),
    "thresholds": (("value",), _value),
    "level": (("value",), _value),
}
_FORMULA = ("data",), _base_data
