"""Bad lines: each is answered with a sentence in the language asked for, and the lines after it are still
scored.
"""

import json

import pytest

from tests.engine.command import run

LEVEL = {"kind": "level"}
TARGETS = [{"score": "1", "target": "70"}, {"score": "3", "target": "80"}, {"score": "5", "target": "90"}]
THRESHOLDS = {"kind": "thresholds", "targets": TARGETS}
LEVELS = [{"score": "1", "items": ["a"]}, {"score": "3", "items": ["b"]}, {"score": "5", "items": ["c"]}]
MILESTONES = {"kind": "milestones", "levels": LEVELS}
MAP = [{"items": 1, "score": "3"}, {"items": 2, "score": "5"}]
COUNT = {"kind": "count", "map": MAP}
COMPLETE = {"kind": "complete_count", "none": "1", "incomplete": "2", "map": MAP}


def case(rubric, result=None) -> str:
    return json.dumps({"id": "bad", "rubric": rubric, "result": result})


def value(text, rubric=THRESHOLDS) -> str:
    return case(rubric, {"value": text})


def targets(*rows) -> str:
    return value(
        "80", THRESHOLDS | {"targets": [{"score": score, "target": target} for score, target in rows]}
    )


def formula(text, data=None) -> str:
    return case(THRESHOLDS | {"formula": text}, {"data": data or {"A": "1", "B": "2"}})


def parts(*rows) -> str:
    return json.dumps({"id": "bad", "parts": list(rows)})


