"""What raises a score: every step is what the engine gives afterwards, none is missing, and none asks too much."""

from decimal import Decimal
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.basedata import parse_formula
from scoring.engine.planner import datum_needed, missing, standing, steps
from scoring.engine.result import NO_RESULT, Result
from scoring.engine.rubric import Rubric, parse_result, parse_rubric, score, score_answer
from scoring.engine.text import FOUR_PLACES
from tests.engine.test_rubric import COMPLETE, COUNT, FALLING, LEVELS, MILESTONES, RISING, thresholds

D = Decimal
ITEMS = list("abcde")
COUNT_ITEMS = {
    "kind": "count", "items": ITEMS,
    "map": [{"items": 2, "score": "2"}, {"items": 3, "score": "3"}, {"items": 5, "score": "5"}],
}
COMPLETE_ITEMS = COMPLETE | {"items": ITEMS}
ABOVE_FLOOR = COMPLETE_ITEMS | {"none": "1.5"}
HALVES = st.integers(2, 10).map(lambda n: D(n) / 2)
FORMULAS = ["A / B * 100", "B - A", "(A + A) / B - 3 * B", "B * A"]
NUMBERS = st.decimals(-1000, 1000, places=4, allow_nan=False)


def plan(rubric: dict, result: dict | None) -> list[tuple[str, str]]:
    """What is to be done and the SM it gives, nearest first."""
    parsed = parse_rubric(rubric)
    return [(step.do.en, str(step.score)) for step in steps(parsed, parse_result(result, parsed))]


@pytest.mark.parametrize(("rubric", "result", "expected"), [
    (MILESTONES, {"done": ["a"]}, [("Complete items b, c", "3.0000"), ("Complete items b, c, d", "5.0000")]),
    (MILESTONES, {"done": ["a", "c", "d"]}, [("Complete item b", "5.0000")]),
    (MILESTONES, None, [("Complete items a, b, c", "3.0000"), ("Complete items a, b, c, d", "5.0000")]),
    (MILESTONES, {"done": list("abcd")}, []),
    (COUNT, {"count": 6}, [("Reach 8 items (2 more)", "3.0000"), ("Reach 10 items (4 more)", "5.0000")]),
    (COUNT_ITEMS, {"done": ["a", "b"]},
     [("Do 1 more of items c, d, e", "3.0000"), ("Complete items c, d, e", "5.0000")]),
    (COMPLETE_ITEMS, {"done": []}, [
        ("Do 1 item", "2.0000"), ("Do 1 more with complete evidence", "3.0000"),
        ("Do 3 more with complete evidence", "5.0000")]),
    (COMPLETE_ITEMS, {"done": ["a", "b"], "complete": []}, [
        ("Complete the evidence of 1 more of items a, b", "3.0000"),
        ("Complete the evidence of items a, b and do 1 more with complete evidence", "5.0000")]),
    (COMPLETE_ITEMS, {"done": ["a", "b", "c"], "complete": ["a", "b"]},
     [("Complete the evidence of item c", "5.0000")]),
    (ABOVE_FLOOR, None, [
        ("Say that nothing is done yet", "1.5000"), ("Do 1 item", "2.0000"),
        ("Do 1 more with complete evidence", "3.0000"), ("Do 3 more with complete evidence", "5.0000")]),
    (RISING, {"value": "84.40"},
     [("Reach a result of at least 85 (0.6 more)", "4.0000"),
      ("Reach a result of at least 90 (5.6 more)", "5.0000")]),
    (FALLING, {"value": "9"},
     [("Reach a result of at most 8 (1 less)", "3.0000"), ("Reach a result of at most 3 (6 less)", "5.0000")]),
    (RISING | {"formula": "A / B * 100"}, {"data": {"A": "42", "B": "50"}},
     [("Reach A / B * 100 of at least 85", "4.0000"), ("Reach A / B * 100 of at least 90", "5.0000")]),
    ({"kind": "level"}, {"value": "3.25"}, [("Reach level 4", "4.0000"), ("Reach level 5", "5.0000")]),
    ({"kind": "level"}, {"value": "4.80"}, [("Reach level 5", "5.0000")]),
    ({"kind": "level"}, {"status": "not_reported"}, [("Reach level 2", "2.0000"), ("Reach level 5", "5.0000")]),
    ({"kind": "level"}, {"status": "not_applicable"}, []),
])
def test_the_steps_of(rubric, result, expected):
    assert plan(rubric, result) == expected


