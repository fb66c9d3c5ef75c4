"""Decimals kept exactly as typed."""
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models

from scoring.engine.text import EngineError, parse_number


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
