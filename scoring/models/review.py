"""What reviewers say of a result beside its marks: why a criterion is marked otherwise, what they think of an item,
what they ask, and what the unit objects to."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models import ChecklistItem, Criterion
from kpiportal.accounts.models import User
from scoring.models.marks import CriterionResult, Mark
from scoring.models.result import Result


class Marking(models.Model):
    """Who marked a criterion otherwise than the mark before, when, why, and of which submission. `given`: the score
    was given as it is, without the rubric."""

    row = models.OneToOneField(CriterionResult, models.CASCADE, related_name="marking")
    reason = models.TextField()
    given = models.BooleanField(default=False)
    submission = models.PositiveSmallIntegerField()
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="marking_has_reason")]

    def __str__(self) -> str:
        return f"{self.row} · {self.marked_by}"


class ItemReview(models.Model):
    """Whether a reviewer accepts what was said of an item and its evidence, or finds it not enough, with a comment."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        INSUFFICIENT = "insufficient", _("Not enough")

    result = models.ForeignKey(Result, models.CASCADE, related_name="item_reviews")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=10, choices=Mark.Stage)
    verdict = models.CharField(max_length=12, choices=Verdict)
    comment = models.TextField(blank=True)
    submission = models.PositiveSmallIntegerField()
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["result", "item", "stage"], name="item_review_once"),
            models.CheckConstraint(condition=Q(stage__in=["supervisor", "office"]), name="item_review_stage_known"),
            models.CheckConstraint(
                condition=Q(verdict__in=["accepted", "insufficient"]), name="item_review_verdict_known"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="insufficient") | ~Q(comment=""), name="item_review_says_what_is_missing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_verdict_display()}"


class Question(models.Model):
    """What a reviewer asks about a result while it stays where it is, and what its collectors answer."""

    result = models.ForeignKey(Result, models.CASCADE, related_name="questions")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_has_text"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | Q(~Q(answer=""), answered_by__isnull=False, answered_at__isnull=False),
                name="question_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Objection(models.Model):
    """What a reporting unit objects to in the marks given to it, and the performance office's answer."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the performance office")
        UPHELD = "upheld", _("Upheld")
        REFUSED = "refused", _("Refused")

    result = models.ForeignKey(Result, models.PROTECT, related_name="objections")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "criterion"], condition=Q(state="open"), name="objection_one_open"
            ),
            models.UniqueConstraint(
                fields=["result"], condition=Q(state="open", criterion__isnull=True), name="objection_one_open_whole"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="objection_has_text"),
            models.CheckConstraint(condition=Q(state__in=["open", "upheld", "refused"]), name="objection_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", answer="", answered_by__isnull=True, answered_at__isnull=True)
                | Q(~Q(state="open"), ~Q(answer=""), answered_by__isnull=False, answered_at__isnull=False),
                name="objection_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]
