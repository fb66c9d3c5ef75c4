"""Which evidence proves what in a result."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evidence.models import Evidence
from indicators.models import ChecklistItem, EvidenceRequirement
from scoring.models.result import Result

LISTED = Q(dropped_at__isnull=True)


class EvidenceUseQuerySet(models.QuerySet):
    """Uses of evidence."""

    def listed(self) -> "EvidenceUseQuerySet":
        """Those that stand in the evidence list now."""
        return self.filter(LISTED)


class EvidenceUse(models.Model):
    """A piece of evidence in a result's numbered list (order), and what it proves where that is named: an item, one
    required point of it. Once the result was submitted, a use is only marked as dropped, so that nothing that
    somebody reviewed can vanish."""

    class Verdict(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        ACCEPTED = "accepted", _("Accepted")
        INSUFFICIENT = "insufficient", _("Not enough")

    result = models.ForeignKey(Result, models.CASCADE, related_name="evidence_uses")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="uses")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, null=True, blank=True, related_name="evidence_uses")
    requirement = models.ForeignKey(EvidenceRequirement, models.PROTECT, null=True, blank=True, related_name="uses")
    order = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.PENDING)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceUseQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "evidence", "requirement"], condition=LISTED & Q(requirement__isnull=False),
                name="evidence_use_point_once",
            ),
            models.UniqueConstraint(
                fields=["result", "evidence", "item"],
                condition=LISTED & Q(requirement__isnull=True, item__isnull=False), name="evidence_use_once",
            ),
            models.UniqueConstraint(
                fields=["result", "evidence"], condition=LISTED & Q(item__isnull=True), name="evidence_use_whole_once"
            ),
            models.CheckConstraint(
                condition=Q(requirement__isnull=True) | Q(item__isnull=False), name="evidence_point_of_an_item"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["pending", "accepted", "insufficient"]), name="evidence_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.evidence}"
