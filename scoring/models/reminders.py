"""The mails that remind people: what each chose, and what was sent to whom on which day."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.models import User


class ReminderSetting(models.Model):
    """A person's choice; without one the digest comes in Thai."""

    class Language(models.TextChoices):
        THAI = "th", "ไทย"
        ENGLISH = "en", "English"

    user = models.OneToOneField(User, models.CASCADE, related_name="reminder_setting")
    language = models.CharField(max_length=2, choices=Language, default=Language.THAI)
    digest = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(language__in=["th", "en"]), name="reminder_language_known")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.language if self.digest else '–'}"


class ReminderSent(models.Model):
    """A day's mail to a person: one of each kind and day. `keys` are the notices in it, so that the next one is only
    written for news; the text is kept until it is delivered, its hash for good."""

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Daily digest")

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        LAPSED = "lapsed", _("Replaced by the next day's")
        UNDELIVERABLE = "undeliverable", _("Could not be delivered")

    user = models.ForeignKey(User, models.PROTECT, related_name="reminders")
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.DIGEST)
    content_hash = models.CharField(max_length=64)
    keys = models.JSONField(default=list)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=13, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=1)
    task = models.UUIDField(null=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "day", "kind"], name="reminder_once_a_day"),
            models.CheckConstraint(condition=Q(kind__in=["digest"]), name="reminder_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "lapsed", "undeliverable"]), name="reminder_state_known"
            ),
            models.CheckConstraint(condition=Q(attempts__gte=1), name="reminder_was_tried"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.day}"
