"""The score of each row of a printed summary table by its targets, interpolated or in steps."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.definition import parse_rubric
from scoring.engine.explain import working
from scoring.engine.result import Result
from scoring.engine.rubric import score
from scoring.engine.table_rows import INDICATOR, Row, shows
from scoring.engine.text import EngineError, Message, score_text

Scale = tuple[Decimal, Decimal]
_NOT_NUMBERS = Message(
    "เกณฑ์หรือผลการดำเนินงานไม่เป็นตัวเลข จึงใช้คะแนนตามที่พิมพ์ไว้",
    "The targets or the result are no numbers, so the score is taken as printed.")


class Scored(NamedTuple):
    """The score of a row, with its working; `reason` where it is taken as printed."""

    score: Decimal | None = None
    working: tuple[Message, ...] = ()
    reason: Message | None = None


def score_rows(rows: Sequence[Row], scale: Scale) -> list[list[Scored]]:
    """The scores of the rows, interpolated and, where that makes a difference, in steps."""
    straight, steps = ([_scored(row, scale, stepped) for row in rows] for stepped in (False, True))
    if [each.score for each in straight] == [each.score for each in steps]:
        return [straight]
    return [
        [_with_other(row, mine, other, stepped) for row, mine, other in zip(rows, one, another, strict=True)]
        for one, another, stepped in ((straight, steps, False), (steps, straight, True))
    ]


def _with_other(row: Row, mine: Scored, other: Scored, stepped: bool) -> Scored:
    """The working also says where the other way of scoring would give what is printed."""
    if not (row.score and other.working) or mine.score == other.score or not shows(row.score, other.score):
        return mine
    shown = score_text(other.score)
    said = (
        Message(f"หากคิดคะแนนแบบเทียบสัดส่วนระหว่างระดับ จะได้ {shown}", f"Interpolated, it would be {shown}.")
        if stepped else Message(f"หากคิดคะแนนเป็นขั้น จะได้ {shown}", f"Scored in steps, it would be {shown}.")
    )
    return mine._replace(working=(*mine.working, said))


def _scored(row: Row, scale: Scale, stepped: bool) -> Scored:
    """The score of a row by its targets, or as printed."""
    if row.kind != INDICATOR or not row.applicable or row.unread:
        return Scored()
    printed = row.score.value if row.score else None
    if row.result is None or len(row.targets) < 2:
        return Scored(printed, (), _NOT_NUMBERS if row.score else None)
    try:
        rubric, result = parse_rubric(_rubric(row, scale, stepped)), Result(value=row.result)
        found = score(rubric, result)
        return Scored(found.value, tuple(working(rubric, result, found)))
    except EngineError as error:
        return Scored(printed, (), error.message)


def _rubric(row: Row, scale: Scale, stepped: bool) -> dict:
    """A ladder of targets; targets that are the levels themselves take a committee's level as it is."""
    ends = {"min": scale[0], "max": scale[1]}
    if all(level == target for level, target in row.targets) and scale[0] <= row.result <= scale[1]:
        return {"kind": "level", "scale": ends}
    targets = [{"score": level, "target": target} for level, target in row.targets]
    return {"kind": "thresholds", "scale": ends, "targets": targets, "between": "step" if stepped else "interpolate"}
