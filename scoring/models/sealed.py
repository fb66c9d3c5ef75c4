"""What certification froze: a result as it stood, and a round of an agreement as it was closed."""
from django.db import models
from django.db.models import Q

from indicators.models import Round
from kpiportal.accounts.models import User
from scoring.models.result import Result


class Sealed(models.Model):
    """A frozen text of one subject, by number; superseded by a later one, never changed or deleted (the database
    refuses both)."""

    number = models.PositiveSmallIntegerField()
    # Canonical JSON (scoring/freezing); a text, so that `sha256` is that of the very bytes.
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Snapshot(Sealed):
    """A certified result: definition, marks, texts, evidence with its hashes, scores and people."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="snapshots")
    # What lists and the summary print of it: part of `content`, beside it so that they needn't read the whole.
    line = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["result", "number"], name="snapshot_number_once"),
            models.UniqueConstraint(
                fields=["result"], condition=Q(superseded_at__isnull=True), name="snapshot_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result} · {self.number}"


class SnapshotsMade(models.Func):
    """How many snapshots were made of a result: result. None without one."""

    output_field = models.PositiveSmallIntegerField(null=True)
    template = "(SELECT MAX(number) FROM scoring_snapshot WHERE result_id = %(expressions)s)"


class LineInForce(models.Func):
    """The line of the snapshot in force of a report: indicator, round, unit. None without one."""

    output_field = models.TextField(null=True)
    template = (
        "(SELECT s.line FROM scoring_snapshot s JOIN scoring_result r ON r.id = s.result_id"
        " WHERE s.superseded_at IS NULL AND (r.indicator_id, r.round_id, r.unit_id) = (%(expressions)s))"
    )


class RoundSeal(Sealed):
    """A round of an agreement as it was closed: weights, every indicator's state, score and snapshot, and the total."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="seals")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="round_seal_number_once"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(superseded_at__isnull=True), name="round_seal_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.number}"
