"""Checks of a definition and of a report: each lists all problems at once (look.md, principle 4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.definition import parse_rubric
from scoring.engine.formula import total_weight
from scoring.engine.result import NOT_APPLICABLE, NOT_REPORTED
from scoring.engine.text import EXACT, EngineError, Message, plain, quoted


class Problem(NamedTuple):
    """Something to mend: a code for tests and templates, the sentence, and where (positions from 0)."""

    code: str
    message: Message
    path: tuple[str, ...] = ()


class CriterionView(NamedTuple):
    """A criterion: its printed label, weight (None if not given yet) and rubric as plain data.

    `variables`: the names of the base data that its reporters are asked for (None: not to be checked).
    """

    label: str
    weight: Decimal | None
    rubric: Mapping
    variables: tuple[str, ...] | None = None


class IndicatorView(NamedTuple):
    """An indicator: its printed label, base weight (None if not given yet), and its criteria or parts.

    `parts`: its sub-indicators, whose weights add up to its own.
    """

    label: str
    weight: Decimal | None
    criteria: tuple[CriterionView, ...]
    parts: tuple["IndicatorView", ...] = ()


class DefinitionView(NamedTuple):
    """A definition as plain values. `round_weights`: by round, the weights of the indicators it counts."""

    total_weight: Decimal
    is_excerpt: bool
    indicators: tuple[IndicatorView, ...]
    round_weights: Mapping[str, tuple[Decimal, ...]] = {}


class ItemState(NamedTuple):
    """A checklist item called complete without a file, and the reason given ('' if none)."""

    key: str
    label: str
    reason: str


class CriterionState(NamedTuple):
    """A criterion of a report: rubric kind, status, whether it has a result that scores, and the reason.

    `unscored`: the engine's own sentence why what was entered has no score (divided by zero), if any. `waiting`:
    the office has still to decide whether the criterion applies. `missing_units`: the names of the operating units
    that have neither reported base data nor been stated as not reporting.
    """

    key: str
    label: str
    kind: str
    status: str
    has_result: bool
    reason: str = ""
    without_file: tuple[ItemState, ...] = ()
    unscored: Message | None = None
    waiting: bool = False
    missing_units: tuple[str, ...] = ()


_NOBODY = Message("", "")


def check_sum(
    weights: Iterable[Decimal | None], expected: Decimal, code: str = "sum", path: tuple[str, ...] = (),
    subject: Message = _NOBODY, at_most: bool = False,
) -> Problem | None:
    """The problem that `weights` don't add up to `expected`, with sum, expected and difference, if any.

    With `at_most` (an excerpt) they may stay below. `subject` names whose weights they are.
    """
    total = total_weight(weight for weight in weights if weight is not None and weight.is_finite())
    difference = EXACT.subtract(expected, total)
    if difference == 0 or at_most and difference > 0:
        return None
    th = "ขาดอีก" if difference > 0 else "เกินมา"
    en = "is missing" if difference > 0 else "is too much"
    limit_th, limit_en = ("ต้องไม่เกิน", "at most") if at_most else ("ต้องเป็น", "expected")
    prefix_th, prefix_en = (f"{subject.th}: ", f"{subject.en}: ") if subject.th else ("", "")
    start = "the" if prefix_en else "The"
    gap = plain(abs(difference))
    return Problem(
        code,
        Message(
            f"{prefix_th}น้ำหนักรวม {plain(total)} {limit_th} {plain(expected)} {th} {gap}",
            f"{prefix_en}{start} weights add up to {plain(total)}, {limit_en} {plain(expected)}: {gap} {en}",
        ),
        path,
    )


def definition_problems(definition: DefinitionView) -> list[Problem]:
    """Everything that keeps a definition from being put in force (domain.md, 'The structure that is scored').

    Weights missing or not above 0, criteria against their indicator's own weight, indicators against the
    total on the base weights and on each round's, rubrics, and an agreement without indicators.
    """
    if not definition.indicators:
        return [Problem("no_indicators", Message(
            "คำรับรองยังไม่มีตัวชี้วัด ให้เพิ่มอย่างน้อยหนึ่งตัว", "The agreement has no indicators: add at least one"),
            ("indicators",))]
    problems: list[Problem] = []
    for position, indicator in enumerate(definition.indicators):
        problems += _indicator_problems(indicator, ("indicators", str(position)))
    total, at_most = definition.total_weight, definition.is_excerpt
    sums = [check_sum((i.weight for i in definition.indicators), total, "indicator_sum", ("indicators",),
                      Message("ตัวชี้วัดทั้งหมด", "Indicators"), at_most)]
    for name, weights in definition.round_weights.items():
        sums.append(
            check_sum(weights, total, "round_sum", ("round_weights", name), Message(name, name), at_most)
        )
        problems += [_weight_problem(weight, name, ("round_weights", name, str(position)))
                     for position, weight in enumerate(weights) if not _is_weight(weight)]
    return problems + [problem for problem in sums if problem]


def _indicator_problems(indicator: IndicatorView, path: tuple[str, ...]) -> Iterator[Problem]:
    label = indicator.label
    if not _is_weight(indicator.weight):
        yield _weight_problem(indicator.weight, label, (*path, "weight"))
    for position, part in enumerate(indicator.parts):
        yield from _indicator_problems(part, (*path, "parts", str(position)))
    if not indicator.criteria and not indicator.parts:
        yield Problem("no_criteria", Message(
            f"{label}: ยังไม่มีประเด็นการวัด ให้เพิ่มอย่างน้อยหนึ่งประเด็น",
            f"{label}: no criteria yet, add at least one"), (*path, "criteria"))
        return
    for position, criterion in enumerate(indicator.criteria):
        yield from _criterion_problems(criterion, label, (*path, "criteria", str(position)))
    if _is_weight(indicator.weight):
        kind, below = ("parts", indicator.parts) if indicator.parts else ("criteria", indicator.criteria)
        problem = check_sum((each.weight for each in below), indicator.weight, f"{kind}_sum", (*path, kind),
                            Message(label, label))
        if problem:
            yield problem


def _criterion_problems(criterion: CriterionView, above: str, path: tuple[str, ...]) -> Iterator[Problem]:
    label = f"{above} › {criterion.label}"
    if not _is_weight(criterion.weight):
        yield _weight_problem(criterion.weight, label, (*path, "weight"))
    try:
        _check_rubric(criterion)
    except EngineError as error:
        yield _named("rubric", label, error.message, (*path, "rubric"))


def _check_rubric(criterion: CriterionView) -> None:
    """Refuse a rubric that can't score, or a formula over other names than the base data asked for."""
    formula = parse_rubric(criterion.rubric).formula
    if formula is None or criterion.variables is None:
        return
    unmatched = set(formula.names) ^ set(criterion.variables)
    if unmatched:
        wrong = quoted(min(unmatched))
        raise EngineError(
            Message(
                f"ชื่อ {wrong} ไม่ตรงกันระหว่างสูตรกับรายการข้อมูลพื้นฐาน ให้ใช้ชื่อชุดเดียวกัน",
                f"the name {wrong} stands in only one of the formula and the list of base data:"
                " use the same names in both",
            )
        )