BAD = {
    "no json": "{",
    "two values": "{} {}",
    "text after": '{"id": 1} x',
    "bare word": "score",
    "list": "[1]",
    "string": '"x"',
    "number": "5",
    "null": "null",
    "empty object": "{}",
    "single quotes": "{'id': 1}",
    "trailing comma": '{"id": 1,}',
    "nan literal": '{"id": "bad", "rubric": {"kind": "level"}, "result": {"value": NaN}}',
    "infinity literal": '{"id": "bad", "rubric": {"kind": "level"}, "result": {"value": -Infinity}}',
    "nan in what is ignored": '{"source": NaN, "rubric": {"kind": "level"}, "result": {"value": "3"}}',
    "key twice":
        '{"id": "bad", "rubric": {"kind": "level"}, "result": {"value": "1"}, "result": {"value": "5"}}',
    "key twice inside": '{"id": "bad", "rubric": {"kind": "level"}, "result": {"value": "1", "value": "5"}}',
    "key twice in the rubric":
        '{"rubric": {"kind": "level", "kind": "level"}, "result": {"value": "1"}}',
    "key twice, spelled otherwise":
        '{"rubric": {"kind": "level", "k\\u0069nd": "level"}, "result": {"value": "1"}}',
    "key twice behind colons":
        '{"source": "a: b", "source": "::", "rubric": {"kind": "level"}, "result": {}}',
    "key twice behind escaped colons":
        '{"source": "\\u003a\\u003a", "rubric": {"kind": "level"},'
        ' "result": {"value": "1"}, "result": {"value": "5"}}',
    "key twice in a part": '{"parts": [{"weight": "1", "score": "1", "score": "5"}]}',
    "key twice in expect":
        '{"expect": {"a": 1, "a": 2}, "rubric": {"kind": "level"}, "result": {"value": "1"}}',
    "deep list": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "deep but legal": '{"rubric": {"kind": ' + "[" * 900 + "]" * 900 + "}}",
    "deep done": '{"rubric": {"kind": "count", "map": [{"items": 1, "score": "5"}]}, "result": {"done": '
    + "[" * 900
    + "]" * 900
    + "}}",
    "whole number of 5000 digits": value("x").replace('"x"', "9" * 5000),
    "whole number of 400 digits": value("x").replace('"x"', "9" * 400),
    "huge exponent": value("x").replace('"x"', "1e999999999999999999999"),
    "large exponent": value("x").replace('"x"', "1e400"),
    "small exponent": value("x").replace('"x"', "1e-400"),
    "too long a line": json.dumps({"id": "bad", "source": "x" * 2_000_000}),
    "unknown key": json.dumps({"id": "bad", "rubrik": LEVEL}),
    "rubric and parts": json.dumps({"id": "bad", "rubric": LEVEL, "parts": []}),
    "rubric is text": case("level"),
    "rubric is null": case(None),
    "rubric is a list": case([LEVEL]),
    "kind missing": case({}),
    "kind unknown": case({"kind": "median"}),
    "kind is a list": case({"kind": ["level"]}),
    "kind is an object": case({"kind": {"level": 1}}),
    "key the kind does not have": case(LEVEL | {"map": MAP}),
    "scale is text": case(LEVEL | {"scale": "1-5"}),
    "scale half": case(LEVEL | {"scale": {"min": "1"}}),
    "scale with more": case(LEVEL | {"scale": {"min": "1", "max": "5", "step": "1"}}),
    "scale upside down": case(LEVEL | {"scale": {"min": "5", "max": "1"}}),
    "scale of one point": case(LEVEL | {"scale": {"min": "3", "max": "3.0"}}),
    "scale of five places": case(LEVEL | {"scale": {"min": "0.00001", "max": "5"}}),
    "scale not finite": case(LEVEL | {"scale": {"min": "0", "max": "Infinity"}}),
    "value nan": value("NaN"),
    "value infinity": value("-inf"),
    "value exponent": value("8e1"),
    "value words": value("แปดสิบ"),
    "value with a wrong comma": value("84,40"),
    "value with two points": value("8.4.4"),
    "value underscore": value("8_4"),
    "value true": value(True),
    "value list": value([84]),
    "value object": value({"value": 84}),
    "value of 16 digits": value("1234567890123456"),
    "value of 11 places": value("0.12345678901"),
    "value beside done": case(THRESHOLDS, {"value": "80", "done": []}),
    "level above the scale": value("5.0001", LEVEL),
    "level below the scale": value("0.9999", LEVEL),
    "level outside, not reported": case(LEVEL, {"value": "6", "status": "not_reported"}),
    "result is text": case(LEVEL, "3"),
    "result is a list": case(LEVEL, []),
    "result with an unknown key": case(LEVEL, {"valeu": "3"}),
    "status unknown": case(LEVEL, {"value": "3", "status": "done"}),
    "status is a list": case(LEVEL, {"value": "3", "status": ["reported"]}),
    "status is false": case(LEVEL, {"value": "3", "status": False}),
    "no targets": case({"kind": "thresholds"}),
    "targets null": case({"kind": "thresholds", "targets": None}),
    "targets empty": targets(),
    "targets, one": targets(("1", "70")),
    "targets is an object": case({"kind": "thresholds", "targets": {"1": "70"}}),
    "target missing": case({"kind": "thresholds", "targets": [{"score": "1"}, {"score": "2"}]}),
    "target null": targets(("1", None), ("2", "75")),
    "target a dash": targets(("1", "–"), ("2", "75")),
    "targets turn back": targets(("1", "70"), ("2", "80"), ("3", "75")),
    "targets repeat": targets(("1", "70"), ("2", "70"), ("3", "75")),
    "targets all alike": targets(("1", "70"), ("2", "70.0")),
    "scores fall": targets(("5", "70"), ("1", "80")),
    "scores repeat": targets(("1", "70"), ("1.0", "80")),
    "score outside the scale": targets(("1", "70"), ("6", "80")),
    "score of five places": targets(("1", "70"), ("2.00001", "80")),
    "target row with more": case(
        {"kind": "thresholds", "targets": [{"score": "1", "target": "1", "x": 1}] * 2}
    ),
    "target row is a number": case({"kind": "thresholds", "targets": [70, 80]}),
    "between unknown": value("80", THRESHOLDS | {"between": "spline"}),
    "between a list": value("80", THRESHOLDS | {"between": ["step"]}),
    "1,001 targets": targets(*(("1", str(number)) for number in range(1001))),
    "no levels": case({"kind": "milestones"}),
    "levels empty": case({"kind": "milestones", "levels": []}),
    "level without items": case(MILESTONES | {"levels": [{"score": "1", "items": []}]}),
    "item in two levels": case(MILESTONES | {"levels": [*LEVELS[:2], {"score": "5", "items": ["a"]}]}),
    "item twice in a level": case(MILESTONES | {"levels": [{"score": "1", "items": ["a", "a"]}]}),
    "items is text": case(MILESTONES | {"levels": [{"score": "1", "items": "abc"}]}),
    "levels fall": case(MILESTONES | {"levels": LEVELS[::-1]}),
    "done is text": case(MILESTONES, {"done": "abc"}),
    "done is a number": case(MILESTONES, {"done": 3}),
    "done is an object": case(MILESTONES, {"done": {"a": True}}),
    "done with lists": case(MILESTONES, {"done": [["a"]]}),
    "done with objects": case(COUNT, {"done": [{"id": "a"}]}),
    "done with numbers": case(COUNT, {"done": [1, 2]}),
    "done with an empty id": case(COUNT, {"done": [""]}),
    "done with null": case(COUNT, {"done": [None]}),
    "done twice": case(COUNT, {"done": ["a", "a"]}),
    "done has a stranger": case(MILESTONES, {"done": ["a", "z"]}),
    "done and count": case(COUNT, {"done": ["a"], "count": 1}),
    "done has a stranger to the list": case(COUNT | {"items": ["a", "b"]}, {"done": ["z"]}),
    "complete where it does not count": case(MILESTONES, {"done": ["a"], "complete": ["a"]}),
    "complete, not done": case(COMPLETE, {"done": ["a"], "complete": ["a", "b"]}),
    "complete without done": case(COMPLETE, {"complete": ["a"]}),
    "complete twice": case(COMPLETE, {"done": ["a"], "complete": ["a", "a"]}),
    "count negative": case(COUNT, {"count": -1}),
    "count half": case(COUNT, {"count": "1.5"}),
    "count true": case(COUNT, {"count": True}),
    "count words": case(COUNT, {"count": "three"}),
    "count a list": case(COUNT, {"count": [3]}),
    "count above the list": case(COUNT | {"items": ["a", "b"]}, {"count": 3}),
    "map missing": case({"kind": "count"}),
    "map of zero items": case({"kind": "count", "map": [{"items": 0, "score": "1"}]}),
    "map falls": case({"kind": "count", "map": MAP[::-1]}),
    "map items repeat": case({"kind": "count", "map": [MAP[0], {"items": 1, "score": "5"}]}),
    "map items half": case({"kind": "count", "map": [{"items": "1.5", "score": "1"}]}),
    "map score missing": case({"kind": "count", "map": [{"items": 1}]}),
    "map asks more than the list": case({"kind": "count", "map": MAP, "items": ["a"]}),
    "none missing": case({"kind": "complete_count", "incomplete": "2", "map": MAP}),
    "none above incomplete": case(COMPLETE | {"none": "3"}),
    "incomplete above the first": case(COMPLETE | {"incomplete": "4"}),
    "incomplete above the gap": case(COMPLETE | {"map": [{"items": 2, "score": "5"}]}),
    "formula empty": formula(""),
    "formula a number": formula(5),
    "formula a list": formula(["A"]),
    "formula without names": formula("1 + 1"),
    "formula of powers": formula("A ** 2 + B"),
    "formula of floors": formula("A // B"),
    "formula of rests": formula("A % B"),
    "formula of carets": formula("A ^ B"),
    "formula calls": formula("abs(A) + B"),
    "formula of attributes": formula("A.real + B"),
    "formula of subscripts": formula("A[0] + B"),
    "formula of imports": formula("__import__('os').system('id')"),
    "formula of lambdas": formula("(lambda: A)()"),
    "formula of exponents": formula("A * 1e3 + B"),
    "formula of commas": formula("A, B"),
    "formula of equals": formula("A == B"),
    "formula with an open bracket": formula("(A / B"),
    "formula with a closed bracket": formula("A / B)"),
    "formula of empty brackets": formula("() + A / B"),
    "formula that ends early": formula("A / B *"),
    "formula with a plus in front": formula("+A / B"),
    "formula of signs": formula("A × B"),
    "formula, deep": formula("(" * 5000 + "A" + ")" * 5000),
    "formula, minus deep": formula("-" * 400 + "A"),
    "formula, long": formula("A + " * 5000 + "B"),
    "formula with an unknown name": formula("A / C"),
    "formula lacks a datum": formula("A / B", {"A": "1"}),
    "datum too many": formula("A / B", {"A": "1", "B": "2", "C": "3"}),
    "datum nan": formula("A / B", {"A": "NaN", "B": "2"}),
    "datum a list": formula("A / B", {"A": [], "B": "2"}),
    "data is a list": formula("A / B", ["1", "2"]),
    "value beside data": case(
        THRESHOLDS | {"formula": "A / B"}, {"value": "1", "data": {"A": "1", "B": "2"}}
    ),
    "parts an object": json.dumps({"id": "bad", "parts": {"weight": "1", "score": "1"}}),
    "parts null": json.dumps({"id": "bad", "parts": None}),
    "part a number": parts(5),
    "part a list": parts(["1", "5"]),
    "part without a weight": parts({"score": "5"}),
    "part without a score": parts({"weight": "5"}),
    "part with more": parts({"weight": "1", "score": "5", "name": "x"}),
    "weight zero": parts({"weight": "0", "score": "5"}),
    "weight zero with places": parts({"weight": "0.000", "score": "5"}),
    "weight minus": parts({"weight": "-1", "score": "5"}),
    "weight nan": parts({"weight": "NaN", "score": "5"}),
    "weight infinity": parts({"weight": "Infinity", "score": "5"}),
    "weight null": parts({"weight": None, "score": "5"}),
    "weight true": parts({"weight": True, "score": "5"}),
    "weight zero, not applicable": parts({"weight": "0", "score": None}, {"weight": "1", "score": "1"}),
    "part's score nan": parts({"weight": "1", "score": "nan"}),
    "part's score words": parts({"weight": "1", "score": "ดี"}),
    "part's score a list": parts({"weight": "1", "score": ["5"]}),
}
GOOD = case(THRESHOLDS, {"value": "84.40"}).replace('"bad"', '"good"')


