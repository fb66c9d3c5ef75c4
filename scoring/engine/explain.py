"""The working: how a score came about, step by step, with the numbers put in, for everyone who asks 'why?'.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from scoring.engine.definition import Rubric
from scoring.engine.formula import Average, Part, total_weight, weighted_average
from scoring.engine.result import NOT_REPORTED, Result
from scoring.engine.rubric import Score
from scoring.engine.text import EXACT, Message, number_text, plain, quotient4, round4, score_text

Names = Mapping[str, str]


def working(rubric: Rubric, result: Result, score: Score, names: Names | None = None) -> list[Message]:
    """The steps from `result` to `score`, as sentences; `names` gives item ids their words.

    Without a score it is the reason alone. Checklists follow the wording of seed 002.
    """
    if score.value is None:
        return [score.reason]
    if result.status == NOT_REPORTED:
        shown = score_text(score.value)
        return [Message(f"ไม่รายงานผล ได้คะแนนต่ำสุดของช่วงคะแนน = {shown}",
                        f"Not reported: the lowest score of the scale = {shown}")]
    return _WORKINGS[rubric.kind](rubric, result, score, names or {})


def marked(who: str, reason: str) -> Message:
    """That a reviewer marked otherwise than the mark before, and why."""
    return Message(f"{who} ให้คะแนนต่างจากเดิม เพราะ: {reason}", f"{who} marked this otherwise, because: {reason}")


def given(score: Decimal) -> Message:
    """That a score was given as it is."""
    shown = score_text(score)
    return Message(f"ผู้ประเมินให้คะแนนโดยตรง = {shown}", f"The reviewer gave the score directly: {shown}")


def _listed(items: Iterable[str], names: Names) -> str:
    return ", ".join([names.get(item, item) for item in items] if names else items)


def _done(items: Sequence[str], names: Names) -> Message:
    if not items:
        return Message("ยังไม่ได้ดำเนินการข้อใด", "Nothing is done yet")
    listed = _listed(items, names)
    return Message(f"ดำเนินการแล้ว {len(items)} ข้อ: {listed}", f"Done, {_items(len(items))}: {listed}")


def _items(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"


def _milestones(rubric: Rubric, result: Result, score: Score, names: Names) -> list[Message]:
    done = frozenset(result.done)
    steps = [_done(result.done, names)]
    reached = counted = 0
    for _, items in rubric.levels:
        if not items <= done:
            break
        reached += 1
        counted += len(items)
    shown = score_text(score.value)
    if reached:
        level = rubric.labels[reached - 1]
        steps.append(Message(f"ครบทุกข้อของระดับ {level} และระดับที่ต่ำกว่า ได้คะแนน = {shown}",
                             f"All items of level {level} and of the levels below are done: {shown}"))
    else:
        level = rubric.labels[0]
        steps.append(
            Message(
                f"ยังไม่ถึงระดับแรก ({level}) ได้คะแนนต่ำสุดของช่วงคะแนน = {shown}",
                f"The first level ({level}) is not reached: the lowest score of the scale = {shown}",
            )
        )
    return steps + _next_milestone(rubric, reached, rubric.items[counted:], done, names)


def _next_milestone(
    rubric: Rubric, reached: int, above: tuple[str, ...], done: frozenset[str], names: Names,
) -> list[Message]:
    """What the next level lacks, and what of the items `above` the reached one is done but not counted."""
    if reached == len(rubric.levels):
        return []
    needed, shown = rubric.levels[reached][1], rubric.labels[reached]
    lacking = _listed([item for item in above[:len(needed)] if item not in done], names)
    steps = [Message(f"ระดับ {shown} ยังขาด: {lacking}", f"Level {shown} still lacks: {lacking}")]
    early = _listed([item for item in above if item in done], names)
    if early:
        steps.append(Message(f"ทำแล้ว แต่จะนับเมื่อระดับ {shown} ครบ: {early}",
                             f"Done, but counted only once level {shown} is complete: {early}"))
    return steps


def _count(rubric: Rubric, result: Result, score: Score, names: Names) -> list[Message]:
    if result.done is None:
        steps = [Message(f"ดำเนินการแล้ว {result.count} ข้อ", f"Done: {_items(result.count)}")]
    else:
        steps = [_done(result.done, names)]
    return steps + _on_the_map(rubric, int(score.value_used), score)


def _complete_count(rubric: Rubric, result: Result, score: Score, names: Names) -> list[Message]:
    steps = [_done(result.done, names)]
    complete, shown = result.complete or (), score_text(score.value)
    if complete:
        listed = _listed(complete, names)
        steps.append(Message(f"หลักฐานครบถ้วน {len(complete)} ข้อ: {listed}",
                             f"Evidence complete, {_items(len(complete))}: {listed}"))
        return steps + _on_the_map(rubric, len(complete), score)
    if result.done:
        steps.append(
            Message(
                f"ยังไม่มีข้อใดที่หลักฐานครบถ้วน ได้คะแนน = {shown}", f"No item has complete evidence yet: {shown}"
            )
        )
    else:
        steps[0] = Message(f"ยังไม่ได้ดำเนินการข้อใด ได้คะแนน = {shown}", f"Nothing is done yet: {shown}")
    return steps + _next_on_the_map(rubric, 0)


def _on_the_map(rubric: Rubric, number: int, score: Score) -> list[Message]:
    """Which line of the map a number of items reaches, and what the next one asks."""
    shown = score_text(score.value)
    reached = bisect_right(rubric.counts, number)
    if reached:
        count, level = rubric.counts[reached - 1], rubric.labels[reached - 1]
        verb = "reaches" if number == 1 else "reach"
        step = Message(
            f"{number} ข้อ ถึงเกณฑ์ {count} ข้อขึ้นไป (ระดับ {level}) ได้คะแนน = {shown}",
            f"{_items(number)} {verb} '{count} or more' (level {level}): {shown}",
        )
    else:
        count, level = rubric.counts[0], rubric.labels[0]
        verb = "does" if number == 1 else "do"
        step = Message(
            f"{number} ข้อ ยังไม่ถึงเกณฑ์แรก {count} ข้อ (ระดับ {level}) ได้คะแนนต่ำสุดของช่วงคะแนน = {shown}",
            f"{_items(number)} {verb} not reach the first line, {count} (level {level}):"
            f" the lowest score of the scale = {shown}",
        )
    return [step, *_next_on_the_map(rubric, number)]


def _next_on_the_map(rubric: Rubric, number: int) -> list[Message]:
    reached = bisect_right(rubric.counts, number)
    if reached == len(rubric.counts):
        return []
    count, level = rubric.counts[reached], rubric.labels[reached]
    return [Message(f"ระดับ {level} ต้องมี {count} ข้อ ขาดอีก {count - number} ข้อ",
                    f"Level {level} takes {_items(count)}: {count - number} more")]


def _figure(number: Decimal) -> str:
    """A figure as entered; padding zeros beyond four places, which only a database adds, are left off."""
    shown = number_text(number)
    point = shown.find(".")
    return shown if point < 0 or len(shown) - point <= 5 else plain(number)


def _operand(shown: str) -> str:
    """A number as it stands behind a sign of calculation: a negative one in brackets."""
    return f"({shown})" if shown[0] == "-" else shown


def _thresholds(rubric: Rubric, result: Result, score: Score, _names: Names) -> list[Message]:
    if rubric.formula is None:
        return [_against_targets(rubric, score.value_used, _figure(score.value_used), score)]
    value = score.value_used
    shown, exact = score_text(value), round4(value) == value
    numbers = rubric.formula.with_numbers(result.data)
    line = f"{rubric.formula.text} = {numbers} {'=' if exact else '≈'} {shown}"
    steps = [Message(line, line), _against_targets(rubric, value, shown, score)]
    if not exact and "×" in steps[1].en:
        steps.append(
            Message("คำนวณคะแนนจากตัวเลขที่ยังไม่ปัดเศษ", "The score is taken from the number before rounding")
        )
    return steps


def _against_targets(rubric: Rubric, value: Decimal, shown: str, score: Score) -> Message:
    """Where the figure lies among the targets, with the interpolation written out."""
    labels, marks = rubric.labels, rubric.marks
    reached = rubric.targets.reached(value)
    sm = score_text(score.value)
    if not reached:
        level, target = labels[0], marks[0]
        return Message(
            f"{shown} ยังไม่ถึงค่าเป้าหมายต่ำสุด {target} ({level}): ได้คะแนนต่ำสุดของช่วงคะแนน = {sm}",
            f"{shown} does not reach the lowest target {target} ({level}):"
            f" the lowest score of the scale = {sm}",
        )
    level, target = labels[reached - 1], marks[reached - 1]
    if reached == len(marks):
        return Message(f"{shown} ถึงค่าเป้าหมายสูงสุด {target} ({level}): ได้คะแนน = {sm}",
                       f"{shown} reaches the highest target {target} ({level}): {sm}")
    if value == rubric.targets.pairs[reached - 1][1]:
        return Message(f"{shown} เท่ากับค่าเป้าหมาย {target} ({level}): ได้คะแนน = {sm}",
                       f"{shown} meets the target {target} ({level}): {sm}")
    return _between(rubric, reached, shown, sm)


def _between(rubric: Rubric, reached: int, shown: str, sm: str) -> Message:
    """The figure lies between two targets: the interpolation written out, or the step."""
    level, upper = rubric.labels[reached - 1:reached + 1]
    target, beyond = rubric.marks[reached - 1:reached + 1]
    if rubric.stepped:
        return Message(
            f"{shown} ถึงค่าเป้าหมาย {target} ({level}) แต่ยังไม่ถึง {beyond} ({upper})"
            f" คิดคะแนนเป็นขั้น: ได้คะแนน = {sm}",
            f"{shown} reaches the target {target} ({level}) but not {beyond} ({upper}),"
            f" scored in steps: {sm}")
    first = _operand(target)
    sums = f"{level} + ({shown} − {first}) / ({beyond} − {first}) × ({upper} − {_operand(level)}) = {sm}"
    return Message(f"{shown} อยู่ระหว่าง {target} ({level}) และ {beyond} ({upper}): {sums}",
                   f"{shown} lies between {target} ({level}) and {beyond} ({upper}): {sums}")


def _level(_rubric: Rubric, _result: Result, score: Score, _names: Names) -> list[Message]:
    shown, sm = _figure(score.value_used), score_text(score.value)
    return [Message(f"ระดับ {shown} เป็นคะแนนโดยตรง = {sm}", f"The level {shown} is the score itself: {sm}")]


_WORKINGS = {
    "milestones": _milestones,
    "count": _count,
    "complete_count": _complete_count,
    "thresholds": _thresholds,
    "level": _level,
}


def average_working(parts: Iterable[Part], average: Average | None = None) -> list[Message]:
    """The average with the numbers put in, as seed 002 prints it, then what was left out or is open.

    '((1 × 3) + (0.5 × 3)) / (1 + 0.5) = 4.5000 / 1.5 = 3.0000'. `average` saves computing it again.
    """
    parts = tuple(parts)
    average = average or weighted_average(parts)
    steps = []
    if average.score is not None:
        above, below = average_sides(parts)
        if " + " in below:
            above, below = f"({above})", f"({below})"
        line = (f"{above} / {below} = {score_text(average.sum_weighted)} / {plain(average.sum_weights)}"
                f" = {score_text(average.score)}")
        steps.append(Message(line, line))
    else:
        steps.append(
            Message("ยังไม่มีส่วนใดที่มีคะแนน จึงไม่มีค่าเฉลี่ย", "No part has a score, so there is no average")
        )
    if average.open_weight:
        shown = plain(round4(average.open_weight))
        steps.append(Message(f"น้ำหนัก {shown} ยังไม่มีคะแนน", f"A weight of {shown} has no score yet"))
    left_out = [part.weight for part in parts if not part.applicable]
    if left_out:
        shown = plain(total_weight(left_out))
        steps.append(Message(f"ไม่นำมาประเมิน น้ำหนัก {shown} จึงไม่นับทั้งสองผลรวม",
                             f"Not applicable, a weight of {shown}: left out of both sums"))
    return steps


def average_sides(parts: Iterable[Part]) -> tuple[str, str]:
    """Above and below the rule of seed 002's formula: '(1 × 3) + (0.5 × 3)' and '1 + 0.5'."""
    scored = [
        (plain(part.weight), plain(part.score))
        for part in parts
        if part.applicable and part.score is not None
    ]
    return (" + ".join([f"({weight} × {score})" for weight, score in scored]),
            " + ".join([weight for weight, _ in scored]))


def product_working(weight: Decimal, score: Decimal, total: Decimal | None = None) -> Message:
    """A line of the weighted column: '5 × 5.0000 / 100 = 0.2500', without a `total` W × SM."""
    product = EXACT.multiply(weight, score)
    right = product if total is None else quotient4(product, total)
    divided = "" if total is None else f" / {plain(total)}"
    line = f"{plain(weight)} × {score_text(score)}{divided} = {score_text(right)}"
    return Message(line, line)


def sum_working(weights: Sequence[Decimal]) -> Message:
    """Weights that add up: '10 + 10 = 20'."""
    line = f"{' + '.join(map(plain, weights))} = {plain(total_weight(weights))}"
    return Message(line, line)
