"""Agreements with their fiscal year, rounds and groups."""
import datetime
import secrets
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.fields import weight_field
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import in_scope, units_with
from kpiportal.accounts.roles import MANAGE_ROUNDS, VIEW_AGREEMENTS

DEFAULT_WORDING = {"indicator": "ตัวชี้วัดที่", "criterion": "ประเด็นที่", "results": "ผลการดำเนินงาน"}

# The agreements with an indicator that some units lead or are assigned to: one list, made once a query, over the
# indexes of the units. By hand, because Django takes a millisecond of the home page to put the same together.
WITH_A_PART_FOR = """
SELECT agreement_id FROM indicators_indicator WHERE lead_unit_id IN ({units}) UNION ALL
SELECT agreement_id FROM indicators_round JOIN indicators_assignment ON round_id = indicators_round.id
WHERE unit_id IN ({units})"""


class FiscalYear(models.Model):
    """A fiscal year (ปีงบประมาณ), Buddhist Era: 2559 runs 1 October 2015 – 30 September 2016."""

    year = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["-year"]
        constraints = [models.CheckConstraint(condition=Q(year__range=(2500, 2700)), name="year_buddhist_era")]

    def __str__(self) -> str:
        return str(self.year)


class AgreementQuerySet(models.QuerySet):
    """Agreements that a person may see."""

    def visible_to(self, user: User) -> "AgreementQuerySet":
        """Those of the units where the person holds a role that views agreements, and of all units below; and those
        in which such a unit leads an indicator, or is assigned to one."""
        whole = in_scope(user, VIEW_AGREEMENTS, "unit__path")
        paths = [f"{unit.path}%" for unit in units_with(user, VIEW_AGREEMENTS)]
        if not paths:
            return self.filter(whole)
        units = f"SELECT id FROM accounts_unit WHERE {' OR '.join(['path LIKE %s'] * len(paths))}"
        return self.filter(whole | Q(pk__in=RawSQL(WITH_A_PART_FOR.format(units=units), paths * 2)))

    def run_by(self, user: User) -> "AgreementQuerySet":
        """Those whose rounds, assignments and weights a person runs."""
        return self.filter(in_scope(user, MANAGE_ROUNDS, "unit__path"))


def new_stamp() -> str:
    """A name that no other state of any definition has."""
    return secrets.token_hex(16)


class Agreement(models.Model):
    """A performance agreement (คำรับรองการปฏิบัติราชการ) of one unit for one fiscal year: its definition is data."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft definition")
        IN_FORCE = "in_force", _("In force")
        CLOSED = "closed", _("Closed")

    class Digits(models.TextChoices):
        THAI = "thai", _("Thai digits")
        ARABIC = "arabic", _("Arabic digits")

    code = models.SlugField(max_length=60, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="agreements")
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="agreements")
    name = models.CharField(max_length=300)
    source = models.CharField(max_length=200, blank=True)
    # An excerpt shows some indicators of a larger agreement: their weights need not reach the total.
    is_excerpt = models.BooleanField(default=False)
    total_weight = weight_field(default=Decimal(100))
    scale_min = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal(1))
    scale_max = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal(5))
    digits = models.CharField(max_length=6, choices=Digits, default=Digits.ARABIC)
    hide_scores = models.BooleanField(default=False)
    wording = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    # Renewed with every change of criteria, rubrics or operating units: what was read of a definition may be kept
    # under it.
    definition_stamp = models.CharField(max_length=32, default=new_stamp, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-fiscal_year__year", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(total_weight__gt=0), name="agreement_total_positive"),
            models.CheckConstraint(condition=Q(scale_min__lt=F("scale_max")), name="agreement_scale_rises"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_force", "closed"]), name="agreement_state_known"
            ),
            models.CheckConstraint(condition=Q(digits__in=["thai", "arabic"]), name="agreement_digits_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def word(self, key: str) -> str:
        """What this agency calls a thing ('criterion': 'ประเด็นที่')."""
        return self.wording.get(key) or DEFAULT_WORDING[key]

    @property
    def words(self) -> dict[str, str]:
        """All of this agency's words, for templates."""
        return DEFAULT_WORDING | self.wording


def is_past(due_on: datetime.date | None) -> bool:
    """Whether a due date, which ends at 23:59:59 in Bangkok, is over."""
    return due_on is not None and timezone.localdate() > due_on


class Round(models.Model):
    """A reporting round (รอบ) of 6, 9 or 12 months; each reports the year so far."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Not yet open")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="rounds")
    months = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    opens_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["months"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "months"], name="round_once"),
            models.CheckConstraint(condition=Q(months__in=[6, 9, 12]), name="round_months_known"),
            models.CheckConstraint(condition=Q(state__in=["planned", "open", "closed"]), name="round_state_known"),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True) | Q(due_on__isnull=True) | Q(opens_on__lte=F("due_on")),
                name="round_due_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.months}"


class Group(models.Model):
    """A dimension (มิติ), perspective (ด้าน) or plain group, nested. Order identifies; numbers and names may repeat."""

    class Kind(models.TextChoices):
        DIMENSION = "dimension", _("Dimension")
        PERSPECTIVE = "perspective", _("Perspective")
        GROUP = "group", _("Group")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="groups")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=11, choices=Kind)
    order = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=300)
    weight = weight_field(null=True, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "order"], name="group_order_once"),
            models.CheckConstraint(condition=Q(weight__isnull=True) | Q(weight__gt=0), name="group_weight_positive"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="group_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.label, self.name) if part)
