"""The checks before putting in force and before submitting."""

from decimal import Decimal

import pytest

from scoring.engine.readiness import (
    CriterionState,
    CriterionView,
    DefinitionView,
    IndicatorView,
    ItemState,
    check_sum,
    definition_problems,
    result_problems,
)
from scoring.engine.text import Message

D = Decimal
LEVEL = {"kind": "level"}


def indicator(label: str, weight: str | None, *criteria: str | None) -> IndicatorView:
    return IndicatorView(label, weight and D(weight), tuple(
        CriterionView(f"{label}.{number}", one and D(one), LEVEL) for number, one in enumerate(criteria, 1)))


def codes(view: DefinitionView) -> list[tuple[str, tuple[str, ...]]]:
    return [(problem.code, problem.path) for problem in definition_problems(view)]


SEED_002 = indicator("5", "5", "1", "0.5", "1", "0.5", "0.5", "0.5", "1")


@pytest.mark.parametrize(("weights", "expected", "th", "en"), [
    (["1", "3.5"], "5", "น้ำหนักรวม 4.5 ต้องเป็น 5 ขาดอีก 0.5",
     "The weights add up to 4.5, expected 5: 0.5 is missing"),
    (["60", "40.10"], "100", "น้ำหนักรวม 100.1 ต้องเป็น 100 เกินมา 0.1",
     "The weights add up to 100.1, expected 100: 0.1 is too much"),
    ([], "4", "น้ำหนักรวม 0 ต้องเป็น 4 ขาดอีก 4", "The weights add up to 0, expected 4: 4 is missing"),
])
def test_a_wrong_sum_is_told_with_sum_expected_and_difference(weights, expected, th, en):
    assert check_sum(map(D, weights), D(expected)).message == (th, en)


def test_a_right_sum_is_no_problem():
    assert check_sum([D("0.1")] * 10, D(1)) is None
    assert check_sum([D(5)], D(100), at_most=True) is None
    assert check_sum([D(101)], D(100), at_most=True).message.en.endswith("at most 100: 1 is too much")


def test_an_excerpt_need_not_reach_the_total_but_the_rest_must():
    assert codes(DefinitionView(D(100), True, (SEED_002,))) == []
    assert codes(DefinitionView(D(100), False, (SEED_002,))) == [("indicator_sum", ("indicators",))]
    over = DefinitionView(D(4), True, (SEED_002,))
    assert codes(over) == [("indicator_sum", ("indicators",))]


def test_criteria_are_held_to_their_indicators_own_weight():
    seed_001 = indicator("14", "4", "1.0", "0.5", "1")
    (problem,) = definition_problems(DefinitionView(D(100), True, (seed_001,)))
    assert (problem.code, problem.path) == ("criteria_sum", ("indicators", "0", "criteria"))
    assert problem.message.en == "14: the weights add up to 2.5, expected 4: 1.5 is missing"
    assert codes(DefinitionView(D(100), True, (indicator("14", "4", "1.0", "0.5", "1", "1.5"),))) == []


def test_everything_wrong_is_told_at_once_by_place_not_by_label():
    bad = CriterionView("1.2", D(40), {"kind": "thresholds"})
    view = DefinitionView(
        D(100),
        False,
        (
            IndicatorView("1.2", D(60), (CriterionView("a", None, LEVEL), bad)),
            indicator("1.2", "0", "1"),
            indicator("3", None),
        ),
        {"รอบ 9 เดือน": (D(60), D(30)), "รอบ 12 เดือน": (D(60), D(40))},
    )
    assert codes(view) == [
        ("weight_missing", ("indicators", "0", "criteria", "0", "weight")),
        ("rubric", ("indicators", "0", "criteria", "1", "rubric")),
        ("criteria_sum", ("indicators", "0", "criteria")),
        ("weight_not_positive", ("indicators", "1", "weight")),
        ("weight_missing", ("indicators", "2", "weight")),
        ("no_criteria", ("indicators", "2", "criteria")),
        ("indicator_sum", ("indicators",)),
        ("round_sum", ("round_weights", "รอบ 9 เดือน")),
    ]
    for problem in definition_problems(view):
        assert problem.message.th and problem.message.en


@pytest.mark.parametrize("weight", ["0", "-1", "NaN"])
def test_a_criterion_weighs_more_than_nothing(weight):
    found = codes(DefinitionView(D(100), True, (indicator("1", "5", "5", weight),)))
    assert ("weight_not_positive", ("indicators", "0", "criteria", "1", "weight")) in found


def test_an_agreement_without_indicators_is_not_ready():
    assert codes(DefinitionView(D(100), True, ())) == [("no_indicators", ("indicators",))]


def test_a_round_with_bad_weights():
    view = DefinitionView(D(5), False, (SEED_002,), {"6": (D(5), D(0)), "9": (D("NaN"), D(5))})
    assert codes(view) == [
        ("weight_not_positive", ("round_weights", "6", "1")),
        ("weight_not_positive", ("round_weights", "9", "0")),
    ]


def test_a_report_lists_all_that_is_open():
    found = result_problems([
        CriterionState("c1", "ประเด็นที่ 1", "milestones", "reported", has_result=True),
        CriterionState("c2", "ประเด็นที่ 2", "count", "reported", has_result=False),
        CriterionState("c3", "ประเด็นที่ 3", "thresholds", "reported", has_result=False),
        CriterionState("c4", "ประเด็นที่ 4", "level", "not_reported", has_result=False, reason="  "),
        CriterionState("c5", "ประเด็นที่ 5", "level", "not_reported", has_result=False, reason="เริ่มรอบหน้า"),
        CriterionState("c6", "ประเด็นที่ 6", "level", "not_applicable", has_result=False),
        CriterionState("c7", "ประเด็นที่ 7", "complete_count", "reported", True, "", (
            ItemState("sla", "SLA", ""), ItemState("plan", "แผน", "ตามเอกสารต้นฉบับ"))),
    ])
    assert [(problem.code, problem.path) for problem in found] == [
        ("open", ("c2", "result")), ("open", ("c3", "result")), ("reason_missing", ("c4", "reason")),
        ("file_reason_missing", ("c7", "reason.sla"))]
    assert found[0].message.th.startswith("ประเด็นที่ 2: ยังไม่มีผล") and "tick what is done" in found[0].message.en
    assert result_problems([]) == []


def test_what_was_entered_but_has_no_score_says_the_engines_reason():
    reason = Message("หารด้วยศูนย์", "divided by zero")
    state = CriterionState("7", "issue", "thresholds", "reported", False, unscored=reason)
    [problem] = result_problems([state])
    assert problem.message == Message("issue: หารด้วยศูนย์", "issue: divided by zero")