@pytest.fixture(scope="module", params=["th", "en"])
def answered(request) -> tuple[str, list[dict], int, str]:
    text = "\n".join(line for bad in BAD.values() for line in (bad, GOOD)) + "\n"
    return request.param, *run(text, "--lang", request.param)


def test_each_bad_line_has_its_sentence_and_the_next_line_its_score(answered):
    language, answers, status, errors = answered
    assert (status, errors) == (1, "")
    assert len(answers) == 2 * len(BAD) and len(BAD) >= 60
    for name, bad, good in zip(BAD, answers[::2], answers[1::2], strict=True):
        assert set(bad) == {"id", "error"}, (name, bad)
        assert 10 < len(bad["error"]) < 300, (name, bad)
        has_thai = any(
            "\u0e01" <= letter <= "\u0e4e" for letter in bad["error"].replace("แปดสิบ", "").replace("ดี", "")
        )
        assert has_thai == (language == "th"), (name, bad)
        assert (good["id"], good["score"]) == ("good", "3.8800"), name


def test_the_id_comes_back_with_the_error(answered):
    _, answers, _, _ = answered
    for name, bad, answer in zip(BAD, BAD.values(), answers[::2], strict=True):
        if '"id": "bad"' in bad and name != "too long a line":
            assert answer["id"] == "bad", name


