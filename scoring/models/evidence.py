"""Which evidence proves what in a result."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evidence.models import Evidence
from indicators.models import ChecklistItem
from scoring.models.result import Result


class EvidenceUse(models.Model):
    """A piece of evidence in a result's numbered list (order), and the item it proves where one is named."""

    class Verdict(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        ACCEPTED = "accepted", _("Accepted")
        INSUFFICIENT = "insufficient", _("Not enough")

    result = models.ForeignKey(Result, models.CASCADE, related_name="evidence_uses")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="uses")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, null=True, blank=True, related_name="evidence_uses")
    order = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.PENDING)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["result", "evidence", "item"], name="evidence_use_once"),
            models.UniqueConstraint(
                fields=["result", "evidence"], condition=Q(item__isnull=True), name="evidence_use_whole_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["pending", "accepted", "insufficient"]), name="evidence_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.evidence}"
