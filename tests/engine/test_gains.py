"""What a step is worth above its criterion, with the figures of seeds 002 and 004."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.formula import Part, weighted_average
from scoring.engine.gains import Change, Place, at_floor, climb, gains, ranked
from scoring.engine.planner import steps
from scoring.engine.result import Result
from scoring.engine.rubric import parse_rubric
from scoring.engine.text import score_text, signed_text
from tests.engine.test_formula import PAIRS, SCORES
from tests.engine.test_rubric import MILESTONES, RISING

D = Decimal


def parts(*rows: tuple[str, str | None]) -> tuple[Part, ...]:
    return tuple(Part(D(weight), None if score is None else D(score)) for weight, score in rows)


# Seed 002: seven issues of an indicator of weight 5, here with an agreement of 100 around it.
SEED_002 = parts(("1", "3"), ("0.5", "3"), ("1", "3"), ("0.5", "5"), ("0.5", "4"), ("0.5", "4"), ("1", "1.5"))


def test_the_sentence_of_the_issue():
    rubric = parse_rubric(MILESTONES | {"levels": [
        {"score": "3", "items": ["1", "2", "3"]}, {"score": "4", "items": ["4"]}, {"score": "5", "items": ["5"]}]})
    place = Place(((SEED_002, 1), (parts(("5", "3.1"), ("95", "4")), 0)), total=True)
    done = Result(done=("1", "2", "3"))
    first, second = gains(steps(rubric, done), D(3), place)
    assert first.sentence.en == "Complete item 4: SM 3.0000 → 4.0000, indicator +0.1000, agreement +0.0050"
    assert first.sentence.th == "ทำข้อ 4 ให้ครบ: SM 3.0000 → 4.0000 ตัวชี้วัด +0.1000 คำรับรอง +0.0050"
    assert ranked([first, second]) == [second, first]
    excerpt = gains(steps(rubric, done), D(3), place._replace(total=False))[0]
    assert excerpt.agreement is None and excerpt.sentence.en.endswith("indicator +0.1000")


def test_indicator_2_2_of_seed_004_needs_85():
    # Weight 5 of 100 at 3.8800; the rest brings the agreement to 4.7740.
    agreement = (*parts(("95", "4.8210526316"), ("5", "3.8800")),)
    place = Place(((parts(("5", "3.8800")), 0), (agreement, 1)), total=True)
    gain = gains(steps(parse_rubric(RISING), Result(value=D("84.40"))), D("3.8800"), place)[0]
    assert (gain.step.needed, gain.agreement.before, gain.agreement.after) == (85, D("4.7740"), D("4.7800"))
    assert gain.agreement.text == "+0.0060"


def test_equal_gains_come_by_effort_and_small_ones_are_told_apart_before_rounding():
    rubric = parse_rubric(MILESTONES)
    place = Place(((parts(("1", "1"), ("1000000", "1")), 0),))
    near, far = gains(steps(rubric, Result(done=("a",))), D(1), place)
    assert near.indicator == far.indicator == Change(D(1), D(1))
    assert ranked([near, far]) == [far, near]
    easier = near._replace(step=near.step._replace(effort=1))
    assert ranked([near, easier]) == [easier, near]


def test_the_agreement_decides_the_order_and_not_the_indicator():
    rubric, agreement = parse_rubric({"kind": "level"}), parts(("10", "1"), ("90", "4"))
    small = gains(steps(rubric, Result(value=D(1))), D(1), Place(((parts(("10", "1")), 0), (agreement, 0)), True))
    large = gains(steps(rubric, Result(value=D(4))), D(4), Place(((parts(("1", "4")), 0), (agreement, 1)), True))
    assert [gain.agreement.text for gain in ranked([*small, *large])] == ["+0.9000", "+0.4000", "+0.1000"]


def test_what_is_open_counts_at_the_floor():
    found = at_floor((*parts(("1", None), ("2", "3")), Part(D(3), None, False)), D("1.0000"))
    assert [part.score for part in found] == [1, 3, 1]
    assert weighted_average(found).sum_weights == 3


@settings(max_examples=200, deadline=None)
@given(PAIRS, PAIRS, SCORES, st.data())
def test_climbing_is_the_average_of_averages(below, above, score, data):
    below, above = ([Part(*pair) for pair in pairs] for pairs in (below, above))
    i, j = data.draw(st.integers(0, len(below) - 1)), data.draw(st.integers(0, len(above) - 1))
    first, second = climb(((tuple(below), i), (tuple(above), j)), score)
    below[i] = below[i]._replace(score=score)
    assert first == weighted_average(below)
    above[j] = above[j]._replace(score=first.score)
    assert second == weighted_average(above)


def test_differences_carry_their_sign():
    assert [signed_text(D(n)) for n in ("0.1", "-0.1", "0", "-0.00004")] == ["+0.1000", "−0.1000", "0.0000", "0.0000"]
    assert Change(D(4), D("3.5")).text == "−0.5000" and score_text(Change(D(4), D(5)).difference) == "1.0000"
