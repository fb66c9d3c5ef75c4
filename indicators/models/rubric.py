"""The tables of a rubric: levels, checklist items with what must be shown, and the variables of a formula."""
from django.db import models
from django.db.models import Q

from indicators.fields import NumberField
from indicators.models.indicator import Criterion


class Level(models.Model):
    """One level of a criterion's rubric: its score, wording, and what reaches it (a target, a number, items)."""

    class When(models.TextChoices):
        NONE = "none"
        INCOMPLETE = "incomplete"

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="levels")
    score = models.DecimalField(max_digits=8, decimal_places=4)
    wording = models.TextField(blank=True)
    target = NumberField()
    items_needed = models.PositiveSmallIntegerField(null=True, blank=True)
    # complete_count only: the score with nothing done, and with something done but nothing complete.
    when = models.CharField(max_length=10, choices=When, blank=True)

    class Meta:
        ordering = ["score"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "score"], name="level_score_once"),
            models.CheckConstraint(condition=Q(when__in=["", "none", "incomplete"]), name="level_when_known"),
        ]

    def __str__(self) -> str:
        return f"{self.score}: {self.wording}"


class ChecklistItem(models.Model):
    """An item that can be done (ข้อ); of a milestones rubric it belongs to the level that adds it."""

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="items")
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="items")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=60)
    number = models.CharField(max_length=20, blank=True)
    name = models.TextField()
    explanation = models.TextField(blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "code"], name="item_code_once"),
            models.UniqueConstraint(fields=["criterion", "order"], name="item_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class EvidenceRequirement(models.Model):
    """What must be shown for an item (หลักฐาน/สิ่งที่จะแสดง), numbered as in seed 000, with its explanation."""

    item = models.ForeignKey(ChecklistItem, models.CASCADE, related_name="requirements")
    order = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True)
    name = models.TextField()
    explanation = models.TextField(blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["item", "order"], name="requirement_order_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class Variable(models.Model):
    """A named base datum (ข้อมูลพื้นฐาน) of a criterion's formula."""

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="variables")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=30)
    label = models.CharField(max_length=300)
    unit_of_measure = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["criterion", "name"], name="variable_name_once")]

    def __str__(self) -> str:
        return f"{self.name} = {self.label}"
