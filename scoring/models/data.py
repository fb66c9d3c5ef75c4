"""The base data behind formulas."""
from django.db import models

from indicators.fields import NumberField
from indicators.models import Round, Variable
from kpiportal.accounts.models import Unit


class BaseDatum(models.Model):
    """One unit's value of a formula's variable in a round (ข้อมูลพื้นฐาน)."""

    variable = models.ForeignKey(Variable, models.PROTECT, related_name="data")
    round = models.ForeignKey(Round, models.PROTECT, related_name="base_data")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="base_data")
    value = NumberField()

    class Meta:
        verbose_name_plural = "base data"
        constraints = [models.UniqueConstraint(fields=["variable", "round", "unit"], name="base_datum_once")]

    def __str__(self) -> str:
        return f"{self.variable.name} = {self.value}"
