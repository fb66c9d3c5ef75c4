"""Indicators and their criteria."""
from django.db import models
from django.db.models import F, Q

from indicators.fields import weight_field
from indicators.models.agreement import Agreement, Group, Round
from kpiportal.accounts.models import Unit
from scoring.engine.rubric import KINDS


class Indicator(models.Model):
    """An indicator (ตัวชี้วัด). Its weight counts in the agreement; its criteria's weights add up to it."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="indicators")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="indicators")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="sub_indicators")
    order = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    unit_of_measure = models.CharField(max_length=60, blank=True)
    weight = weight_field(null=True, blank=True)
    lead_unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    first_round = models.PositiveSmallIntegerField(null=True, blank=True)
    cancelled_from = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "order"], name="indicator_order_once"),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__gt=0), name="indicator_weight_positive"
            ),
            models.CheckConstraint(
                condition=Q(first_round__isnull=True) | Q(first_round__in=[6, 9, 12]), name="indicator_first_round"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_from__isnull=True) | Q(cancelled_from__in=[6, 9, 12]),
                name="indicator_cancelled_from",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    def runs_in(self, months: int) -> bool:
        """Whether the indicator is measured in this round: started, and not yet cancelled."""
        return (self.first_round or 0) <= months and (self.cancelled_from is None or months < self.cancelled_from)


def runs_in(indicator: str, months: str) -> Q:
    """Indicator.runs_in as a condition, by the ways from the filtered table to the indicator and to the months."""
    begun = Q(**{f"{indicator}__first_round": None}) | Q(**{f"{indicator}__first_round__lte": F(months)})
    goes_on = Q(**{f"{indicator}__cancelled_from": None}) | Q(**{f"{indicator}__cancelled_from__gt": F(months)})
    return begun & goes_on


class RoundWeight(models.Model):
    """An indicator's weight in one round, where it differs from its base weight."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="round_weights")
    round = models.ForeignKey(Round, models.CASCADE, related_name="weights")
    weight = weight_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "round"], name="round_weight_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="round_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.round}: {self.weight}"


class Criterion(models.Model):
    """A criterion (ประเด็น): the only thing scored against a rubric. `kind` may be empty in a draft definition."""

    class Between(models.TextChoices):
        INTERPOLATE = "interpolate"
        STEP = "step"

    class Counted(models.TextChoices):
        ITEMS = "items"
        NUMBER = "number"

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=500)
    weight = weight_field(null=True, blank=True)
    unit_of_measure = models.CharField(max_length=60, blank=True)
    intro = models.TextField(blank=True)
    note = models.TextField(blank=True)
    kind = models.CharField(max_length=15, blank=True)
    between = models.CharField(max_length=11, choices=Between, default=Between.INTERPOLATE)
    formula = models.CharField(max_length=300, blank=True)
    counted = models.CharField(max_length=6, choices=Counted, default=Counted.ITEMS)

    class Meta:
        ordering = ["order"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["indicator", "order"], name="criterion_order_once"),
            models.CheckConstraint(condition=Q(kind__in=["", *KINDS]), name="criterion_kind_known"),
            models.CheckConstraint(condition=Q(between__in=["interpolate", "step"]), name="criterion_between_known"),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__gt=0), name="criterion_weight_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()
