"""Each kind of rubric: its rules, and properties that hold for any targets, held against fractions."""

from decimal import Decimal, getcontext, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.rubric import interpolate, make_targets, parse_result, parse_rubric, score, score_answer
from scoring.engine.text import EngineError, round4

LEVELS = [{"score": "1", "items": ["a"]}, {"score": "3", "items": ["b", "c"]}, {"score": "5", "items": ["d"]}]
MILESTONES = {"kind": "milestones", "levels": LEVELS}
COUNT = {
    "kind": "count",
    "map": [{"items": 6, "score": "2"}, {"items": 8, "score": "3"}, {"items": 10, "score": "5"}],
}
COMPLETE = {"kind": "complete_count", "none": "1", "incomplete": "2", "map": [
    {"items": 1, "score": "3"}, {"items": 3, "score": "5"}]}


def thresholds(*rows: tuple[str, str], **more: object) -> dict:
    return {"kind": "thresholds", "targets": [{"score": s, "target": t} for s, t in rows], **more}


RISING = thresholds(("1", "70"), ("2", "75"), ("3", "80"), ("4", "85"), ("5", "90"))
FALLING = thresholds(("1", "10"), ("3", "8"), ("5", "3"))


def sm(rubric: dict, result: dict | None) -> str | None:
    parsed = parse_rubric(rubric)
    found = score(parsed, parse_result(result, parsed))
    assert (found.value is None) == (found.reason is not None)
    return None if found.value is None else str(found.value)


@pytest.mark.parametrize(("rubric", "result", "expected"), [
    (MILESTONES, {"done": []}, "1.0000"),
    (MILESTONES, {"done": ["a"]}, "1.0000"),
    (MILESTONES, {"done": ["a", "b"]}, "1.0000"),
    (MILESTONES, {"done": ["a", "b", "c"]}, "3.0000"),
    (MILESTONES, {"done": ["c", "b", "a", "d"]}, "5.0000"),
    (MILESTONES, {"done": ["b", "c", "d"]}, "1.0000"),
    (MILESTONES | {"scale": {"min": "0", "max": "5"}}, {"done": ["d"]}, "0.0000"),
    (COUNT, {"done": []}, "1.0000"),
    (COUNT, {"count": 5}, "1.0000"),
    (COUNT, {"count": "๖"}, "2.0000"),
    (COUNT, {"count": 7}, "2.0000"),
    (COUNT, {"count": 9}, "3.0000"),
    (COUNT, {"count": 99}, "5.0000"),
    (COUNT, {"done": list("abcdefgh")}, "3.0000"),
    (COMPLETE, {"done": []}, "1.0000"),
    (COMPLETE, {"done": ["x"]}, "2.0000"),
    (COMPLETE, {"done": ["x", "y"], "complete": []}, "2.0000"),
    (COMPLETE, {"done": ["x", "y"], "complete": ["y"]}, "3.0000"),
    (COMPLETE, {"done": ["x", "y", "z"], "complete": ["y", "x"]}, "3.0000"),
    (COMPLETE, {"done": list("wxyz"), "complete": list("wxyz")}, "5.0000"),
    (RISING, {"value": "69.9999999999"}, "1.0000"),
    (RISING, {"value": "70"}, "1.0000"),
    (RISING, {"value": "๘๔.๔๐"}, "3.8800"),
    (RISING, {"value": Decimal("84.40")}, "3.8800"),
    (RISING, {"value": "90"}, "5.0000"),
    (RISING, {"value": "1,000"}, "5.0000"),
    (RISING, {"value": "-5"}, "1.0000"),
    (FALLING, {"value": "10.01"}, "1.0000"),
    (FALLING, {"value": "10"}, "1.0000"),
    (FALLING, {"value": "9"}, "2.0000"),
    (FALLING, {"value": "8"}, "3.0000"),
    (FALLING, {"value": "4"}, "4.6000"),
    (FALLING, {"value": "3"}, "5.0000"),
    (FALLING, {"value": "-1"}, "5.0000"),
    (thresholds(("2", "70"), ("4", "80")), {"value": "69"}, "1.0000"),
    (thresholds(("2", "70"), ("4", "80")), {"value": "70"}, "2.0000"),
    (thresholds(("2", "70"), ("4", "80")), {"value": "95"}, "4.0000"),
    (RISING | {"between": "step"}, {"value": "84.9999"}, "3.0000"),
    (RISING | {"between": "step"}, {"value": "85"}, "4.0000"),
    (RISING | {"between": "step"}, {"value": "60"}, "1.0000"),
    (FALLING | {"between": "step"}, {"value": "7.9"}, "3.0000"),
    (FALLING | {"between": "step"}, {"value": "8"}, "3.0000"),
    (FALLING | {"between": "step"}, {"value": "8.1"}, "1.0000"),
    (FALLING | {"between": "step"}, {"value": "11"}, "1.0000"),
    (thresholds(("50", "1"), ("75", "2"), ("100", "4"), scale={"min": "0", "max": "100"}), {"value": "3"},
     "87.5000"),
    (thresholds(("-1", "0"), ("1", "3"), scale={"min": "-1", "max": "1"}), {"value": "1"}, "-0.3333"),
    (thresholds(("1", "0"), ("2", "20000")), {"value": "1"}, "1.0001"),
    (thresholds(("1", "0"), ("2", "20000")), {"value": "0.9999999999"}, "1.0000"),
    ({"kind": "level"}, {"value": "4.80"}, "4.8000"),
    ({"kind": "level"}, {"value": "4.80005"}, "4.8001"),
    ({"kind": "level", "scale": {"min": "60", "max": "100"}}, {"value": "60"}, "60.0000"),
    (RISING | {"formula": "A / B * 100"}, {"data": {"A": "42", "B": "50"}}, "3.8000"),
    (FALLING | {"formula": "-A / (0 - B)"}, {"data": {"A": "18", "B": "2"}}, "2.0000"),
    (RISING | {"formula": "A / B"}, {"data": {"A": "42", "B": "0"}}, None),
    (RISING | {"formula": "A / B"}, {"data": {"A": "42", "B": None}}, None),
    (RISING | {"formula": "A / B"}, {"data": {"A": "", "B": None}}, None),
])
def test_a_result_gives_its_score(rubric, result, expected):
    assert sm(rubric, result) == expected


