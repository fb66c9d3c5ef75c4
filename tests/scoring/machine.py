"""A state machine over the services of the workflow: people of every kind try everything, at any time, from the newest
page or an old one, and an oracle written by hand says what must come of it."""

import random
from decimal import Decimal

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from indicators.models import Assignment, Round
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant
from kpiportal.audit.models import AuditEvent
from scoring.models import CriterionResult, Marking, Result
from scoring.services import (
    NotAllowed,
    NotReady,
    approve,
    certify,
    clear_mark,
    keep_mark,
    mark_criterion,
    reopen,
    return_,
    submit,
    withdraw,
)
from tests.cast import person
from tests.definitions import every_kind
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import save

# Who is who: what they are assigned as, and the roles granted to them in the unit.
ACTORS = {
    "collector": ({"collector"}, {"collector"}),
    "second": ({"collector"}, {"collector"}),
    "supervisor": ({"supervisor"}, {"supervisor"}),
    "two_hats": ({"collector", "supervisor"}, {"collector", "supervisor"}),
    "office": (set(), {"office"}),
    "office_who_collects": ({"collector"}, {"collector", "office"}),
    "not_assigned": (set(), {"collector", "supervisor"}),
    "assigned_without_grant": ({"collector", "supervisor"}, set()),
    "auditor": (set(), {"auditor"}),
}
# action: states from which whom it leads whereto, in an open round; written by hand, not read from the table.
OPEN_ROUND = {
    "save": {"draft": ("collector", "draft"), "returned": ("collector", "returned")},
    "submit": {"draft": ("collector", "submitted"), "returned": ("collector", "submitted")},
    "withdraw": {"submitted": ("collector", "draft")},
    "mark": {"submitted": ("supervisor", "submitted"), "approved": ("office", "approved")},
    "return": {"submitted": ("supervisor", "returned"), "approved": ("office", "returned")},
    "approve": {"submitted": ("supervisor", "approved")},
    "certify": {"approved": ("office", "certified")},
    "reopen": {"certified": ("office", "returned")},
}
CLOSED_ROUND = {
    "reopen": {
        state: ("office", "returned" if state == "certified" else state)
        for state in ("draft", "submitted", "returned", "approved", "certified")
    }
}
NOT_BY_MAKERS = {"mark", "return", "approve", "certify"}
# Most steps go to those whose roles collide: what must be refused there is what reviewers of code overlook.
COLLIDING = ("two_hats", "office_who_collects", "collector", "supervisor")
TEXTS = ("a", "b")
SCORES = ("1", "2.5", "3")


def user_of(name: str) -> User:
    """An actor with grants and assignments, made when first asked for."""
    user = User.objects.filter(username=name).first()
    return user or create_user(username=name, name=name, email=f"{name}@example.go.th", by=None)


def cast_of(report: Result) -> dict[str, int]:
    """All actors by name, granted and assigned as ACTORS says."""
    unit = Unit.objects.get(pk=report.unit_id)
    Assignment.objects.filter(indicator=report.indicator, round=report.round).delete()
    for name, (assigned, granted) in ACTORS.items():
        user = user_of(f"machine-{name}")
        for role in granted:
            grant(user=user, unit=unit, role=Role(role), by=None)
        for role in assigned - {"supervisor"}:
            _assign(report, user, role)
    return {name: person(f"machine-{name}").pk for name in ACTORS}


def _assign(report: Result, user: User, role: str) -> None:
    Assignment.objects.create(
        indicator=report.indicator, round=report.round, unit=report.unit, person=user, role=role, order=9
    )


