"""What raises a score: each way from a result to a higher SM, found by trying it with the engine's own `score`.

An open criterion counts at the floor (the scale's minimum, what 'not reported' would get), so that reporting never
looks like a loss. Of a figure the value needed is the level's target, the least that reaches the level: just below
it, rounding to four places may show the same SM, but the level isn't reached.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import floor
from typing import NamedTuple

from scoring.engine.basedata import Quotient
from scoring.engine.result import NO_RESULT, NOT_APPLICABLE, NOT_REPORTED, REPORTED, Result
from scoring.engine.rubric import Rubric, score, score_answer
from scoring.engine.text import EXACT, FOUR_PLACES, Message, number_text, plain, quotient4, signed_text

Names = Mapping[str, str]
_ONE = Decimal(1)
_LARGEST = Decimal(10) ** 15


class Step(NamedTuple):
    """Something to do and the SM (four places) that it gives.

    `result`: the result afterwards, None of a formula, whose figure may come about in many ways. `needed`: the
    figure, level or number of items asked for, None for named items. `effort`: how many items are to be done or
    completed, else how many levels are climbed. `notes`: what a marginal unit is worth, which datum would do.
    """

    do: Message
    score: Decimal
    effort: int
    result: Result | None = None
    needed: Decimal | None = None
    notes: tuple[Message, ...] = ()


def standing(rubric: Rubric, result: Result) -> Decimal:
    """SM of a result with what is open at the floor. EngineError for a level outside the scale."""
    value = score(rubric, result).value
    return rubric.scale[0] if value is None else value


def steps(rubric: Rubric, result: Result, names: Names | None = None) -> list[Step]:
    """The ways to each higher level, the nearest first; each gives more than `standing`.

    None for what isn't applicable; what was 'not reported' starts from nothing. `names` gives item ids their words.
    """
    if result.status == NOT_APPLICABLE:
        return []
    now = standing(rubric, result)
    found = _STEPS[rubric.kind](rubric, result if result.status == REPORTED else NO_RESULT, names or {})
    by_score: dict[Decimal, Step] = {}
    for step in found:
        if step.score > now:
            by_score.setdefault(step.score, step)
    return list(by_score.values())


def missing(rubric: Rubric, result: Result, names: Names | None = None) -> list[Message]:
    """What a result lacks, without a word about scores: for readers from whom they are hidden."""
    if result.status != REPORTED:
        return [_NOT_REPORTED] if result.status == NOT_REPORTED else []
    found = score(rubric, result)
    if found.value is None:
        return [found.reason]
    if result.done is None or rubric.items is None:
        return []
    lacks = []
    undone, waiting = _undone(rubric, result), _incomplete(result) if rubric.kind == "complete_count" else []
    if undone:
        listed = _listed(undone, names or {})
        lacks.append(Message(f"ยังไม่ได้ทำข้อ {listed}", f"Not done yet: {listed}"))
    if waiting:
        listed = _listed(waiting, names or {})
        lacks.append(Message(f"หลักฐานยังไม่ครบ ข้อ {listed}", f"Evidence not complete yet: {listed}"))
    return lacks


_NOT_REPORTED = Message("แจ้งไว้ว่าไม่รายงานผลในรอบนี้", "Stated as not reported in this round")


def _tried(rubric: Rubric, result: Result, do: Message, effort: int, needed: Decimal | None = None, *notes) -> Step:
    return Step(do, score(rubric, result).value, effort, result, needed, notes)


def _listed(items: Iterable[str], names: Names) -> str:
    return ", ".join(names.get(item, item) for item in items)


def _item_word(number: int) -> str:
    return "item" if number == 1 else "items"


def _undone(rubric: Rubric, result: Result) -> list[str]:
    done = frozenset(result.done or ())
    return [item for item in rubric.items or () if item not in done]


def _incomplete(result: Result) -> list[str]:
    complete = frozenset(result.complete or ())
    return [item for item in result.done or () if item not in complete]


def _milestones(rubric: Rubric, result: Result, names: Names) -> Iterator[Step]:
    undone, lacking = _undone(rubric, result), []
    for _, items in rubric.levels:
        lacking += [item for item in undone if item in items]
        if lacking:
            changed = Result(done=(*(result.done or ()), *lacking))
            yield _tried(rubric, changed, _finish(lacking, names), len(lacking))


def _finish(items: Sequence[str], names: Names) -> Message:
    listed = _listed(items, names)
    return Message(f"ทำข้อ {listed} ให้ครบ", f"Complete {_item_word(len(items))} {listed}")


def _count(rubric: Rubric, result: Result, names: Names) -> Iterator[Step]:
    done = result.done or ()
    number = len(done) if result.count is None else result.count
    by_name = rubric.items is not None and result.count is None
    undone = _undone(rubric, result)
    for line in rubric.counts:
        more = line - number
        if more <= 0:
            continue
        if by_name:
            changed, do = Result(done=(*done, *undone[:more])), _do_more(undone, more, names)
        else:
            changed = Result(count=line)
            do = Message(f"ทำให้ได้ {line} ข้อ (เพิ่มอีก {more} ข้อ)", f"Reach {line} {_item_word(line)} ({more} more)")
        yield _tried(rubric, changed, do, more, Decimal(line))


def _do_more(undone: Sequence[str], more: int, names: Names) -> Message:
    if more == len(undone):
        return _finish(undone, names)
    listed = _listed(undone, names)
    return Message(f"ทำเพิ่มอีก {more} ข้อ จากข้อ {listed}", f"Do {more} more of items {listed}")


def _complete_count(rubric: Rubric, result: Result, names: Names) -> Iterator[Step]:
    done, complete, waiting = result.done or (), result.complete or (), _incomplete(result)
    nothing = Message("ระบุว่ายังไม่ได้ดำเนินการข้อใด", "Say that nothing is done yet")
    yield _tried(rubric, Result(done=(), complete=()), nothing, 0)
    # A rubric that doesn't name its items is tried with made-up ones.
    undone = _undone(rubric, result) if rubric.items is not None else [f"+{n}" for n in range(rubric.counts[-1])]
    if not done:
        yield _tried(rubric, Result(done=(undone[0],), complete=()), Message("ทำ 1 ข้อ", "Do 1 item"), 1)
    for line in rubric.counts:
        more = line - len(complete)
        if more <= 0:
            continue
        ready, begun = waiting[:more], undone[:max(0, more - len(waiting))]
        changed = Result(done=(*done, *begun), complete=(*complete, *ready, *begun))
        do = _complete_more(waiting, more, len(begun), names)
        yield _tried(rubric, changed, do, more + len(begun), Decimal(line))


def _complete_more(waiting: Sequence[str], more: int, begun: int, names: Names) -> Message:
    listed = _listed(waiting, names)
    if more < len(waiting):
        return Message(f"ทำหลักฐานให้ครบอีก {more} ข้อ จากข้อ {listed}",
                       f"Complete the evidence of {more} more of items {listed}")
    also = Message(f"ทำเพิ่มอีก {begun} ข้อพร้อมหลักฐานครบ", f"do {begun} more with complete evidence")
    if not waiting:
        return Message(also.th, f"D{also.en[1:]}")
    of = f"{_item_word(len(waiting))} {listed}"
    th, en = f"ทำหลักฐานของข้อ {listed} ให้ครบ", f"Complete the evidence of {of}"
    return Message(f"{th} และ{also.th}", f"{en} and {also.en}") if begun else Message(th, en)


def _thresholds(rubric: Rubric, result: Result, _names: Names) -> Iterator[Step]:
    if rubric.formula:
        yield from _formula(rubric, result)
        return
    value = result.value
    climbed = 0 if value is None else rubric.targets.reached(value)
    for number, (_, target) in enumerate(rubric.targets.pairs[climbed:], 1):
        worth = _marginal(rubric, climbed, value) if number == 1 and value is not None else ()
        do = _reach(rubric, "ผล", "a result", target, value)
        yield _tried(rubric, Result(value=target), do, number, target, *worth)


def _reach(rubric: Rubric, th: str, en: str, target: Decimal, value: Decimal | None) -> Message:
    """'A result of at least 85 (0.6 more)', or at most where less is better."""
    falling, shown = rubric.targets.falling, number_text(target)
    th, en = (f"{th}ไม่เกิน {shown}", f"{en} of at most {shown}") if falling else (
        f"{th}อย่างน้อย {shown}", f"{en} of at least {shown}")
    if value is None:
        return Message(f"ให้ได้{th}", f"Reach {en}")
    gap = plain(EXACT.subtract(target, value).copy_abs())
    more_th, more_en = (f"ลดลงอีก {gap}", f"{gap} less") if falling else (f"เพิ่มอีก {gap}", f"{gap} more")
    return Message(f"ให้ได้{th} ({more_th})", f"Reach {en} ({more_en})")


def _marginal(rubric: Rubric, reached: int, value: Decimal) -> tuple[Message, ...]:
    """What each unit is worth, where it is worth the same up to the next target and there is a whole one to go."""
    if rubric.stepped or not 0 < reached < len(rubric.targets.pairs):
        return ()
    (_, last), (_, beyond) = rubric.targets.pairs[reached - 1:reached + 1]
    if EXACT.subtract(beyond, value).copy_abs() < _ONE:
        return ()
    rise = EXACT.subtract(score_answer(rubric, beyond), score_answer(rubric, last))
    worth = signed_text(quotient4(rise, EXACT.subtract(beyond, last).copy_abs()))
    sign, until = "−" if rubric.targets.falling else "+", number_text(beyond)
    return (Message(f"ทุก {sign}1 หน่วย ได้ SM {worth} จนถึง {until}",
                    f"Each {sign}1 of the unit is worth SM {worth}, up to {until}"),)


def _formula(rubric: Rubric, result: Result) -> Iterator[Step]:
    data = result.data or {}
    known = all(data.get(name) is not None for name in rubric.formula.names)
    quotient = rubric.formula.quotient(data) if known else None
    number = 0
    for _, target in rubric.targets.pairs:
        if quotient is not None and _reaches(rubric, quotient, target):
            continue
        number += 1
        text = rubric.formula.text
        do = _reach(rubric, f"ค่า {text} ", f"{text}", target, None)
        yield Step(do, score_answer(rubric, (target, _ONE)), number, None, target, _datum_note(rubric, data, target))


def _reaches(rubric: Rubric, quotient: Quotient, target: Decimal) -> bool:
    """Whether a formula's exact quotient reaches the target."""
    goal = EXACT.multiply(target, quotient[1])
    return quotient[0] <= goal if rubric.targets.falling else quotient[0] >= goal