@pytest.mark.parametrize("rubric", [MILESTONES, COUNT, COMPLETE, RISING, FALLING, {"kind": "level"}])
def test_untouched_is_open_but_not_reported_gets_the_floor(rubric):
    assert sm(rubric, None) is sm(rubric, {}) is sm(rubric, {"status": "reported"}) is None
    assert sm(rubric, {"status": "not_applicable"}) is None
    assert sm(rubric, {"status": "not_reported"}) == "1.0000"
    assert sm(rubric | {"scale": {"min": "0.5", "max": "5"}}, {"status": "not_reported"}) == "0.5000"


def test_a_formula_is_scored_on_its_exact_quotient():
    """1 / 3 × 3 is 1, and a third reaches no target above it, however the digits are cut."""
    at_one = thresholds(("1", "0"), ("5", "1"), between="step", formula="A / 3 * 3")
    assert sm(at_one, {"data": {"A": "1"}}) == "5.0000"
    tie = thresholds(("0", "0"), ("3", "10"), scale={"min": "0", "max": "3"}, formula="A / 3")
    assert sm(tie, {"data": {"A": "0.0005"}}) == "0.0001"  # 0.00005, which half-up takes upwards
    assert sm(tie, {"data": {"A": "0.0004999999"}}) == "0.0000"


def test_a_hair_below_a_half_is_not_taken_upwards():
    """One part in 10²⁹ under 1.00005: rounding before the one rounding would lift it."""
    hair = make_targets([(Decimal("1"), Decimal(0)),
        (Decimal("1.0001"), Decimal("999999999999999.9999999998"))])
    assert interpolate(hair, Decimal("499999999999999.9999999999"), Decimal(1)) == Decimal("1.0001")
    assert interpolate(hair, Decimal("499999999999999.9999999998"), Decimal(1)) == Decimal("1.0000")


def test_the_context_of_the_caller_changes_nothing():
    rubric = parse_rubric(thresholds(("1", "1.234567891"), ("2", "987654321012345.9876543210")))
    value = Decimal("493827160506173.6111111055")
    with localcontext() as context:
        context.prec = 4
        few = score_answer(rubric, value)
        assert getcontext().prec == 4
    assert few == score_answer(rubric, value) == Decimal("1.5000")


