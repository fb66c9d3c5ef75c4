"""Who: people, units (a tree) and what each person may do in which unit, from when until when."""
import datetime

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.roles import Role


# Paths are compared by their beginning, and SQLite's LIKE takes A for a and _ for any letter.
UNIT_CODE = r"\A[a-z0-9-]+\Z"
UNIT_CODE_RULE = _("Write the code of a unit in lower-case letters a–z, digits and hyphens only.")


class Unit(models.Model):
    """A unit (หน่วยงาน) in the tree ministry > department > bureau > division."""

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("Ministry")
        DEPARTMENT = "department", _("Department")
        BUREAU = "bureau", _("Bureau")
        DIVISION = "division", _("Division")
        SECTION = "section", _("Section")
        EXTERNAL = "external", _("External agency")

    code = models.CharField(max_length=40, unique=True, validators=[RegexValidator(UNIT_CODE, UNIT_CODE_RULE)])
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # '/moi/ict/': the codes from the root, so that a whole branch is one condition on one column.
    path = models.CharField(max_length=600, unique=True)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=UNIT_CODE), name="unit_code_plain", violation_error_message=UNIT_CODE_RULE
            )
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class User(AbstractUser):
    """A person with an account. Demo data holds position titles instead of names."""

    first_name = None
    last_name = None
    name = models.CharField(_("name"), max_length=200)
    position = models.CharField(_("position"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=100, blank=True)
    is_demo = models.BooleanField(default=False)

    REQUIRED_FIELDS = ["name", "email"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet):
    """Grants of a role."""

    def active(self) -> "MembershipQuerySet":
        """Those in force today (since and until are whole days in Bangkok)."""
        today = timezone.localdate()
        return self.filter(since__lte=today).filter(Q(until__isnull=True) | Q(until__gte=today))


class Membership(models.Model):
    """A role of a person in a unit and everything below it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    # The latest review; those before it stand in the audit trail.
    reviewed_at = models.DateTimeField(null=True, editable=False)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="membership_until_after_since"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="membership_review_whole",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role"], condition=Q(until__isnull=True), name="membership_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit}"

    def counts_on(self, day: datetime.date) -> bool:
        """Whether the grant is in force on this day."""
        return self.since <= day and (self.until is None or day <= self.until)
