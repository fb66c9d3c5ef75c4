"""Who answers for an indicator: the responsibility matrix and the assignments per round."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models.agreement import Round
from indicators.models.indicator import Indicator
from kpiportal.accounts.models import Unit, User


class Responsibility(models.Model):
    """One cell of the responsibility matrix (seed 003): as it is written, and the units that it means."""

    class Role(models.TextChoices):
        LEAD_HQ = "lead_hq", _("Lead unit")
        CO_HQ = "co_hq", _("Co-responsible unit")
        LEAD_BUREAU = "lead_bureau", _("Lead unit in the bureau")
        CO_BUREAU = "co_bureau", _("Co-responsible unit in the bureau")
        OPERATING = "operating", _("Operating units")

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="responsibilities")
    role = models.CharField(max_length=11, choices=Role)
    as_written = models.TextField()
    units = models.ManyToManyField(Unit, related_name="responsibilities")

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "responsibilities"
        constraints = [models.UniqueConstraint(fields=["indicator", "role"], name="responsibility_role_once")]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.get_role_display()}"


class Assignment(models.Model):
    """A person's task for an indicator in one round: supervisor (one) or collector (several). A substitute may do all
    that the assigned one may; what is printed names the assigned one."""

    class Role(models.TextChoices):
        SUPERVISOR = "supervisor", _("KPI supervisor")
        COLLECTOR = "collector", _("Data collector")

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="assignments")
    round = models.ForeignKey(Round, models.CASCADE, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    person = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=10, choices=Role)
    is_substitute = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "round", "unit", "person", "role"], name="assignment_once"
            ),
            models.UniqueConstraint(
                fields=["indicator", "round", "unit"], condition=Q(role="supervisor", is_substitute=False),
                name="assignment_one_supervisor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.indicator}"
