"""From a result to its score SM (domain.md, 'Rubrics: from a result to a score SM')."""

from decimal import Decimal
from typing import NamedTuple

from scoring.engine.basedata import decimal_of
from scoring.engine.definition import KINDS, Rubric, parse_rubric, without_formula
from scoring.engine.result import NOT_APPLICABLE, NOT_REPORTED, REPORTED, STATUSES, Result, parse_result
from scoring.engine.scorers import Answer
from scoring.engine.targets import Targets, interpolate, make_targets
from scoring.engine.text import Message

__all__ = [
    "KINDS", "NOT_APPLICABLE", "NOT_REPORTED", "REPORTED", "STATUSES", "Result", "Rubric", "Score", "Targets",
    "interpolate", "make_targets", "parse_result", "parse_rubric", "score", "score_answer", "without_formula",
]


class Score(NamedTuple):
    """SM of four places, or None with the reason; `value_used`: the figure or number of items scored."""

    value: Decimal | None
    reason: Message | None = None
    value_used: Decimal | None = None


_NOT_APPLICABLE = Score(None, Message(
    "ไม่นำมาประเมินในรอบนี้ จึงไม่มีคะแนนและไม่นับน้ำหนัก",
    "Not applicable in this round: no score, and its weight does not count."))
_OPEN_CHECKLIST = Score(None, Message(
    "ยังไม่มีผล ให้เลือกข้อที่ทำแล้ว หรือระบุว่ายังไม่ได้ดำเนินการ",
    "No result yet: tick what is done, or say that nothing is done yet."))
_OPEN_VALUE = Score(None, Message("ยังไม่มีผล ให้กรอกตัวเลขผลการดำเนินงาน", "No result yet: enter the figure."))
_OPEN_LEVEL = Score(None, Message("ยังไม่มีผล ให้กรอกระดับที่ได้", "No result yet: enter the level."))
_OPEN_DATA = Score(None, Message("ยังไม่มีผล ให้กรอกข้อมูลพื้นฐาน", "No result yet: enter the base data."))
_BY_ZERO = Score(None, Message(
    "ไม่มีผล เพราะสูตรหารด้วยศูนย์ ให้ตรวจข้อมูลพื้นฐานที่เป็นตัวหาร",
    "No result, because the formula divides by zero: check the base datum that divides."))
_OPEN_OF_KIND = {"thresholds": _OPEN_VALUE, "level": _OPEN_LEVEL}

def score(rubric: Rubric, result: Result) -> Score:
    """The score of a result: the floor (scale's minimum) if not reported, None with a reason if not
    applicable or open.

    EngineError for a level outside the scale.
    """
    if result.status != REPORTED:
        return _NOT_APPLICABLE if result.status == NOT_APPLICABLE else Score(rubric.scale[0])
    if result.is_open:
        return _OPEN_DATA if rubric.formula else _OPEN_OF_KIND.get(rubric.kind, _OPEN_CHECKLIST)
    if rubric.formula:
        return _formula_score(rubric, result)
    if rubric.kind == "thresholds" or rubric.kind == "level":
        return Score(score_answer(rubric, result.value), None, result.value)
    if rubric.kind == "milestones":
        return Score(score_answer(rubric, frozenset(result.done)), None, Decimal(len(result.done)))
    if rubric.kind == "complete_count":
        numbers = len(result.done), len(result.complete or ())
        return Score(score_answer(rubric, numbers), None, Decimal(numbers[1]))
    number = len(result.done) if result.count is None else result.count
    return Score(score_answer(rubric, number), None, Decimal(number))


def _formula_score(rubric: Rubric, result: Result) -> Score:
    missing = [name for name in rubric.formula.names if result.data.get(name) is None]
    if missing:
        names = ", ".join(missing)
        return Score(
            None, Message(f"ยังไม่มีผล ให้กรอกข้อมูลพื้นฐาน {names}", f"No result yet: enter the base data {names}.")
        )
    quotient = rubric.formula.quotient(result.data)
    if quotient is None:
        return _BY_ZERO
    return Score(score_answer(rubric, quotient), None, decimal_of(quotient))


def score_answer(rubric: Rubric, answer: Answer) -> Decimal:
    """SM of a plain answer, for bulk scoring without Result and Score; `score` itself goes this way.

    The answer is, by kind: the set of items done (milestones); their number (count); (number done, number
    complete) (complete_count); the figure, or a formula's quotient (thresholds); the level (level;
    EngineError outside the scale).
    """
    return rubric.scorer(answer)
