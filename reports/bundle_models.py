"""What a person asked to have made, to be fetched later."""
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.models import User
from scoring.engine.text import Message

NO_FILE = Q(key__isnull=True, size__isnull=True, sha256="", ready_at__isnull=True)


class BundleQuerySet(models.QuerySet):
    """Bundles that a person may see."""

    def visible_to(self, user: User) -> "BundleQuerySet":
        """Those that the person asked for. What stands in them may be closed to the person by now: `Kind.may` is asked
        before a byte is given."""
        return self.filter(asked_by=user)


class Bundle(models.Model):
    """One file that is made in the background of many papers: what was asked for, how far it is, and where it lies.
    `attempt` counts how often its making was begun, so that a worker that was given up knows it; `lost`, how often
    its worker was since it was last asked for."""

    class Kind(models.TextChoices):
        ZIP = "zip", _("ZIP of report cards")
        PDF = "pdf", _("One PDF of report cards")
        BOOK = "book", _("Book of an agreement")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        WORKING = "working", _("Being made")
        READY = "ready", _("Ready")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Not made")
        EXPIRED = "expired", _("No longer kept")

    kind = models.CharField(max_length=4, choices=Kind)
    # What the kind's `write` is given (reports/bundles/kinds.py).
    asked = models.JSONField()
    title = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    lost = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # When its worker last gave a sign of life.
    touched_at = models.DateTimeField()
    problem_th = models.CharField(max_length=600, blank=True)
    problem_en = models.CharField(max_length=600, blank=True)
    name = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=32, null=True, unique=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["zip", "pdf", "book"]), name="bundle_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "working", "ready", "cancelled", "failed", "expired"]),
                name="bundle_state_known",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="bundle_has_title"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="bundle_expires_later"),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="bundle_done_of_total"),
            models.CheckConstraint(
                condition=Q(state="failed") & ~Q(problem_th="") & ~Q(problem_en="")
                | ~Q(state="failed") & Q(problem_th="", problem_en=""),
                name="bundle_failed_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") & NO_FILE
                | Q(Q(state="ready", key__isnull=False, size__gte=1, ready_at__isnull=False), ~Q(name=""),
                    Exact(Length("key"), 32), Exact(Length("sha256"), 64)),
                name="bundle_ready_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def problem(self) -> Message:
        """Why it was not made, and what to do."""
        return Message(self.problem_th, self.problem_en)

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or is being made."""
        return self.state in (self.State.WAITING, self.State.WORKING)

    @property
    def is_over(self) -> bool:
        """Whether the file was kept as long as files are; the next sweep removes it, if it did not yet."""
        over = self.state == self.State.READY and self.expires_at <= timezone.now()
        return over or self.state == self.State.EXPIRED

    @property
    def is_there(self) -> bool:
        """Whether the file can be fetched."""
        return self.state == self.State.READY and not self.is_over

    @property
    def percent(self) -> int:
        """How much of it is done, in whole percent."""
        return 100 * self.done // self.total if self.total else 0
