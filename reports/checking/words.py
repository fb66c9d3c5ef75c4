"""The words of a table's cells: numbers as people print them, blanks, what isn't applicable, totals, headings."""
import re
from decimal import Decimal
from typing import NamedTuple

from reports.checking.grid import Cell
from scoring.engine.table_rows import Printed
from scoring.engine.text import EngineError, arabic_digits, parse_number

_BLANK = re.compile(r"[\s\-–—−.…_]*|nil|ไม่มี|ไม่มีผล", re.IGNORECASE)
_NOT_APPLICABLE = re.compile(
    r"n/?a|n\.\s?a\.?|not applicable|ไม่นำมาประเมิน|ไม่ประเมิน|ไม่มีการประเมิน|ไม่เกี่ยวข้อง|ไม่วัดผล|ยกเลิก|ยกเว้น",
    re.IGNORECASE)
_NAMED_SO = re.compile(r"\((?:ไม่นำมาประเมิน|ไม่ประเมิน|ยกเลิก|not applicable|n/a)\)\s*$", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:น.?.?[าำ]หนักร+วม|รวม|ผลรวม|คะแนนรวม|ผลคะแนน|คะแนนที่ได้|ค่าคะแนนที่ได้|คะแนนเฉลี่ย|ค่าคะแนนรวม|สรุป"
    r"|(?:grand |sub)?total|sum\b|overall|score obtained|Σ)", re.IGNORECASE)
_ABOUT_SCORES = re.compile("คะแนน|score", re.IGNORECASE)
_RANKS = re.compile(
    r"(มิติ|ด้าน|กลุ่ม|หมวด|ส่วน|องค์ประกอบ|ยุทธศาสตร์|เป้าประสงค์|ประเด็น|ตัวชี้วัด|dimension|perspective|group"
    r"|objective|component|part)", re.IGNORECASE)
_GROUPS = re.compile(
    r"(มิติ|ด้าน|กลุ่ม|หมวด|ส่วนที่|องค์ประกอบ|ยุทธศาสตร์|dimension|perspective|group|component)", re.IGNORECASE)
_DOTTED = re.compile(r"\d+(?:\.\d+)*\b")
_FIGURES = re.compile(r"-?\d[\d\s.,]*%?")
_AROUND = re.compile(r"^(?:ร้อยละ|ระดับ(?:ที่)?|ไม่น้อยกว่า|[≥≤<>=~*])+\s*|\s*(?:%|\*+|คะแนน|ระดับ|เปอร์เซ็นต์)$")


class NotANumber(Exception):
    """A cell that should hold a number holds something else."""


class Figure(NamedTuple):
    """What a cell says: a number as printed, nothing, or that the row isn't applicable."""

    printed: Printed | None = None
    not_applicable: bool = False

    @property
    def value(self) -> Decimal | None:
        """The number itself."""
        return self.printed.value if self.printed else None


def figure(cell: Cell) -> Figure:
    """A number in Thai or Arabic digits, also with commas, a percent sign or 'ร้อยละ'; NotANumber for other words."""
    text = cell.text.strip()
    if _BLANK.fullmatch(text):
        return Figure()
    if _NOT_APPLICABLE.fullmatch(text):
        return Figure(None, True)
    bare = _AROUND.sub("", _AROUND.sub("", text)) if text[:1] != "=" else text
    try:
        number = parse_number(bare)
    except EngineError as error:
        raise NotANumber(text) from error
    places = len(arabic_digits(bare).partition(".")[2]) if cell.places is None else cell.places
    return Figure(Printed(number, places))


def is_number(cell: Cell) -> bool:
    """Whether a cell holds a number."""
    try:
        return figure(cell).printed is not None
    except NotANumber:
        return False


def looks_like_a_number(text: str) -> bool:
    """Whether a cell holds figures only, though perhaps not as numbers are written."""
    return bool(_FIGURES.fullmatch(arabic_digits(text)))


def named_not_applicable(name: str) -> bool:
    """Whether the name itself says so, as our own papers print it."""
    return bool(_NAMED_SO.search(name))


def is_total(name: str) -> bool:
    """Whether a row begins as the row of the total does."""
    return bool(_TOTAL.match(name.strip().lstrip("*")))


def is_about_scores(name: str) -> bool:
    """Whether a total is one of scores, not of weights."""
    return bool(_ABOUT_SCORES.search(name))


def is_group(name: str) -> bool:
    """Whether a row is headed as a dimension, a perspective or a group."""
    return bool(_GROUPS.match(name))


def is_numbered(name: str) -> bool:
    """Whether a name begins with a number, as those of indicators do."""
    return bool(_DOTTED.match(arabic_digits(name)))


def style(name: str) -> str:
    """What headings of one rank share: 'มิติ' or how many numbers stand before ('#2' for '1.1')."""
    if rank := _RANKS.match(name):
        return rank[1].lower()
    dotted = _DOTTED.match(arabic_digits(name))
    return f"#{dotted[0].count('.') + 1}" if dotted else ""
