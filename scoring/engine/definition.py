"""A rubric: how a result becomes a score, read from plain data and checked. Reached through rubric.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from scoring.engine.basedata import Formula, parse_formula
from scoring.engine.fields import (
    as_count,
    as_items,
    as_list,
    as_mapping,
    as_number,
    as_score,
    fail,
    only_keys,
    refuse_twice,
    required,
)
from scoring.engine.scorers import (
    Scorer,
    complete_count_scorer,
    count_scorer,
    formula_scorer,
    level_scorer,
    milestones_scorer,
    thresholds_scorer,
)
from scoring.engine.targets import Targets, make_targets
from scoring.engine.text import number_text, plain, quoted, round4

DEFAULT_SCALE = (Decimal("1.0000"), Decimal("5.0000"))


@dataclass(frozen=True, slots=True)
class Rubric:
    """A checked rubric of one of five kinds (domain.md, 'Rubrics'); all scores are SM of four places.

    `levels` (milestones): (score, the items that the level itself adds). `counts` and `scores` (count,
    complete_count): numbers of items and what they score. `items`: every item id that a result may name, None
    where the rubric doesn't name them. `labels` and `marks`: its levels' scores and targets as people read
    them. `scorer`: score_answer's function.
    """

    kind: str
    scale: tuple[Decimal, Decimal]
    scorer: Scorer = field(repr=False, compare=False)
    labels: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    levels: tuple[tuple[Decimal, frozenset[str]], ...] = ()
    items: tuple[str, ...] | None = None
    counts: tuple[int, ...] = ()
    scores: tuple[Decimal, ...] = ()
    none: Decimal | None = None
    incomplete: Decimal | None = None
    targets: Targets | None = None
    stepped: bool = False
    formula: Formula | None = None


def parse_rubric(data: Mapping) -> Rubric:
    """Read a rubric in the form of golden/README.md; numbers as text, whole numbers or Decimals.

    Counting rubrics may list their `items`, which results are then held to. EngineError says what to mend.
    """
    data = as_mapping(data, "rubric")
    kind = data.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        known = ", ".join(_READERS)
        fail(f"ไม่รู้จักชนิดเกณฑ์ {quoted(kind)} ให้ใช้ชนิดใดชนิดหนึ่งของ {known}",
             f"the rubric kind {quoted(kind)} is unknown: use one of {known}", "rubric.kind")
    keys, read = reader
    only_keys(data, ("kind", "scale", *keys), "rubric")
    scale = _scale(data.get("scale"))
    return read(data, scale)


def without_formula(rubric: Rubric) -> Rubric:
    """The same targets for a figure that is given as it is, as a reviewer gives it."""
    if rubric.formula is None:
        return rubric
    return replace(rubric, formula=None, scorer=thresholds_scorer(rubric.targets, rubric.scale[0], rubric.stepped))


def _scale(data: object) -> tuple[Decimal, Decimal]:
    if data is None:
        return DEFAULT_SCALE
    data = as_mapping(data, "rubric.scale")
    only_keys(data, ("min", "max"), "rubric.scale")
    low, high = (
        as_score(required(data, end, "rubric.scale"), f"rubric.scale.{end}") for end in ("min", "max")
    )
    if not low < high:
        fail(f"ค่าต่ำสุดของช่วงคะแนน ({low:f}) ต้องน้อยกว่าค่าสูงสุด ({high:f})",
             f"the scale's minimum ({low:f}) must be less than its maximum ({high:f})", "rubric.scale")
    return round4(low), round4(high)


def _rows(data: Mapping, key: str, columns: tuple[str, ...], least: int = 1) -> Iterator[tuple[str, Mapping]]:
    """The rows of a table with the path of each, after checking its shape and keys."""
    rows = as_list(required(data, key, "rubric"), f"rubric.{key}")
    if len(rows) < least:
        fail(f"'rubric.{key}' ต้องมีอย่างน้อย {least} รายการ", f"'rubric.{key}' needs at least {least} entries",
             f"rubric.{key}")
    for number, row in enumerate(rows, 1):
        path = f"rubric.{key}[{number}]"
        only_keys(as_mapping(row, path), columns, path)
        yield path, row


def _score_of(row: Mapping, path: str, scale: tuple[Decimal, Decimal]) -> Decimal:
    return round4(as_score(required(row, "score", path), f"{path}.score", scale))


def _refuse_not_rising(scores: list[Decimal], key: str) -> None:
    for before, after in pairwise(scores):
        if not before < after:
            fail(f"คะแนนใน '{key}' ต้องเพิ่มขึ้นทุกระดับ แต่ {after:f} ตามหลัง {before:f} ให้เรียงจากต่ำไปสูงและไม่ซ้ำ",
                 f"the scores of '{key}' must rise from level to level, but {after:f} follows {before:f}:"
                 " order them from low to high, each once", key)


def _labels(scores: Iterable[Decimal]) -> tuple[str, ...]:
    return tuple(map(plain, scores))


def _milestones(data: Mapping, scale: tuple[Decimal, Decimal]) -> Rubric:
    levels: list[tuple[Decimal, tuple[str, ...]]] = []
    for path, row in _rows(data, "levels", ("score", "items")):
        items = as_items(required(row, "items", path), f"{path}.items")
        if not items:
            fail(
                f"'{path}' ไม่มีข้อที่ต้องทำ ให้ระบุข้อหรือตัดระดับนี้ออก",
                f"'{path}' has no items: name them or leave out the level",
                f"{path}.items",
            )
        levels.append((_score_of(row, path, scale), items))
    _refuse_not_rising([score for score, _ in levels], "rubric.levels")
    every = tuple(item for _, items in levels for item in items)
    refuse_twice(every, "rubric.levels")
    table = tuple((score, frozenset(items)) for score, items in levels)
    return Rubric(
        "milestones",
        scale,
        milestones_scorer(table, scale[0]),
        _labels(score for score, _ in levels),
        levels=table,
        items=every,
    )


def _steps(data: Mapping, scale: tuple[Decimal, Decimal]) -> tuple[tuple[int, ...], tuple[Decimal, ...]]:
    """The rubric's map as (numbers of items, scores), both rising."""
    counts, scores = [], []
    for path, row in _rows(data, "map", ("items", "score")):
        count = as_count(required(row, "items", path), f"{path}.items")
        if count <= (counts[-1] if counts else 0):
            fail(
                f"จำนวนข้อใน 'rubric.map' ต้องเป็นจำนวนเต็มบวกที่เพิ่มขึ้นทุกระดับ แต่พบ {count} ที่ '{path}'",
                f"the numbers of items in 'rubric.map' must be positive and rise, but '{path}' has {count}",
                path,
            )
        counts.append(count)
        scores.append(_score_of(row, path, scale))
    _refuse_not_rising(scores, "rubric.map")
    return tuple(counts), tuple(scores)


