"""The weighted average, and formulas over base data."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.basedata import decimal_of, parse_formula, sum_values
from scoring.engine.formula import (
    Part,
    Placed,
    applicable_total,
    applying,
    average_score,
    open_part,
    share,
    weighted_average,
)
from scoring.engine.text import EngineError, round4
from tests.engine.test_rubric import half_up

D = Decimal
WEIGHTS = st.decimals(D("0.01"), 10**6, places=4, allow_nan=False)
SCORES = st.decimals(1, 5, places=4, allow_nan=False)
PAIRS = st.lists(st.tuples(WEIGHTS, SCORES), min_size=1, max_size=20)


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_the_average_is_exact_and_between_its_parts(pairs):
    total = sum(Fraction(weight) for weight, _ in pairs)
    exact = sum(Fraction(weight) * Fraction(score) for weight, score in pairs) / total
    average = weighted_average(Part(*pair) for pair in pairs)
    assert average.score == average_score(pairs) == half_up(exact)
    assert min(score for _, score in pairs) <= average.score <= max(score for _, score in pairs)
    assert Fraction(average.sum_weights) == total and Fraction(average.sum_weighted) == exact * total
    assert average.share == tuple(half_up(Fraction(w) * Fraction(s) / total) for w, s in pairs)
    assert average.weighted == tuple(half_up(Fraction(w) * Fraction(s)) for w, s in pairs)


@settings(max_examples=100, deadline=None)
@given(PAIRS, st.decimals(D("0.001"), 1000, places=3, allow_nan=False), st.randoms())
def test_neither_the_unit_of_weights_nor_the_order_matters(pairs, factor, chance):
    score = average_score(pairs)
    assert average_score([(weight * factor, one) for weight, one in pairs]) == score
    chance.shuffle(pairs)
    assert average_score(pairs) == score


def test_long_numbers_lose_no_digit():
    pairs = [(D("912345678901234.1234567891"), D("1.2345")), (D("0.0000000001"), D("5.0000"))] * 5000
    total = sum(Fraction(weight) for weight, _ in pairs)
    average = weighted_average([Part(*pair) for pair in pairs])
    assert Fraction(average.sum_weights) == total
    assert Fraction(average.sum_weighted) == sum(
        Fraction(weight) * Fraction(score) for weight, score in pairs
    )


def test_open_parts_wait_and_what_does_not_apply_leaves():
    parts = [
        Part(D(1), D(3)),
        Part(D("0.5"), None),
        Part(D(2), D(5), applicable=False),
        Part(D(4), None, applicable=False),
        Part(D(1), D(4)),
    ]
    average = weighted_average(parts)
    assert (average.score, average.sum_weights, average.sum_weighted) == (D("3.5000"), D(2), D(7))
    assert average.open_weight == D("0.5")
    assert average.weighted == (D("3.0000"), None, None, None, D("4.0000"))
    assert average.share == (D("1.5000"), None, None, None, D("2.0000"))


def test_nothing_scored_has_no_score():
    assert weighted_average([]).score is None
    assert weighted_average([Part(D(1), None)])[:4] == (None, 0, 0, D(1))
    assert average_score([]) is None


def test_the_shares_that_the_documents_print():
    assert share(D(4), D(5), D(100)) == D("0.2000")  # seed 001
    assert share(D(5), D("3.88"), D(100)) == D("0.1940")  # seed 004, 2.2
    assert share(D(5), D(5), D(100)) == D("0.2500")  # seed 004, 1.7, where 0.5000 is printed
    with pytest.raises(EngineError):
        share(D(5), D(5), D(0))


@pytest.mark.parametrize("weight", [D(0), D("-1"), D("NaN"), D("Infinity"), D("sNaN"), None, 1, 1.0, "1"])
def test_a_weight_is_a_decimal_above_zero(weight):
    with pytest.raises(EngineError) as refused:
        weighted_average([Part(D(1), D(1)), Part(weight, D(1))])
    assert refused.value.field == "parts[2].weight"


@pytest.mark.parametrize("score", [D("NaN"), D("-Infinity")])
def test_a_score_is_finite(score):
    with pytest.raises(EngineError):
        weighted_average([Part(D(1), score)])


@pytest.mark.parametrize(("text", "values", "expected"), [
    ("A / B * 100", {"A": "42", "B": "50"}, "84"),
    ("A - B - C", {"A": "1", "B": "2", "C": "3"}, "-4"),
    ("A / B / C", {"A": "12", "B": "3", "C": "2"}, "2"),
    ("A + B * C", {"A": "1", "B": "2", "C": "3"}, "7"),
    ("(A + B) * C", {"A": "1", "B": "2", "C": "3"}, "9"),
    ("-A * -B", {"A": "2", "B": "3"}, "6"),
    ("A - -B", {"A": "2", "B": "3"}, "5"),
    ("A / -B", {"A": "3", "B": "2"}, "-1.5"),
    ("1 - A/B", {"A": "1", "B": "-4"}, "1.25"),
    ("จำนวนคดี / เป้าหมาย_๑ * ๑๐๐", {"จำนวนคดี": "1", "เป้าหมาย_๑": "8"}, "12.5"),
    ("A / 3 * 3", {"A": "1"}, "1"),
    ("A / 3 + B / 3", {"A": "1", "B": "2"}, "1"),
    ("A * 0.0000000001", {"A": "1"}, "0.0000000001"),
    ("A", {"A": "-0.5"}, "-0.5"),
    ("A / B", {"A": "1", "B": "0"}, None),
    ("A / (B - B)", {"A": "1", "B": "7"}, None),
    ("A / (B / (C - C))", {"A": "1", "B": "1", "C": "1"}, None),
    ("0 * (A / B)", {"A": "1", "B": "0"}, None),
])
def test_a_formula_has_its_value(text, values, expected):
    numbers = {name: D(number) for name, number in values.items()}
    quotient = parse_formula(text).quotient(numbers)
    assert (quotient and decimal_of(quotient)) == (None if expected is None else D(expected))


def test_a_formula_knows_its_names_and_takes_the_numbers():
    formula = parse_formula("  ผล / (A1 - A1 * 2)\n* 100 ")
    assert formula.names == ("ผล", "A1")
    assert formula.with_numbers({"ผล": D("42.50"), "A1": D("-5")}) == "42.50 / ((-5) - (-5) * 2) * 100"
    with pytest.raises(EngineError) as refused:
        formula.quotient({"ผล": D(1)})
    assert "'A1'" in refused.value.message.en


def test_decomposed_am_is_the_same_name():
    assert parse_formula("จ\u0e4d\u0e32นวน + 0").names == ("จำนวน",)


@pytest.mark.parametrize("text", [
    "", "  ", "5", "A**2", "A//B", "A%B", "A^B", "A.b", "A[0]", "A(1)", "f(A)", "A,B", "A=B", "A<B", "A;B",
    "A B", "2A", "A 2",
    "+A", "A +", "* A", "(A", "A)", "()", "1.2.3*A", ".5*A", "5.*A", "1e5*A", "A×B", "A÷B", "'A'", '"A"',
    "A\x00", "A<b>B</b>", "A\\B", "@A",
    "A if B else C", "not A", "lambda: A", "A or B", "__import__('os')", "A\u0301", "Ａ", "٣*A",
    "12345678901234567*A",
    "(" * 21 + "A" + ")" * 21, "-" * 21 + "A", "A+" * 300 + "A", None, 5, ["A"], b"A"])
def test_anything_else_is_no_formula(text):
    with pytest.raises(EngineError) as refused:
        parse_formula(text)
    assert refused.value.field == "formula" and refused.value.message.th and refused.value.message.en


def test_the_agency_counts_on_the_sums():
    rows = [{"A": D(1), "B": D(10)}, {"A": D(30), "B": D(50)}, {"A": None, "B": D(40)}, {}]
    sums = sum_values(rows, ("A", "B", "C"))
    assert sums == {"A": D(31), "B": D(100), "C": None}
    assert decimal_of(parse_formula("A / B * 100").quotient(sums)) == D(31)


def test_a_quotient_keeps_its_sign_above_the_line():
    assert parse_formula("A / -B").quotient({"A": D(3), "B": D(2)}) == (-3, 2)


def test_a_quotient_that_never_ends_still_rounds_right():
    third = decimal_of(parse_formula("A / B").quotient({"A": D(2), "B": D(3)}))
    assert round4(third) == D("0.6667") and third < D(2) / D(3)


class TestT:
    """T: the declared total less the weights that don't apply in the round."""

    def total(self, *rows: Placed, own_weights: bool = False) -> Decimal:
        return applicable_total(D(100), rows, own_weights)

    def test_nothing_left_out(self):
        assert self.total(Placed("a", None, D(60)), Placed("b", None, D(40))) == 100

    def test_what_does_not_run_or_apply_leaves_the_base_weights(self):
        rows = Placed("a", None, D(60)), Placed("b", None, D(30), runs=False), Placed("c", None, D(10), applies=False)
        assert self.total(*rows) == 60

    def test_a_rounds_own_weights_reach_the_total_without_what_does_not_run(self):
        rows = Placed("a", None, D(65)), Placed("b", None, D(35)), Placed("c", None, D(10), runs=False)
        assert self.total(*rows, own_weights=True) == 100
        not_applicable = rows[0], rows[1]._replace(applies=False), rows[2]
        assert self.total(*not_applicable, own_weights=True) == 65

    def test_an_indicator_counts_as_long_as_one_of_its_parts_does_at_any_depth(self):
        rows = [
            Placed("top", None, D(100)),
            Placed("middle", "top", D(60)),
            Placed("low", "middle", D(60), applies=False),
            Placed("other", "top", D(40)),
        ]
        assert (self.total(*rows), applying(rows)) == (100, {"top", "other"})
        rows[3] = rows[3]._replace(runs=False)
        assert (self.total(*rows), applying(rows)) == (0, set())

    def test_the_parts_of_what_does_not_run_count_no_more_than_it_does(self):
        rows = [
            Placed("top", None, D(60), runs=False), Placed("part", "top", D(60)), Placed("deep", "part", D(60)),
            Placed("other", None, D(40)),
        ]
        assert (self.total(*rows), applying(rows)) == (40, {"other"})


def test_what_is_open_inside_a_scored_part_stays_open_above():
    inside = [Part(D(1), D(3)), Part(D(3), None), Part(D(5), None, applicable=False)]
    assert open_part(D(40), inside) == 30
    above = [Part(D(40), D(3), True, D(30)), Part(D(60), None)]
    assert (weighted_average(above).score, weighted_average(above).open_weight) == (3, 90)
    assert open_part(D(50), above) == 45
    assert open_part(D(40), [Part(D(1), D(3))]) == 0