NUMBERS = st.decimals(min_value=-10**12, max_value=10**12, places=6, allow_nan=False)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[list[tuple[Decimal, Decimal]], Decimal]:
    """(score, target) rows, rising or falling, and the scale's minimum."""
    size = draw(st.integers(2, 6))
    scores = sorted(
        draw(st.sets(st.decimals(-100, 100, places=3, allow_nan=False), min_size=size, max_size=size))
    )
    targets = sorted(draw(st.sets(NUMBERS, min_size=size, max_size=size)), reverse=draw(st.booleans()))
    return list(zip(scores, targets, strict=True)), scores[0] - draw(st.integers(0, 3))


def by_hand(rows: list[tuple[Decimal, Decimal]], value: Decimal, floor: Decimal) -> Fraction:
    """The rule of the domain in fractions: go up the targets as long as they are reached."""
    falling = rows[0][1] > rows[-1][1]
    reached = [row for row in rows if (value <= row[1] if falling else value >= row[1])]
    if not reached:
        return Fraction(floor)
    if len(reached) == len(rows):
        return Fraction(rows[-1][0])
    (low, start), (high, end) = (map(Fraction, row) for row in rows[len(reached) - 1:len(reached) + 1])
    return low + (Fraction(value) - start) / (end - start) * (high - low)


def half_up(number: Fraction) -> Decimal:
    """Four places, half away from zero, in whole numbers."""
    size = (abs(number) * 20000 + 1) // 2
    return Decimal(int(size) if number >= 0 else -int(size)).scaleb(-4)


@settings(max_examples=300, deadline=None)
@given(ladders(), st.data())
def test_interpolation_is_exact(ladder, data):
    rows, floor = ladder
    inside = st.fractions(0, 1, max_denominator=50).map(
        lambda part: (rows[0][1] + (rows[-1][1] - rows[0][1]) * part.numerator / part.denominator).quantize(
            Decimal("1.0000000")
        )
    )
    value = data.draw(st.one_of(NUMBERS, inside, st.sampled_from([target for _, target in rows])))
    assert interpolate(make_targets(rows), value, floor) == half_up(by_hand(rows, value, floor))


@settings(max_examples=200, deadline=None)
@given(ladders(), NUMBERS, NUMBERS)
def test_more_never_scores_less_and_nothing_leaves_the_scale(ladder, one, other):
    rows, floor = ladder
    targets = make_targets(rows)
    low, high = sorted((one, other), reverse=rows[0][1] > rows[-1][1])
    worse, better = interpolate(targets, low, floor), interpolate(targets, high, floor)
    assert floor <= worse <= better <= rows[-1][0]


@settings(max_examples=200, deadline=None)
@given(st.integers(-10**6, 10**6), st.integers(-10**4, 10**4).filter(bool), st.integers(1, 999))
def test_a_formula_is_exact_against_fractions(a, b, c):
    rows = [(Decimal(1), Decimal(-50)), (Decimal(2), Decimal("0.3")), (Decimal(5), Decimal(70))]
    rubric = parse_rubric(
        thresholds(("1", "-50"), ("2", "0.3"), ("5", "70"), formula="A / B * 100 - (A + C) / (B * C)")
    )
    data = {"A": str(a), "B": str(b), "C": str(c)}
    value = Fraction(a, b) * 100 - Fraction(a + c, b * c)
    assert score(rubric, parse_result({"data": data}, rubric)).value == half_up(
        by_hand(rows, value, Decimal(1))
    )


@settings(max_examples=200, deadline=None)
@given(st.decimals(-10**6, 10**6, places=9, allow_nan=False))
def test_round4_is_half_up(number):
    assert round4(number) == half_up(Fraction(number))


@given(st.sets(st.sampled_from("abcd")), st.sampled_from("abcd"))
def test_one_item_more_never_scores_less(done, more):
    for rubric in (MILESTONES, COMPLETE):
        less = sm(rubric, {"done": sorted(done)})
        assert less <= sm(rubric, {"done": sorted(done | {more})})


def test_errors_name_their_field():
    with pytest.raises(EngineError) as refused:
        parse_rubric(thresholds(("1", "70"), ("2", "x")))
    assert refused.value.field == "rubric.targets[2].target"
    assert "84.40" in refused.value.message.th and "84.40" in refused.value.message.en


def test_a_rubric_cannot_be_changed():
    rubric = parse_rubric(RISING)
    with pytest.raises(AttributeError):
        rubric.kind = "level"
    with pytest.raises((AttributeError, TypeError)):  # slots
        rubric.other = 1
    assert parse_rubric(RISING) == rubric != parse_rubric(FALLING)