@pytest.mark.parametrize(("line", "words"), [
    ("key twice", "the key 'result' stands twice"),
    ("targets turn back", "the targets 70, 80, 75 must strictly rise or strictly fall"),
    ("level above the scale", "the level 5.0001 is outside the scale: enter one from 1 to 5"),
    ("done has a stranger", "no item 'z'"),
    ("complete, not done", "'b' is complete but not done"),
    ("weight zero", "the weight '0' must be a number above 0"),
    ("formula of powers", "wrong at place 4"),
    ("formula with an unknown name", "'B'"),
    ("value of 16 digits", "at most 15 digits before the point and 10 after"),
])
def test_the_sentence_says_what_to_mend(line, words):
    (answer,), _, _ = run(BAD[line], "--lang", "en")
    assert words in answer["error"]


def test_rubrics_are_remembered_with_the_types_of_their_values():
    scales = [1, "1", "1.0", True, 1, False, "1"]
    lines = [case(LEVEL | {"scale": {"min": low, "max": "5"}}, {"value": "3"}) for low in scales]
    assert [answer.get("score") for answer in run("\n".join(lines))[0]] == [
        "3.0000", "3.0000", "3.0000", None, "3.0000", None, "3.0000"]


def test_bytes_that_are_no_text():
    answers, status, errors = run(b'\xff\xfe{"id": 1}\n\x00\n' + GOOD.encode() + b"\n\xe0\xb8")
    assert [("error" in answer) for answer in answers] == [True, True, False, True]
    assert (status, errors) == (1, "")


@pytest.mark.parametrize("result", [
    None, {}, {"status": "reported"}, {"value": None}, {"value": ""}, {"value": "  "}, {"done": ["a"]},
    {"data": {}}])
def test_no_result_is_no_error_and_no_score(result):
    (answer,), status, _ = run(case(THRESHOLDS, result), "--lang", "en")
    assert (answer["score"], status) == (None, 0)
    assert answer["reason"] == "No result yet: enter the figure."


def test_division_by_zero_is_no_result():
    (answer,), status, _ = run(formula("A / (B - B)"), "--lang", "en")
    assert (answer["score"], status) == (None, 0)
    assert "divides by zero" in answer["reason"]


def test_a_part_without_score_leaves_both_sums():
    (answer,), status, _ = run(parts(
        {"weight": "1", "score": "3"}, {"weight": "7", "score": None}, {"weight": "3", "score": "5"}))
    assert (answer["score"], answer["sum_weights"], answer["sum_weighted"]) == ("4.5000", "4", "18.0000")
    assert (answer["weighted"], answer["share"]) == (["3.0000", None, "15.0000"], ["0.7500", None, "3.7500"])
    (nothing,), status, _ = run(parts({"weight": "1", "score": None}))
    assert nothing["score"] is None and nothing["reason"] and status == 0
