"""The marks given to a result: what each says of its criteria and items."""
from collections.abc import Iterable

from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _

from indicators.fields import NumberField
from indicators.models import ChecklistItem, Criterion
from scoring.models.result import Result


class Mark(models.Model):
    """One assessment of a result: the collectors' own, the supervisor's, the office's. None overwrites another."""

    class Stage(models.TextChoices):
        SELF = "self", _("Self-assessment")
        SUPERVISOR = "supervisor", _("KPI supervisor")
        OFFICE = "office", _("Performance office")

    result = models.ForeignKey(Result, models.CASCADE, related_name="marks")
    stage = models.CharField(max_length=10, choices=Stage)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["result", "stage"], name="mark_once"),
            models.CheckConstraint(condition=Q(stage__in=["self", "supervisor", "office"]), name="mark_stage_known"),
        ]

    def __str__(self) -> str:
        return f"{self.result} · {self.get_stage_display()}"


# The final mark of a criterion is the office's, else the supervisor's, else the collectors'.
FINALITY = {Mark.Stage.SELF: 0, Mark.Stage.SUPERVISOR: 1, Mark.Stage.OFFICE: 2}
_IN_ORDER = Case(*(When(mark__stage=name, then=place) for name, place in FINALITY.items()))


class CriterionResultQuerySet(models.QuerySet):
    """What marks say of criteria."""

    def of(self, result: Result, stage: str | None) -> "CriterionResultQuerySet":
        """What a result's marks say up to one stage (None: all marks), the one that counts of a criterion last; each
        knows its mark and, where a reviewer made it, its marking."""
        if stage == Mark.Stage.SELF:
            return self.filter(mark__result=result, mark__stage=stage)
        stages = list(FINALITY)[:None if stage is None else FINALITY[stage] + 1]
        found = self.filter(mark__result=result, mark__stage__in=stages).order_by(_IN_ORDER)
        return found.select_related("mark", "marking__marked_by")


def counting(rows: "Iterable[CriterionResult]") -> "dict[int, CriterionResult]":
    """Of rows in the order of their stages the one that counts, by criterion; the text is the collectors' always."""
    found: dict[int, CriterionResult] = {}
    for row in rows:
        if row.criterion_id in found:
            own = found[row.criterion_id]
            row.text, row.reason = own.text, own.reason
        found[row.criterion_id] = row
    return found


class CriterionResult(models.Model):
    """What a mark says of one criterion, and the score SM that the engine gave it (four places; None: no score)."""

    class Status(models.TextChoices):
        OPEN = "open", _("No result yet")
        REPORTED = "reported", _("Reported")
        NOT_REPORTED = "not_reported", _("Not reported")
        NOT_APPLICABLE = "not_applicable", _("Not applicable")

    mark = models.ForeignKey(Mark, models.CASCADE, related_name="criteria")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="results")
    status = models.CharField(max_length=14, choices=Status, default=Status.OPEN)
    # As typed; of a formula the figure that the base data gave, to four places.
    value = NumberField()
    count = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    score = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)

    objects = CriterionResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark", "criterion"], name="criterion_result_once"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "reported", "not_reported", "not_applicable"]),
                name="criterion_result_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["open", "not_applicable"]) | Q(score__isnull=True),
                name="criterion_result_open_has_no_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.score}"


class ItemResult(models.Model):
    """Whether an item is done and its evidence complete: because documents show every required point, or because it
    was declared complete without a file, with a `reason`."""

    criterion_result = models.ForeignKey(CriterionResult, models.CASCADE, related_name="items")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="results")
    done = models.BooleanField(default=False)
    # What follows from the other three, kept so that a score is read without the documents behind it.
    complete = models.BooleanField(default=False)
    declared = models.BooleanField(default=False)
    shown = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["criterion_result", "item"], name="item_result_once"),
            models.CheckConstraint(condition=Q(complete=False) | Q(done=True), name="item_complete_is_done"),
            models.CheckConstraint(
                condition=Q(complete=False) | Q(declared=True) | Q(shown=True), name="item_complete_has_its_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.done}"
