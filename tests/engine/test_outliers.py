"""Outliers among units: exact figures, whatever the number of units and digits."""

from decimal import Decimal

import pytest

from scoring.engine.outliers import Spread, median, spread


def numbers(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


class TestMedian:
    @pytest.mark.parametrize(
        ("values", "middle"),
        [(("3", "1", "2"), "2"), (("4", "1", "2", "3"), "2.5"), (("0.0001", "0.0002"), "0.00015")],
    )
    def test_of_odd_and_even_numbers_of_figures(self, values, middle):
        assert median(numbers(*values)) == Decimal(middle)


class TestSpread:
    def test_of_fewer_than_five_nobody_can_say(self):
        assert spread(numbers("1", "1", "1", "1000")) is None

    def test_is_exact(self):
        """The deviations are 2, 1, 0, 1 and 86: their median is 1."""
        assert spread(numbers("10", "11", "12", "13", "98")) == Spread(Decimal(12), Decimal("4.4478"))

    def test_at_the_limit_it_is_not_an_outlier_yet(self):
        found = Spread(Decimal(12), Decimal("4.4478"))
        assert not found.is_outlier(Decimal("16.4478")) and not found.is_outlier(Decimal("7.5522"))
        assert found.is_outlier(Decimal("16.4479")) and found.is_outlier(Decimal("7.5521"))

    def test_one_wrong_figure_moves_neither_middle_nor_limit(self):
        assert spread(numbers("10", "11", "12", "13", "98")) == spread(numbers("10", "11", "12", "13", "9800000"))

    def test_where_most_say_the_same_any_other_figure_is_one(self):
        found = spread(numbers("100", "100", "100", "100", "99.9999"))
        assert found.limit == 0 and found.is_outlier(Decimal("99.9999")) and not found.is_outlier(Decimal(100))

    def test_long_figures_keep_their_last_digit(self):
        long = "123456789012345678901234.0001"
        assert spread(numbers(*[long] * 3, "0", "1")).median == Decimal(long)
