"""The heading of a summary table: which column is what, whatever they are called and in which order."""
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from reports.checking.grid import Grid, Line
from scoring.engine.text import arabic_digits

NAME, NUMBER, UNIT, WEIGHT, RESULT, SCORE, WEIGHTED = (
    "name", "number", "unit", "weight", "result", "score", "weighted"
)
TARGETS = "targets"  # the heading above the levels, no column of its own
HIGHEST, MOST_TRIED = 3, 100  # lines of a heading; places where one is looked for
_LEVEL = re.compile(
    r"(?:ระดับ|level|คะแนน|ค่าคะแนน|เกณฑ์|ค่าเป้าหมาย|เป้าหมาย|target|score)?(?:ที่|=|:)?(\d{1,3}(?:\.\d{1,4})?)"
    r"(?:คะแนน|points?)?")
# In this order: the first that is found says what a heading means.
_WORDS = (
    ("", r"คะแนนเต็ม|fullscore|maximumscore|maxscore"),
    (NAME, r"^ตัวชี้วัด|^indicator|^kpi|^ประเด็น"),
    (WEIGHTED, r"ถ่วง|weighted|^\(?wi?[x×*·.](?:sm?|c)i?\)?|น.?.?หนัก[x×*]|[x×*]น.?.?หนัก"),
    (RESULT, r"^ผล(?!.*คะแนน)|^result|^actual|^performance|^achieved"),
    (TARGETS, r"เกณฑ์|criteria|เป้าหมาย|target|^ระดับคะแนน$|^ระดับ$|^levels?$"),
    (WEIGHT, r"น[ํ]?[้]?[ํ]?[าำ]หนัก|weight|^\(?w\)?$|^wt\.?$"),
    (SCORE, r"คะแนน|score|^\(?sm\)?$"),
    (RESULT, r"ผลการดำเนิน|ผลงาน|result"),
    (UNIT, r"หน่วย(?!งาน)|^units?(?:$|of)|^uom$"),
    (NUMBER, r"^ลำดับ|^ที่$|^no\.?$|^#$|^number$|^เลขที่$|^ข้อ"),
    (NAME, r"ตัวชี้วัด|indicator|รายการ|ประเด็น|ชื่อ|name|criterion|^item"),
)
_MEANINGS = tuple((role, re.compile(words)) for role, words in _WORDS)


class Side(NamedTuple):
    """The columns of one assessment: many tables print the agency's own and the evaluators' side by side."""

    result: int | None
    score: int | None
    weighted: int | None


class Heading(NamedTuple):
    """Lines `first` to `after` − 1 (positions in the grid) are the heading; columns are counted from 0."""

    first: int
    after: int
    columns: dict[str, int]
    levels: dict[int, Decimal]
    sides: tuple[Side, ...]
    names: tuple[str, ...]

    @property
    def known(self) -> int:
        """How many columns are understood."""
        return len(self.columns) + len(self.levels) + sum(each is not None for side in self.sides for each in side)


def find_heading(grid: Grid) -> Heading | None:
    """The heading that explains most columns, the topmost of equals; None where no line names weight and score."""
    found: Heading | None = None
    weights = [n for n, line in enumerate(grid.lines) if any(_role(cell.text) == WEIGHT for cell in line.cells)]
    near = dict.fromkeys(n - up for n in weights[:MOST_TRIED] for up in reversed(range(HIGHEST)) if n >= up)
    for first in near:
        for height in range(1, HIGHEST + 1):
            heading = _heading(grid, first, height)
            if heading and (found is None or heading.known > found.known):
                found = heading
    return found


def _heading(grid: Grid, first: int, height: int) -> Heading | None:
    lines = grid.lines[first:first + height]
    if len(lines) < height or any(line.number - lines[0].number > 2 * HIGHEST for line in lines):
        return None
    columns = list(_loose(lines) if grid.loose else _stacked(lines))
    meanings = [_meaning(texts) for texts in columns]
    if None in meanings:
        return None
    roles: dict[str, list[int]] = {}
    levels = {}
    for column, meaning in enumerate(meanings):
        if isinstance(meaning, Decimal):
            if meaning in levels.values():
                return None
            levels[column] = meaning
        elif meaning:
            roles.setdefault(meaning, []).append(column)
    if WEIGHT not in roles or not (SCORE in roles or WEIGHTED in roles):
        return None
    names = tuple(_name(texts, meaning) for texts, meaning in zip(columns, meanings, strict=True))
    columns = {role: found[0] for role, found in roles.items() if role in (NAME, NUMBER, UNIT, WEIGHT)}
    return Heading(first, first + height, columns, levels if len(levels) > 1 else {}, _sides(roles), names)


def _name(texts: Sequence[str], meaning: str | Decimal) -> str:
    """A column's name: what stands above it, of a level the lowest line only."""
    said = list(dict.fromkeys(text for text in texts if text))
    return said[-1] if isinstance(meaning, Decimal) else " ".join(said)


def _stacked(lines: Sequence[Line]) -> Iterator[tuple[str, ...]]:
    """The heading's texts of each column, from top to bottom."""
    for column in range(max(len(line.cells) for line in lines)):
        yield tuple(line.cell(column).text for line in lines)


def _loose(lines: Sequence[Line]) -> Iterable[tuple[str, ...]]:
    """The same where empty cells are lost: what the second line names stands below the first targets heading."""
    above = [cell.text for cell in lines[0].cells]
    if len(lines) == 1:
        return [(text,) for text in above]
    heads = [number for number, text in enumerate(above) if _role(text) == TARGETS]
    if len(lines) > 2 or not heads or _level(lines[1].cells[0].text) is None:
        return [("", "0"), ("0", "")]
    return [(text,) for text in above[:heads[0]]] + [(cell.text,) for cell in lines[1].cells]


def _meaning(texts: Sequence[str]) -> str | Decimal | None:
    """What a column is: the lowest text that says it; '' for nothing known, None if this can't be a heading, because a
    number stands below a name that needs none."""
    said: str | Decimal = ""
    for text in texts:
        if not text:
            continue
        level, role = _level(text), _role(text)
        if level is not None and said not in ("", TARGETS) and text[:1].isdigit():
            return None
        if level is None and not role and re.fullmatch(r"[\d\s.,%-]+", arabic_digits(text)):
            return None
        if level is not None:
            said = level
        elif role and not (role == TARGETS and said):
            said = role
    return said


@lru_cache(10_000)
def _role(text: str) -> str:
    short = re.sub(r"\s", "", arabic_digits(text).lower())[:200]
    return next((role for role, words in _MEANINGS if words.search(short)), "")


@lru_cache(10_000)
def _level(text: str) -> Decimal | None:
    match = _LEVEL.fullmatch(re.sub(r"\s", "", arabic_digits(text).lower())[:40])
    return Decimal(match[1]) if match else None


def _sides(roles: dict[str, list[int]]) -> tuple[Side, ...]:
    """One side for each score column, or for each weighted one where there are no scores."""
    found = {role: roles.get(role, []) for role in (RESULT, SCORE, WEIGHTED)}
    number = len(found[SCORE]) or len(found[WEIGHTED])

    def column(role: str, side: int) -> int | None:
        one = found[role]
        if not one:
            return None
        return one[side] if len(one) == number else one[0] if side == 0 or role == RESULT else None

    return tuple(Side(*(column(role, side) for role in (RESULT, SCORE, WEIGHTED))) for side in range(number))