def notes(rubric: dict, result: dict) -> list[list[str]]:
    parsed = parse_rubric(rubric)
    return [[note.en for note in step.notes] for step in steps(parsed, parse_result(result, parsed))]


def test_a_unit_has_one_worth_only_up_to_the_next_target():
    assert notes(RISING, {"value": "82"})[0] == ["Each +1 of the unit is worth SM +0.2000, up to 85"]
    assert notes(FALLING, {"value": "7"})[0] == ["Each −1 of the unit is worth SM +0.4000, up to 3"]
    for value in ("84.40", "60", "95"):  # less than one to go, nothing gained yet, nothing more to gain
        assert not any(notes(RISING, {"value": value}))
    assert not any(notes(RISING | {"between": "step"}, {"value": "82"}))


def test_the_datum_that_would_do_is_whole_where_it_is_whole_now():
    formula = RISING | {"formula": "A / B * 100"}
    assert notes(formula, {"data": {"A": "42", "B": "50"}})[0] == [
        "For example A of at least 43, the other values as they are"]
    assert notes(formula, {"data": {"A": "42.5", "B": "53"}})[0] == [
        "For example A of at least 45.05, the other values as they are"]
    assert not any(notes(formula, {"data": {"A": "42", "B": "0"}}))
    assert not any(notes(RISING | {"formula": "A * A / B"}, {"data": {"A": "2", "B": "3"}}))


def test_the_datum_is_one_that_the_formula_is_linear_in():
    def linear(text: str) -> list[str]:
        formula = parse_formula(text)
        return [name for name in formula.names if formula.is_linear_in(name)]

    assert linear("A / B * 100") == ["A"]
    assert linear("(A - 2 * B) / (C + 1)") == ["A", "B"]
    assert linear("A * B - A") == ["A", "B"]
    assert linear("A * (1 + A)") == linear("1 / A") == linear("3 / (2 - A) * A") == []
    assert notes(FALLING | {"formula": "100 * B / A"}, {"data": {"A": "10", "B": "1"}})[0] == [
        "For example B of at most 0, the other values as they are"]
    # No number of 0 or more would do.
    assert not any(notes(RISING | {"formula": "60 - A"}, {"data": {"A": "0"}}))


def test_what_is_missing_says_nothing_of_scores():
    def lacks(rubric: dict, result: dict | None) -> list[str]:
        parsed = parse_rubric(rubric)
        return [message.en for message in missing(parsed, parse_result(result, parsed), {"b": "(2)"})]

    assert lacks(RISING, None) == ["No result yet: enter the figure."]
    assert lacks(RISING, {"value": "1"}) == []
    assert lacks(COMPLETE_ITEMS, {"done": ["a", "b"], "complete": ["a"]}) == [
        "Not done yet: c, d, e", "Evidence not complete yet: (2)"]
    assert lacks(MILESTONES, {"status": "not_reported"}) == ["Stated as not reported in this round"]
    assert lacks(MILESTONES, {"status": "not_applicable"}) == []


def subsets(items):
    return list(chain.from_iterable(combinations(items, n) for n in range(len(items) + 1)))


def every_result(rubric: Rubric) -> list[Result]:
    """Everything that a checklist can be reported as."""
    if rubric.kind != "complete_count":
        return [Result(done=done) for done in subsets(rubric.items)]
    return [Result(done=done, complete=complete) for done in subsets(rubric.items) for complete in subsets(done)]


def more(result: Result, than: Result) -> bool:
    """Whether a result keeps everything of another."""
    return all(set(getattr(than, name) or ()) <= set(getattr(result, name) or ()) for name in ("done", "complete"))


def effort(result: Result, before: Result) -> int:
    """How many ticks were added."""
    return sum(len(getattr(result, name) or ()) - len(getattr(before, name) or ()) for name in ("done", "complete"))


