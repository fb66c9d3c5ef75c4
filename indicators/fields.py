"""Decimals kept exactly as typed, and dates as people here write them."""
import datetime
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language

from scoring.engine.text import BUDDHIST_ERA, EngineError, parse_date, parse_number


class NumberField(models.CharField):
    """A Decimal as it was typed ('84.40'), at most 15 digits before the point and 10 after.

    Kept as text because SQLite stores decimals as floats beyond 15 digits and drops trailing zeros; SQL never sums it.
    """

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 28
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    @property
    def validators(self) -> list:
        """None of CharField's: `to_python` refuses what can't be kept."""
        return []

    def from_db_value(self, value, expression, connection) -> Decimal | None:
        return None if value is None else Decimal(value)

    def to_python(self, value) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            return parse_number(f"{value:f}" if isinstance(value, Decimal) else str(value))
        except EngineError as error:
            raise ValidationError(error.message.th) from error

    def get_prep_value(self, value) -> str | None:
        value = self.to_python(value)
        return None if value is None else f"{value:f}"

    def value_to_string(self, obj) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"


def weight_field(**kwargs) -> models.DecimalField:
    """A weight: above 0 where given (each model adds that constraint), at most 4 places."""
    return models.DecimalField(max_digits=8, decimal_places=4, **kwargs)


def date_typed(value: datetime.date) -> str:
    """A date as a field shows it, to be typed over: '21/11/2569' in Thai, '21/11/2026' in English."""
    in_thai = (get_language() or "th").startswith("th")
    return f"{value.day}/{value.month}/{value.year + (BUDDHIST_ERA if in_thai else 0)}"


class DayField(forms.CharField):
    """A date as people here write it: Thai digits and months are read, years of both eras, never one for the other."""

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault("max_length", 60)
        super().__init__(**kwargs)
        self.widget.attrs |= {"autocomplete": "off", "inputmode": "text"}

    def prepare_value(self, value: object) -> object:
        return date_typed(value) if isinstance(value, datetime.date) else value

    def clean(self, value: object) -> datetime.date | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_date(typed)
        except EngineError as error:
            raise ValidationError(error.message.text(get_language() or "th"), code="invalid") from error