def _is_weight(weight: Decimal | None) -> bool:
    return weight is not None and weight.is_finite() and weight > 0


def _weight_problem(weight: Decimal | None, label: str, path: tuple[str, ...]) -> Problem:
    if weight is None:
        return Problem(
            "weight_missing",
            Message(
                f"{label}: ยังไม่มีน้ำหนัก ให้กรอกตัวเลขที่มากกว่า 0",
                f"{label}: no weight yet, enter a number above 0",
            ),
            path,
        )
    return Problem("weight_not_positive", Message(
        f"{label}: น้ำหนัก {weight} ต้องมากกว่า 0", f"{label}: the weight {weight} must be above 0"), path)


_OPEN_CHECKLIST = Message(
    "ยังไม่มีผล ให้เลือกข้อที่ทำแล้ว หรือระบุว่ายังไม่ได้ดำเนินการ หรือไม่รายงานพร้อมเหตุผล หรือขอไม่นำมาประเมิน",
    "no result yet: tick what is done, or say that nothing is done, or not reported with a reason,"
    " or ask to leave it out of the round",
)
_OPEN_FIGURE = Message(
    "ยังไม่มีผล ให้กรอกผลการดำเนินงาน หรือระบุว่าไม่รายงานพร้อมเหตุผล หรือขอไม่นำมาประเมิน",
    "no result yet: enter it, or say not reported with a reason, or ask to leave it out of the round")


def result_problems(criteria: Sequence[CriterionState]) -> list[Problem]:
    """Everything that keeps a report from being submitted (domain.md, 'Rounds'); path is (key, field).

    Open criteria, operating units that miss, and 'not reported' or 'complete without a file' without a reason.
    """
    return [problem for state in criteria for problem in _state_problems(state)]


_WAITING = Message(
    "คำขอไม่นำมาประเมินยังรอกลุ่มพัฒนาระบบบริหารพิจารณา ให้รอผล หรือถอนคำขอแล้วรายงานผล",
    "the request to leave it out is waiting for the performance office: wait for the decision,"
    " or withdraw it and report a result")
_NO_REASON = Message("ระบุว่าไม่รายงาน ให้กรอกเหตุผล", "marked as not reported: give the reason")
_NO_FILE_REASON = Message(
    "หลักฐานครบโดยไม่มีไฟล์ ให้กรอกเหตุผลหรือแนบไฟล์", "complete without a file: give the reason or attach a file")


def _state_problems(state: CriterionState) -> Iterator[Problem]:
    if state.status == NOT_APPLICABLE:
        return
    if state.waiting:
        yield _named("waiting", state.label, _WAITING, (state.key, "not_applicable"))
        return
    if state.status == NOT_REPORTED:
        if not state.reason.strip():
            yield _named("reason_missing", state.label, _NO_REASON, (state.key, "reason"))
        return
    if state.missing_units:
        yield _named("units_missing", state.label, _units_missing(state.missing_units), (state.key, "units"))
    elif not state.has_result:
        sentence = state.unscored or (_OPEN_FIGURE if state.kind in ("thresholds", "level") else _OPEN_CHECKLIST)
        yield _named("open", state.label, sentence, (state.key, "result"))
    for item in state.without_file:
        if not item.reason.strip():
            yield _named("file_reason_missing", f"{state.label} › {item.label}", _NO_FILE_REASON,
                         (state.key, f"reason.{item.key}"))


def _units_missing(names: Sequence[str]) -> Message:
    listed = ", ".join(names)
    return Message(
        f"ยังขาดข้อมูลพื้นฐานจาก {listed} ให้หน่วยรายงาน หรือระบุว่าไม่รายงานพร้อมเหตุผล",
        f"base data is missing from {listed}: let them report, or state 'not reported' with a reason")


def _named(code: str, label: str, sentence: Message, path: tuple[str, ...]) -> Problem:
    return Problem(code, Message(f"{label}: {sentence.th}", f"{label}: {sentence.en}"), path)
