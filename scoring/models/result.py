"""What a unit reports on an indicator in a round, and who may see it."""
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.models import Assignment, Indicator, Round, runs_in
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import NOTHING, in_scope, units_with
from kpiportal.accounts.roles import VIEW_DRAFTS, VIEW_RESULTS
from scoring.engine import workflow

TEXTS = ("measures", "supporting_factors", "obstacles", "suggestions")


# The states in which a result has left its unit's hands; a returned one is a draft again.
HANDED_IN = ("submitted", "approved", "certified")


class IsAssigned(models.Func):
    """Whether there is an assignment with these keys: indicator, round, unit, person, and role where one is asked
    for. Written by hand, because Django takes half a millisecond of each page to put the same Exists together."""

    output_field = models.BooleanField()

    def as_sql(self, compiler, connection, **extra):
        role = ", role" if len(self.source_expressions) == 5 else ""
        keys = f"indicator_id, round_id, unit_id, person_id{role}"
        template = f"EXISTS (SELECT 1 FROM {Assignment._meta.db_table} WHERE ({keys}) = (%(expressions)s))"
        return super().as_sql(compiler, connection, template=template, **extra)


class RoundIsOpen(models.Func):
    """Whether a round is open. A condition beside the version in an UPDATE: a join would put both into a subquery,
    which PostgreSQL doesn't ask again after waiting for the row of somebody who was quicker."""

    template = "EXISTS (SELECT 1 FROM indicators_round WHERE id = %(expressions)s AND state = 'open')"
    output_field = models.BooleanField()


STILL_OPEN = Q(RoundIsOpen("round")) | Q(reopened=True)


class IsMaker(models.Func):
    """Whether a person edited a submission: result, person."""

    template = "EXISTS (SELECT 1 FROM scoring_result_makers WHERE (result_id, user_id) = (%(expressions)s))"
    output_field = models.BooleanField()


class IsAsked(models.Func):
    """Whether anybody ever asked to leave a criterion of a result out: result."""

    template = "EXISTS (SELECT 1 FROM scoring_notapplicablerequest WHERE result_id = %(expressions)s)"
    output_field = models.BooleanField()


class IsTalkedOf(models.Func):
    """Whether there are questions about a result, or objections to its marks: result."""

    template = (
        "(EXISTS (SELECT 1 FROM scoring_question WHERE result_id = %(expressions)s)"
        " OR EXISTS (SELECT 1 FROM scoring_objection WHERE result_id = %(expressions)s))"
    )
    output_field = models.BooleanField()


class IsMarkedOtherwise(models.Func):
    """Whether a reviewer marked anything of a result otherwise than its collectors: result."""

    template = "EXISTS (SELECT 1 FROM scoring_mark WHERE result_id = %(expressions)s AND stage <> 'self')"
    output_field = models.BooleanField()


class EarlierMonths(models.Func):
    """The months of the latest earlier round in which the same report was saved: indicator, unit, agreement, months.
    None without one."""

    output_field = models.PositiveSmallIntegerField(null=True)
    template = (
        "(SELECT MAX(r.months) FROM scoring_result e JOIN indicators_round r ON r.id = e.round_id"
        " WHERE e.saved_at IS NOT NULL AND (e.indicator_id, e.unit_id, r.agreement_id) = (%(expressions)s)"
    )

    def as_sql(self, compiler, connection, **extra):
        *keys, months = self.source_expressions
        sql, params = models.Func(*keys, template=self.template).as_sql(compiler, connection)
        below, more = compiler.compile(months)
        return f"{sql} AND r.months < {below})", [*params, *more]


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

    def measured(self) -> "ResultQuerySet":
        """Those whose indicator runs in their round; of one that was cancelled since, what was certified before."""
        return self.filter(runs_in("indicator", "round__months") | Q(state=Result.State.CERTIFIED))

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
    certified_at = models.DateTimeField(null=True)
    certified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # How often it was handed in: what a mark says, it says of one submission.
    submission = models.PositiveSmallIntegerField(default=0)
    # Opened again by the office after the round was closed.
    reopened = models.BooleanField(default=False)
    # The report of an earlier round that this one was begun with.
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

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
            models.CheckConstraint(
                condition=Q(state="certified", certified_at__isnull=False, certified_by__isnull=False)
                | Q(~Q(state="certified"), certified_at__isnull=True, certified_by__isnull=True),
                name="result_certified_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.round} · {self.unit}"

    @property
    def phase(self) -> str:
        """The phase of its round for this result alone."""
        return workflow.phase_of(self.round.state, self.reopened)

    @property
    def is_late(self) -> bool:
        """Whether it was handed in after its due date, which ends at 23:59:59 in Bangkok."""
        due = self.round.due_on
        return bool(due and self.submitted_at and timezone.localdate(self.submitted_at) > due)