def _datum_note(rubric: Rubric, data: Mapping[str, Decimal | None], target: Decimal) -> tuple[Message, ...]:
    """Which value of one base datum reaches the target, in a formula that is linear in it, the others as they are."""
    for name in rubric.formula.names:
        others = [data.get(other) for other in rubric.formula.names if other != name]
        found = None
        if None not in others and rubric.formula.is_linear_in(name):
            found = datum_needed(rubric, data, name, target)
        if found is not None:
            least, shown = found[1], plain(found[0])
            th, en = ("อย่างน้อย", "at least") if least else ("ไม่เกิน", "at most")
            return (Message(f"เช่น {name} {th} {shown} เมื่อค่าอื่นคงเดิม",
                            f"For example {name} of {en} {shown}, the other values as they are"),)
    return ()


def datum_needed(
    rubric: Rubric, data: Mapping[str, Decimal | None], name: str, target: Decimal,
) -> tuple[Decimal, bool] | None:
    """The value of base datum `name` from which on the formula, linear in it, reaches `target`, and whether it is the
    least (True) or the most (False). A whole number where the datum is whole or open, else to four places. None
    where none from 0 to 15 digits does."""
    formula = rubric.formula
    at_0, at_1 = (formula.quotient({**data, name: Decimal(n)}) for n in (0, 1))
    if at_0 is None or at_1 is None:
        return None
    (n, d), (m, e) = at_0, at_1
    rise = EXACT.subtract(EXACT.multiply(m, d), EXACT.multiply(n, e))
    way = EXACT.multiply(EXACT.subtract(EXACT.multiply(target, d), n), e)
    if not rise or way and (way < 0) != (rise < 0) or way.copy_abs() >= EXACT.multiply(_LARGEST, rise.copy_abs()):
        return None
    now = data.get(name)
    grain = _ONE if now is None or now == now.to_integral_value() else FOUR_PLACES
    least = (rise > 0) != rubric.targets.falling
    # Cut towards 0: the most that reaches, or at most one grain below the least.
    near = EXACT.multiply(EXACT.divide_int(way, EXACT.multiply(rise, grain)), grain)
    for value in (near, EXACT.add(near, grain)) if least else (near,):
        if _reaches(rubric, formula.quotient({**data, name: value}), target):
            return value, least
    return None


def _level(rubric: Rubric, result: Result, _names: Names) -> Iterator[Step]:
    """The next whole level, and the highest."""
    low, high = rubric.scale
    now = low if result.value is None else result.value
    for number, level in enumerate(dict.fromkeys((min(Decimal(floor(now) + 1), high), high)), 1):
        shown = plain(level)
        do = Message(f"ให้ได้ระดับ {shown}", f"Reach level {shown}")
        yield _tried(rubric, Result(value=level), do, number, level)


_STEPS = {
    "milestones": _milestones,
    "count": _count,
    "complete_count": _complete_count,
    "thresholds": _thresholds,
    "level": _level,
}