class Workflow(RuleBasedStateMachine):
    """What the portal does beside what the oracle expects."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        """A report of every kind of rubric; there is one supervisor at a time, so each run has another. The steps are
        drawn from the seed: what Hypothesis draws by itself repeats a step rather than goes a long way."""
        self.random = random.Random(seed)
        supervisor = self.random.choice(["two_hats", "two_hats", "supervisor", "assigned_without_grant"])
        self.report = every_kind()
        self.people = cast_of(self.report)
        _assign(self.report, User.objects.get(pk=self.people[supervisor]), "supervisor")
        self.assigned = {name: set(roles) - {"supervisor"} for name, (roles, _) in ACTORS.items()}
        self.assigned[supervisor] |= {"supervisor"}
        save(self.report, User.objects.get(pk=self.people["collector"]), **TYPED)
        self.state, self.makers, self.phase = "draft", {"collector"}, "open"
        self.version = self.now().version

    def now(self) -> Result:
        return Result.objects.select_related("round", "unit", "indicator__agreement").get(pk=self.report.pk)

    def target(self, action: str, actor: str) -> str | None:
        """Where the oracle says that this leads; None where it must be refused."""
        table = {"open": OPEN_ROUND, "closed": CLOSED_ROUND}[self.phase]
        role, target = table.get(action, {}).get(self.state, (None, None))
        _, granted = ACTORS[actor]
        holds = role in granted and (role == "office" or role in self.assigned[actor])
        return target if holds and not (action in NOT_BY_MAKERS and actor in self.makers) else None

    def attempt(self, action: str, actor: str, service, *, stale: bool = False) -> bool:
        """Try it; the outcome must be the oracle's, and a refusal must leave nothing behind."""
        expected = None if stale else self.target(action, actor)
        before, entries = self.now(), AuditEvent.objects.count()
        version = before.version - 1 if stale else before.version
        try:
            service(before, by=User.objects.get(pk=self.people[actor]), version=version)
        except NotReady as refusal:
            # A mark of an earlier submission is settled first; nothing else is ever missing here.
            assert expected is not None and {problem.code for problem in refusal.problems} == {"mark_stale"}
            assert AuditEvent.objects.count() == entries and self.now().state == self.state
            return False
        except NotAllowed:
            assert expected is None, f"{actor} could not {action} in {self.state}"
            assert AuditEvent.objects.count() == entries
            assert Result.objects.filter(pk=before.pk, version=before.version, state=self.state).exists()
            return False
        assert expected is not None, f"{actor} could {action} in {self.state}"
        assert AuditEvent.objects.count() > entries
        self.state = expected
        return True

    @rule()
    def step(self) -> None:
        """Somebody tries something, mostly what the state is made for; one page of eight is an old one."""
        type(self).steps += 1
        if self.random.random() < 0.05:
            self.close_or_open_the_round()
        table = {"open": OPEN_ROUND, "closed": CLOSED_ROUND}[self.phase]
        fitting = [action for action, states in table.items() if self.state in states]
        action = self.random.choice(fitting if fitting and self.random.random() < 0.7 else [*OPEN_ROUND, "settle"])
        actor = self.random.choice(COLLIDING if self.random.random() < 0.8 else sorted(ACTORS))
        getattr(self, f"try_{action}")(actor, self.random.random() < 0.125)

    def try_save(self, actor: str, stale: bool) -> None:
        report, expected = self.now(), self.target("save", actor)
        try:
            save(report, User.objects.get(pk=self.people[actor]), level={"text": self.random.choice(TEXTS)})
        except NotAllowed:
            assert expected is None
            return
        assert expected is not None
        if Result.objects.get(pk=report.pk).version != report.version:
            self.makers.add(actor)

    def try_submit(self, actor: str, stale: bool) -> None:
        if self.attempt("submit", actor, lambda result, by, version: submit(result, by=by)):
            self.makers.add(actor)

    def try_withdraw(self, actor: str, stale: bool) -> None:
        if self.attempt("withdraw", actor, withdraw, stale=stale):
            self.makers.add(actor)

    def try_return(self, actor: str, stale: bool) -> None:
        self.attempt("return", actor, lambda *a, **k: return_(*a, reason="mend it", **k), stale=stale)

    def try_approve(self, actor: str, stale: bool) -> None:
        self.attempt("approve", actor, approve, stale=stale)

    def try_certify(self, actor: str, stale: bool) -> None:
        self.attempt("certify", actor, certify, stale=stale)

    def try_reopen(self, actor: str, stale: bool) -> None:
        if self.attempt("reopen", actor, lambda *a, **k: reopen(*a, reason="an error", **k), stale=stale):
            self.phase = "open"

    def try_mark(self, actor: str, stale: bool) -> None:
        own, score = self.own_marks(), Decimal(self.random.choice(SCORES))

        def service(result, by, version):
            mark_criterion(result, self.level, score=score, reason="seen otherwise", by=by, version=version)

        if self.target("mark", actor) and not stale and score == self.mark_before():
            return  # refused for another reason: nothing would be marked otherwise
        self.attempt("mark", actor, service, stale=stale)
        assert self.own_marks() == own

    def try_settle(self, actor: str, stale: bool) -> None:
        stage = {"submitted": "supervisor", "approved": "office"}.get(self.state)
        marked = Marking.objects.filter(row__mark__result=self.report, row__mark__stage=stage).first()
        if marked is None:
            return
        of_this_submission = marked.submission == self.now().submission  # there is nothing to confirm then
        service = self.random.choice([clear_mark] if of_this_submission else [keep_mark, clear_mark])
        own = self.own_marks()
        self.attempt("mark", actor, lambda result, **by: service(result, self.level, **by), stale=stale)
        assert self.own_marks() == own

    @property
    def level(self):
        """The criterion that reviewers mark."""
        return self.report.indicator.criteria.get(name="level")

    def mark_before(self) -> Decimal | None:
        """The score of the mark that the next one would stand beside."""
        stages = ["self"] if self.state == "submitted" else ["supervisor", "self"]
        said = CriterionResult.objects.filter(mark__result=self.report, criterion=self.level)
        scores = dict(said.values_list("mark__stage", "score"))
        return next((scores[stage] for stage in stages if stage in scores), None)

    def own_marks(self) -> list:
        """The collectors' own rows, every column."""
        own = CriterionResult.objects.filter(mark__result=self.report, mark__stage="self")
        return list(own.order_by("pk").values())

    def close_or_open_the_round(self) -> None:
        """Past the services: what a closed round forbids, it forbids whoever closed it."""
        state = self.random.choice(["closed", "open", "open", "open"])
        Round.objects.filter(pk=self.report.round_id).update(state=state)
        self.phase = "open" if self.now().reopened else state

    @invariant()
    def stands_as_the_oracle_says(self) -> None:
        if not hasattr(self, "state"):
            return
        result = self.now()
        assert result.state == self.state
        assert result.version >= self.version
        self.version = result.version
        names = {pk: name for name, pk in self.people.items()}
        assert {names[pk] for pk in result.makers.values_list("pk", flat=True)} == self.makers
        if result.state == "approved":
            assert names[result.decided_by_id] not in self.makers
        sealed = result.snapshots.filter(superseded_at__isnull=True).count()
        assert sealed == (result.state == "certified")

