"""The working, word for word in English and figure for figure in Thai."""

import re
from decimal import Decimal

import pytest

from scoring.engine.explain import average_sides, average_working, working
from scoring.engine.formula import Part
from scoring.engine.rubric import parse_result, parse_rubric, score
from tests.engine.test_rubric import COMPLETE, COUNT, FALLING, MILESTONES, RISING, thresholds

D = Decimal
FORMULA = RISING | {"formula": "A / B * 100"}


def steps(rubric: dict, result: dict | None, names: dict[str, str] | None = None) -> list:
    parsed = parse_rubric(rubric)
    found = parse_result(result, parsed)
    return working(parsed, found, score(parsed, found), names)


@pytest.mark.parametrize(("rubric", "result", "english"), [
    (RISING, {"value": "84.40"},
     ["84.40 lies between 80 (3) and 85 (4): 3 + (84.40 − 80) / (85 − 80) × (4 − 3) = 3.8800"]),
    (RISING, {"value": "60"},
     ["60 does not reach the lowest target 70 (1): the lowest score of the scale = 1.0000"]),
    (RISING, {"value": "90.5"}, ["90.5 reaches the highest target 90 (5): 5.0000"]),
    (RISING, {"value": "75.00"}, ["75.00 meets the target 75 (2): 2.0000"]),
    (RISING, {"value": Decimal("84.4000000000")},
     ["84.4 lies between 80 (3) and 85 (4): 3 + (84.4 − 80) / (85 − 80) × (4 − 3) = 3.8800"]),
    (RISING | {"between": "step"}, {"value": "84"},
     ["84 reaches the target 80 (3) but not 85 (4), scored in steps: 3.0000"]),
    (FALLING, {"value": "9"},
     ["9 lies between 10 (1) and 8 (3): 1 + (9 − 10) / (8 − 10) × (3 − 1) = 2.0000"]),
    (FALLING, {"value": "12"},
     ["12 does not reach the lowest target 10 (1): the lowest score of the scale = 1.0000"]),
    (FALLING, {"value": "3"}, ["3 reaches the highest target 3 (5): 5.0000"]),
    (thresholds(("-1", "-10"), ("1", "10"), scale={"min": "-1", "max": "1"}), {"value": "-5"},
     ["-5 lies between -10 (-1) and 10 (1): -1 + (-5 − (-10)) / (10 − (-10)) × (1 − (-1)) = -0.5000"]),
    (FORMULA, {"data": {"A": "42", "B": "50"}},
     ["A / B * 100 = 42 / 50 * 100 = 84.0000",
      "84.0000 lies between 80 (3) and 85 (4): 3 + (84.0000 − 80) / (85 − 80) × (4 − 3) = 3.8000"]),
    (FORMULA, {"data": {"A": "42", "B": "51"}},
     ["A / B * 100 = 42 / 51 * 100 ≈ 82.3529",
      "82.3529 lies between 80 (3) and 85 (4): 3 + (82.3529 − 80) / (85 − 80) × (4 − 3) = 3.4706",
      "The score is taken from the number before rounding"]),
    (FORMULA, {"data": {"A": "42", "B": "0"}},
     ["No result, because the formula divides by zero: check the base datum that divides."]),
    (FORMULA, {"data": {"A": "42", "B": None}}, ["No result yet: enter the base data B."]),
    (MILESTONES, {"done": ["a"]},
     ["Done, 1 item: a", "All items of level 1 and of the levels below are done: 1.0000",
         "Level 3 still lacks: b, c"]),
    (MILESTONES, {"done": ["a", "c", "d"]},
     ["Done, 3 items: a, c, d", "All items of level 1 and of the levels below are done: 1.0000",
         "Level 3 still lacks: b",
      "Done, but counted only once level 3 is complete: c, d"]),
    (MILESTONES, {"done": ["a", "b", "c"]},
     ["Done, 3 items: a, b, c", "All items of level 3 and of the levels below are done: 3.0000",
      "Level 5 still lacks: d"]),
    (MILESTONES, {"done": ["a", "b", "c", "d"]},
     ["Done, 4 items: a, b, c, d", "All items of level 5 and of the levels below are done: 5.0000"]),
    (MILESTONES, {"done": []},
     ["Nothing is done yet", "The first level (1) is not reached: the lowest score of the scale = 1.0000",
      "Level 1 still lacks: a"]),
    (COUNT, {"count": 7},
     ["Done: 7 items", "7 items reach '6 or more' (level 2): 2.0000", "Level 3 takes 8 items: 1 more"]),
    (COUNT, {"done": ["x"]},
     ["Done, 1 item: x",
         "1 item does not reach the first line, 6 (level 2): the lowest score of the scale = 1.0000",
      "Level 2 takes 6 items: 5 more"]),
    (COMPLETE, {"done": []}, ["Nothing is done yet: 1.0000", "Level 3 takes 1 item: 1 more"]),
    (COMPLETE, {"done": ["x", "y"]},
     ["Done, 2 items: x, y", "No item has complete evidence yet: 2.0000", "Level 3 takes 1 item: 1 more"]),
    (COMPLETE, {"done": ["x", "y"], "complete": ["y"]},
     ["Done, 2 items: x, y", "Evidence complete, 1 item: y", "1 item reaches '1 or more' (level 3): 3.0000",
      "Level 5 takes 3 items: 2 more"]),
    ({"kind": "level"}, {"value": "4.80"}, ["The level 4.80 is the score itself: 4.8000"]),
    (RISING, {"status": "not_reported"}, ["Not reported: the lowest score of the scale = 1.0000"]),
    (RISING, {"status": "not_applicable"},
     ["Not applicable in this round: no score, and its weight does not count."]),
    (MILESTONES, None, ["No result yet: tick what is done, or say that nothing is done yet."]),
])
def test_the_working(rubric, result, english):
    found = steps(rubric, result)
    assert [step.en for step in found] == english
    for step in found:
        assert re.findall(r"\d+\.\d{4}", step.th) == re.findall(r"\d+\.\d{4}", step.en)
        assert any("\u0e01" <= letter <= "\u0e4e" for letter in step.th) or step.th == step.en


def test_items_have_their_names():
    found = steps(MILESTONES, {"done": ["a"]}, {"a": "แต่งตั้ง CIO", "b": "ระดับที่ 1"})
    assert (found[0].th, found[2].th) == ("ดำเนินการแล้ว 1 ข้อ: แต่งตั้ง CIO", "ระดับ 3 ยังขาด: ระดับที่ 1, c")


def test_the_average_with_its_numbers():
    parts = [
        Part(D("1.0"), D("3.0000")),
        Part(D("0.50"), D("3.8800")),
        Part(D(2), None),
        Part(D(7), None, applicable=False),
    ]
    assert [step.en for step in average_working(parts)] == [
        "((1 × 3) + (0.5 × 3.88)) / (1 + 0.5) = 4.9400 / 1.5 = 3.2933", "A weight of 2 has no score yet",
        "Not applicable, a weight of 7: left out of both sums"]
    assert average_sides(parts) == ("(1 × 3) + (0.5 × 3.88)", "1 + 0.5")
    assert average_working([Part(D(4), D(5))])[0].th == "(4 × 5) / 4 = 20.0000 / 4 = 5.0000"
    assert [step.en for step in average_working([Part(D(4), None)])] == [
        "No part has a score, so there is no average", "A weight of 4 has no score yet"]
