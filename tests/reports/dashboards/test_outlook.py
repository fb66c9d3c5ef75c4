"""What an agreement's score will be, worked out by hand."""
from decimal import Decimal

from reports.dashboards.outlook import Ahead, Whole, at_stake, filled, outlook
from scoring.engine.formula import Part, weighted_average

LOW, HIGH = Decimal(1), Decimal(5)


def ahead(weight: str, score: str | None, before: str | None = None, opened: str = "0", applies: bool = True) -> Ahead:
    numbers = [None if one is None else Decimal(one) for one in (score, before)]
    part = Part(Decimal(weight), numbers[0], applies, Decimal(opened))
    scored = Part(part.weight - part.open_weight, part.score)
    return Ahead(Whole(part, (Whole(scored), Whole(Part(part.open_weight, None)))), numbers[1])


class TestOutlook:
    def test_what_is_open_counts_as_the_round_before_else_at_the_lowest_level(self):
        found = outlook([ahead("50", "4"), ahead("30", None, "3"), ahead("20", None)], LOW, HIGH)
        # 0.5 × 4 + 0.3 × 3 + 0.2 × 1; lowest 0.5 × 4 + 0.5 × 1, highest 0.5 × 4 + 0.5 × 5
        assert [str(score) for score in found[:4]] == ["4.0000", "3.1000", "2.5000", "4.5000"]
        assert (found.open_weight, found.from_before, found.at_lowest) == (50, 1, 1)

    def test_of_an_indicator_that_is_scored_in_part_only_the_rest_is_guessed(self):
        found = outlook([ahead("40", "4", "2", opened="10"), ahead("60", "3")], LOW, HIGH)
        # the 40: (30 × 4 + 10 × 2) / 40 = 3.5, lowest 3.25, highest 4.25
        assert [str(score) for score in found[:4]] == ["3.4000", "3.2000", "3.1000", "3.5000"]

    def test_an_indicator_of_parts_is_filled_part_by_part(self):
        half = weighted_average([Part(Decimal(2), Decimal(2)), Part(Decimal(3), None)])
        open_part = Whole(Part(Decimal(5), half.score, open_weight=half.open_weight),
                          (Whole(Part(Decimal(2), Decimal(2))), Whole(Part(Decimal(3), None))))
        done = Whole(Part(Decimal(5), Decimal(4)))
        whole = Whole(Part(Decimal(10), Decimal(3), open_weight=Decimal(3)), (done, open_part))
        # the open one: (2 × 2 + 3 × 5) / 5 = 3.8, with it (5 × 4 + 5 × 3.8) / 10
        assert str(filled(whole, HIGH)) == "3.9000"

    def test_is_rounded_as_if_it_had_been_reported(self):
        thirds = [Part(Decimal(1), Decimal(4)), Part(Decimal(2), Decimal(5)), Part(Decimal("0.0002"), None)]
        part = Part(Decimal("3.0002"), Decimal("4.6667"), open_weight=thirds[2].weight)
        whole = Whole(part, tuple(map(Whole, thirds)))
        # 14.0002 / 3.0002 = 4.66642…, and from the rounded 4.6667 it would be 4.66645…
        assert str(filled(whole, LOW)) == "4.6664"

    def test_with_nothing_open_all_are_the_score(self):
        found = outlook([ahead("50", "4", "1"), ahead("50", "3")], LOW, HIGH)
        assert {str(score) for score in found[:4]} == {"3.5000"} and found.open_weight == 0

    def test_what_does_not_apply_counts_nowhere(self):
        found = outlook([ahead("50", "4"), ahead("50", None, applies=False)], LOW, HIGH)
        assert {str(score) for score in found[:4]} == {"4.0000"}

    def test_before_the_first_result_there_is_no_score_so_far(self):
        found = outlook([ahead("100", None, "2.5")], LOW, HIGH)
        assert found.so_far is None and [str(score) for score in found[1:4]] == ["2.5000", "1.0000", "5.0000"]

    def test_of_nothing_is_none(self):
        assert outlook([], LOW, HIGH) is None
        assert outlook([ahead("50", "4", applies=False)], LOW, HIGH) is None
        assert outlook([Ahead(Whole(Part(None, Decimal(3))), None)], LOW, HIGH) is None


class TestAtStake:
    def test_is_weight_by_what_lacks_to_the_highest_level(self):
        total = Decimal(80)
        assert str(at_stake(ahead("20", "3.5").whole, LOW, HIGH, total)) == "0.3750"
        assert str(at_stake(ahead("20", None).whole, LOW, HIGH, total)) == "1.0000"
        assert str(at_stake(ahead("20", "5").whole, LOW, HIGH, total)) == "0.0000"
        assert str(at_stake(ahead("20", "5", opened="5").whole, LOW, HIGH, total)) == "0.2500"
