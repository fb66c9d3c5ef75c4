"""Results, the marks given to them, and the base data and evidence behind them."""
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext_lazy as _

from evidence.models import Evidence
from indicators.fields import NumberField
from indicators.models import Assignment, ChecklistItem, Criterion, Indicator, Round, Variable
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import NOTHING, in_scope, units_with
from kpiportal.accounts.roles import VIEW_DRAFTS, VIEW_RESULTS

TEXTS = ("measures", "supporting_factors", "obstacles", "suggestions")


# The states in which a result has left its unit's hands; a returned one is a draft again.
HANDED_IN = ("submitted", "approved", "certified")


class IsAssigned(models.Func):
    """Whether there is an assignment with these keys: indicator, round, unit, person. Written by hand, because
    Django takes half a millisecond of each page to put the same Exists together."""

    template = (
        f"EXISTS (SELECT 1 FROM {Assignment._meta.db_table}"
        " WHERE (indicator_id, round_id, unit_id, person_id) = (%(expressions)s))"
    )
    output_field = models.BooleanField()


def visible_results(user: User, prefix: str = "") -> Q:
    """The condition of Result.visible_to; `prefix` leads from the filtered table to the result ('mark__result__').

    Results in the person's scope: in every state with a role that views drafts; with any other (a collector's) in
    every state of the very units of the grants and where assigned, of the units below once they are handed in.
    """
    path, keys = f"{prefix}unit__path", [f"{prefix}{name}" for name in ("indicator", "round", "unit")]
    every_state, some = in_scope(user, VIEW_DRAFTS, path), in_scope(user, VIEW_RESULTS, path)
    if some == every_state:
        return every_state
    some &= (
        Q(**{f"{prefix}unit__in": [unit.pk for unit in units_with(user, VIEW_RESULTS)]})
        | Q(**{f"{prefix}state__in": HANDED_IN})
        | Q(IsAssigned(*keys, models.Value(user.pk)))
    )
    return some if every_state == NOTHING else every_state | some


class ResultQuerySet(models.QuerySet):
    """Results that a person may see."""

    def visible_to(self, user: User) -> "ResultQuerySet":
        """Those of the units in which the person holds a role that views results, and of all units below; no drafts
        of units below for collectors."""
        return self.filter(visible_results(user))

    def assigned_to(self, user: User) -> "ResultQuerySet":
        """Those visible ones that the person is assigned to, one row for each role there, which is `my_role`."""
        mine = FilteredRelation(
            "indicator__assignments",
            condition=Q(indicator__assignments__person=user)
            & Q(indicator__assignments__round=F("round"))
            & Q(indicator__assignments__unit=F("unit")),
        )
        # Whoever is assigned sees every state, so that the scope is all that is left of visible_results.
        scope = in_scope(user, VIEW_RESULTS, "unit__path")
        return self.filter(scope).annotate(mine=mine).filter(mine__isnull=False).annotate(my_role=F("mine__role"))


class Result(models.Model):
    """What one unit reports on one indicator in one round (ผลการดำเนินงาน)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        APPROVED = "approved", _("Approved")
        CERTIFIED = "certified", _("Certified")

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="results")
    round = models.ForeignKey(Round, models.PROTECT, related_name="results")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="results")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0)
    measures = models.TextField(blank=True)
    supporting_factors = models.TextField(blank=True)
    obstacles = models.TextField(blank=True)
    suggestions = models.TextField(blank=True)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    makers = models.ManyToManyField(User, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    return_reason = models.TextField(blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "round", "unit"], name="result_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "approved", "certified"]),
                name="result_state_known",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="result_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="result_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False), name="result_state_was_submitted"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "approved", "certified"]) | Q(decided_at__isnull=False),
                name="result_state_was_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="result_return_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.round} · {self.unit}"


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
    """Whether an item is done and its evidence complete; `reason` when it is called complete without a file."""

    criterion_result = models.ForeignKey(CriterionResult, models.CASCADE, related_name="items")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="results")
    done = models.BooleanField(default=False)
    complete = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["criterion_result", "item"], name="item_result_once"),
            models.CheckConstraint(condition=Q(complete=False) | Q(done=True), name="item_complete_is_done"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.done}"


class BaseDatum(models.Model):
    """One unit's value of a formula's variable in a round (ข้อมูลพื้นฐาน)."""

    variable = models.ForeignKey(Variable, models.PROTECT, related_name="data")
    round = models.ForeignKey(Round, models.PROTECT, related_name="base_data")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="base_data")
    value = NumberField()

    class Meta:
        verbose_name_plural = "base data"
        constraints = [models.UniqueConstraint(fields=["variable", "round", "unit"], name="base_datum_once")]

    def __str__(self) -> str:
        return f"{self.variable.name} = {self.value}"


class EvidenceUse(models.Model):
    """A piece of evidence in a result's numbered list (order), and the item it proves where one is named."""

    class Verdict(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        ACCEPTED = "accepted", _("Accepted")
        INSUFFICIENT = "insufficient", _("Not enough")

    result = models.ForeignKey(Result, models.CASCADE, related_name="evidence_uses")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="uses")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, null=True, blank=True, related_name="evidence_uses")
    order = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.PENDING)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["result", "evidence", "item"], name="evidence_use_once"),
            models.UniqueConstraint(
                fields=["result", "evidence"], condition=Q(item__isnull=True), name="evidence_use_whole_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["pending", "accepted", "insufficient"]), name="evidence_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.evidence}"