def _listed_items(data: Mapping, counts: tuple[int, ...]) -> tuple[str, ...] | None:
    if data.get("items") is None:
        return None
    items = as_items(data["items"], "rubric.items")
    if counts[-1] > len(items):
        fail(
            f"'rubric.map' ต้องการ {counts[-1]} ข้อ แต่ 'rubric.items' มีเพียง {len(items)} ข้อ ให้แก้ให้ตรงกัน",
            f"'rubric.map' asks for {counts[-1]} items, 'rubric.items' has {len(items)}: make them agree",
            "rubric.items",
        )
    return items


def _count(data: Mapping, scale: tuple[Decimal, Decimal]) -> Rubric:
    counts, scores = _steps(data, scale)
    return Rubric(
        "count",
        scale,
        count_scorer(counts, scores, scale[0]),
        _labels(scores),
        counts=counts,
        scores=scores,
        items=_listed_items(data, counts),
    )


def _complete_count(data: Mapping, scale: tuple[Decimal, Decimal]) -> Rubric:
    counts, scores = _steps(data, scale)
    none, incomplete = (
        round4(as_score(required(data, key, "rubric"), f"rubric.{key}", scale))
        for key in ("none", "incomplete")
    )
    # With fewer complete items than the map begins with, the score is the scale's minimum (golden/README.md).
    lowest_partial = scores[0] if counts[0] == 1 else scale[0]
    if not none <= incomplete <= lowest_partial:
        fail("คะแนน 'none', 'incomplete' และคะแนนเมื่อครบหนึ่งข้อต้องไม่ลดลงตามลำดับ"
             " ให้แก้คะแนนหรือเริ่ม 'map' ที่ 1 ข้อ",
             "the scores 'none', 'incomplete' and that of one complete item must not fall:"
             " mend them or begin 'map' with 1 item", "rubric.incomplete")
    scorer = complete_count_scorer(count_scorer(counts, scores, scale[0]), none, incomplete)
    return Rubric("complete_count", scale, scorer, _labels(scores), counts=counts, scores=scores, none=none,
                  incomplete=incomplete, items=_listed_items(data, counts))


def _thresholds(data: Mapping, scale: tuple[Decimal, Decimal]) -> Rubric:
    pairs = [
        (_score_of(row, path, scale), as_number(required(row, "target", path), f"{path}.target"))
        for path, row in _rows(data, "targets", ("score", "target"), least=2)]
    scores = [score for score, _ in pairs]
    _refuse_not_rising(scores, "rubric.targets")
    _refuse_turning([target for _, target in pairs])
    between = data.get("between", "interpolate")
    if between not in ("interpolate", "step"):
        fail(f"'rubric.between' เป็น {quoted(between)} ให้ใช้ interpolate หรือ step",
             f"'rubric.between' is {quoted(between)}: use interpolate or step", "rubric.between")
    formula = None if data.get("formula") is None else parse_formula(data["formula"])
    targets, stepped = make_targets(pairs), between == "step"
    scorer = (formula_scorer if formula else thresholds_scorer)(targets, scale[0], stepped)
    marks = tuple(number_text(target) for _, target in pairs)
    return Rubric("thresholds", scale, scorer, _labels(scores), marks,
                  targets=targets, stepped=stepped, formula=formula)


def _refuse_turning(targets: list[Decimal]) -> None:
    """Refuse targets that neither strictly rise nor strictly fall."""
    neighbours = list(pairwise(targets))
    if all(a < b for a, b in neighbours) or all(a > b for a, b in neighbours):
        return
    shown = ", ".join(f"{target:f}" for target in targets[:10])
    fail(f"ค่าเป้าหมาย {shown} ต้องเพิ่มขึ้นทุกระดับหรือลดลงทุกระดับ ให้แก้ค่าที่ซ้ำหรือย้อนกลับ",
         f"the targets {shown} must strictly rise or strictly fall: mend what repeats or turns back",
         "rubric.targets")


def _level(_data: Mapping, scale: tuple[Decimal, Decimal]) -> Rubric:
    return Rubric("level", scale, level_scorer(scale))


_Reader = tuple[tuple[str, ...], Callable[[Mapping, tuple[Decimal, Decimal]], Rubric]]
_READERS: dict[str, _Reader] = {
    "milestones": (("levels",), _milestones),
    "count": (("map", "items"), _count),
    "complete_count": (("none", "incomplete", "map", "items"), _complete_count),
    "thresholds": (("targets", "between", "formula"), _thresholds),
    "level": ((), _level),
}
KINDS = tuple(_READERS)
