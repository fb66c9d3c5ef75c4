"""What a unit asks the performance office for."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models import Criterion
from kpiportal.accounts.models import User
from scoring.models.result import Result


class NotApplicableRequest(models.Model):
    """A unit's request to leave a criterion out of a round (ไม่นำมาประเมิน), and the performance office's decision."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for the performance office")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    result = models.ForeignKey(Result, models.PROTECT, related_name="not_applicable_requests")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    reason = models.TextField()
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "criterion"], condition=Q(state="pending"), name="not_applicable_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "granted", "refused", "withdrawn"]), name="not_applicable_state_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="not_applicable_has_reason"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True, decided_by__isnull=True)
                | Q(~Q(state="pending"), decided_at__isnull=False, decided_by__isnull=False),
                name="not_applicable_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(answer=""), name="not_applicable_refusal_answers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.get_state_display()}"
