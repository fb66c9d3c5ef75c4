"""The base data behind formulas."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.fields import NumberField
from indicators.models import Criterion, Round, Variable
from kpiportal.accounts.models import Unit, User


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


class UnitReport(models.Model):
    """Where an operating unit stands with the base data of a criterion in a round: who said so, and when."""

    class Status(models.TextChoices):
        BEGUN = "begun", _("Not complete")
        REPORTED = "reported", _("Reported")
        NOT_REPORTED = "not_reported", _("Not reported")

    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="unit_reports")
    round = models.ForeignKey(Round, models.PROTECT, related_name="unit_reports")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="unit_reports")
    status = models.CharField(max_length=12, choices=Status)
    reason = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["criterion", "round", "unit"], name="unit_report_once"),
            models.CheckConstraint(
                condition=Q(status__in=["begun", "reported", "not_reported"]), name="unit_report_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="not_reported") | ~Q(reason=""), name="unit_report_not_reported_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.get_status_display()}"