@pytest.mark.parametrize("rubric", [MILESTONES, COUNT_ITEMS, COMPLETE_ITEMS, ABOVE_FLOOR])
def test_by_brute_force_no_higher_score_and_no_easier_way_is_missing(rubric):
    parsed = parse_rubric(rubric)
    known = every_result(parsed)
    for before in (NO_RESULT, *known):
        now, least = standing(parsed, before), {}
        for after in known:
            sm = score(parsed, after).value
            if sm > now and more(after, before):
                least[sm] = min(effort(after, before), least.get(sm, 99))
        assert sorted((step.score, step.effort) for step in steps(parsed, before)) == sorted(least.items())


@st.composite
def ladders(draw) -> dict:
    """Any thresholds: rising or falling, interpolated or stepped, some levels left out."""
    scores = sorted(draw(st.sets(HALVES, min_size=2, max_size=5)))
    targets = draw(st.lists(NUMBERS, min_size=len(scores), max_size=len(scores), unique=True))
    targets.sort(reverse=draw(st.booleans()))
    between = draw(st.sampled_from(["interpolate", "step"]))
    return thresholds(*((str(s), str(t)) for s, t in zip(scores, targets, strict=True)), between=between)


@settings(max_examples=300, deadline=None)
@given(ladders(), NUMBERS | st.none())
def test_the_value_needed_is_the_least_and_gives_what_it_promises(ladder, value):
    rubric = parse_rubric(ladder)
    result = NO_RESULT if value is None else Result(value=value)
    now, targets = standing(rubric, result), rubric.targets
    found = steps(rubric, result)
    for step in found:
        assert step.score == score(rubric, step.result).value == score(rubric, Result(value=step.needed)).value > now
        worse = step.needed + (FOUR_PLACES if targets.falling else -FOUR_PLACES)
        assert targets.reached(worse) < targets.reached(step.needed)
    assert [step.score for step in found] == [sm for sm, _ in targets.pairs if sm > now]


@settings(max_examples=300, deadline=None)
@given(ladders(), NUMBERS, NUMBERS.filter(bool), st.sampled_from(FORMULAS))
def test_the_datum_needed_is_the_least_that_reaches(ladder, a, b, formula):
    rubric = parse_rubric(ladder | {"formula": formula})
    data = {"A": a, "B": b}
    before = score(rubric, Result(data=data))
    for step in steps(rubric, Result(data=data)):
        assert step.score == score_answer(rubric, (step.needed, D(1))) > before.value
        found = datum_needed(rubric, data, "A", step.needed)
        if found is None:
            continue
        value, least = found
        assert score(rubric, Result(data=data | {"A": value})).value >= step.score
        grain = D(1) if a == a.to_integral_value() else FOUR_PLACES
        easier = score(rubric, Result(data=data | {"A": value - grain if least else value + grain}))
        assert rubric.targets.reached(easier.value_used) < rubric.targets.reached(step.needed)


@settings(max_examples=100, deadline=None)
@given(st.decimals(1, 5, places=4, allow_nan=False))
def test_a_level_climbs_to_whole_ones(value):
    rubric = parse_rubric({"kind": "level"})
    found = steps(rubric, Result(value=value))
    assert all(step.score == score(rubric, step.result).value > value for step in found)
    assert bool(found) == (value < 5) and all(step.score % 1 == 0 for step in found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 12))
def test_a_number_of_items_is_asked_for_line_by_line(number):
    rubric = parse_rubric(COUNT)
    found = steps(rubric, Result(count=number))
    assert [(step.needed, step.effort) for step in found] == [
        (line, line - number) for line in (6, 8, 10) if line > number]
    assert all(score(rubric, Result(count=int(step.needed) - 1)).value < step.score for step in found)


def test_items_are_called_by_their_names_in_both_languages():
    rubric = parse_rubric({"kind": "milestones", "levels": LEVELS[:2]})
    (step,) = steps(rubric, Result(done=("a", "c")), {"b": "2"})
    assert step.do == ("ทำข้อ 2 ให้ครบ", "Complete item 2")
