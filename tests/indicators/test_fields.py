"""NumberField: a decimal reads back exactly as it was typed, on both databases. DayField: dates of both eras."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from indicators.models import Level
from kpiportal.accounts.fields import DayField
from scoring.models import BaseDatum, CriterionResult

pytestmark = pytest.mark.usefixtures("seeds", "db")


def stored(number: Decimal | str | None) -> Decimal | None:
    """The number after a way through the database."""
    level = Level.objects.first()
    Level.objects.filter(pk=level.pk).update(target=number)
    return Level.objects.get(pk=level.pk).target


@pytest.mark.parametrize(
    "number",
    [
        "84.40",
        "0",
        "0.0000000001",
        "-0.5000",
        "100.00",
        "999999999999999.9999999999",
        "-999999999999999.9999999999",
        "123456789012345.1234567890",
    ],
)
def test_stays_exactly_as_it_was_typed(number):
    assert f"{stored(Decimal(number)):f}" == number
    assert isinstance(stored(Decimal(number)), Decimal)


def test_a_large_number_is_written_without_an_exponent():
    assert f"{stored(Decimal('1E+3')):f}" == "1000"


@pytest.mark.parametrize(("typed", "number"), [("๘๔.๔๐", "84.40"), ("1,234.50", "1234.50"), (" 7 ", "7")])
def test_takes_what_people_type(typed, number):
    assert str(stored(typed)) == number


@pytest.mark.parametrize("empty", [None, ""])
def test_nothing_is_none(empty):
    assert stored(empty) is None


@pytest.mark.parametrize(
    "typed", ["abc", "NaN", "Infinity", "1e5", "1,2", "1234567890123456", "0.12345678901"]
)
def test_refuses_what_it_can_not_keep(typed):
    with pytest.raises(ValidationError):
        stored(typed)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1234567890123456", "0.12345678901"])
def test_refuses_a_decimal_that_it_can_not_keep(number):
    """A service or an import hands over Decimals, not text: the promise is the same."""
    with pytest.raises(ValidationError):
        stored(Decimal(number))


def test_every_number_that_people_type_is_kept_this_way():
    kinds = {
        model._meta.get_field(name).__class__.__name__
        for model, name in ((Level, "target"), (CriterionResult, "value"), (BaseDatum, "value"))
    }
    assert kinds == {"NumberField"}


class TestDays:
    """A date as people here write it; one era is never taken for the other."""

    @pytest.mark.parametrize(
        "typed",
        ["21/11/2569", "๒๑/๑๑/๒๕๖๙", "21-11-2569", "21.11.2569", "21 พ.ย. 2569", "21 พฤศจิกายน ๒๕๖๙",
         " 21  พ.ย.  2569 ", "21/11/2026", "2026-11-21", "21 Nov 2026", "21 November 2026"],
    )
    def test_are_read(self, typed):
        assert DayField().clean(typed) == datetime.date(2026, 11, 21)

    @pytest.mark.parametrize(
        "typed",
        ["21/11/69", "21/11/2369", "11/21/2569", "29/2/2569", "0/1/2569", "21/11", "21 xyz 2569", "today",
         "21/11/25699", "-1/1/2569", "21/11/9999999999"],
    )
    def test_what_is_none_is_refused_with_an_example(self, typed):
        with pytest.raises(ValidationError) as refusal, override("en"):
            DayField().clean(typed)
        assert "21/11/2026" in refusal.value.messages[0]
        with pytest.raises(ValidationError) as refusal, override("th"):
            DayField().clean(typed)
        assert "21/11/2569" in refusal.value.messages[0]

    def test_the_leap_day_is_that_of_the_common_era(self):
        assert DayField().clean("29/2/2567") == datetime.date(2024, 2, 29)

    def test_empty_is_none_and_long_is_refused(self):
        assert DayField(required=False).clean(" ") is None
        with pytest.raises(ValidationError):
            DayField().clean("1" * 61)

    @pytest.mark.parametrize(("language", "shown"), [("th", "21 พ.ย. 2569"), ("en", "21 Nov 2026")])
    def test_what_is_shown_can_be_typed(self, language, shown):
        with override(language):
            assert DayField().prepare_value(datetime.date(2026, 11, 21)) == shown
            assert DayField().clean(shown) == datetime.date(2026, 11, 21)
        assert DayField().prepare_value("typed") == "typed"
