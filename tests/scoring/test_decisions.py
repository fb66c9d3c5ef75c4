"""Submitting, approving, returning: what must be there, who may, and that a refusal leaves nothing behind."""

from decimal import Decimal
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from evidence.models import Evidence
from evidence.services import add_evidence
from indicators.models import Assignment, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.models import CriterionResult, EvidenceUse, Result
from scoring.services import (
    NotAllowed,
    NotReady,
    approve,
    may,
    open_round,
    return_,
    save_draft,
    submit,
    use_evidence,
)
from scoring.values import ResultEntry
from tests.cast import agreement, assign, person
from tests.definitions import every_kind, in_force, indicator, sheets, trial_result
from tests.scoring.test_entry import rows_of, save

TYPED = {
    "milestones": {"done": frozenset("a")},
    "count": {"nothing": True, "done": frozenset()},
    "complete_count": {"done": frozenset("a")},
    "number": {"count": 8},
    "thresholds": {"value": Decimal(80)},
    "level": {"value": Decimal(4)},
    "formula": {"data": {"A": Decimal(3), "B": Decimal(4)}},
}


@pytest.fixture
def report(seeds, db) -> Result:
    """An empty report with one criterion of every kind."""
    return every_kind()


@pytest.fixture
def submitted(report, collector) -> Result:
    """The same report, filled in and submitted by the collector."""
    save(report, collector, **TYPED)
    return submit(report, by=collector)


def problems(report: Result, by: User) -> dict[str, str]:
    """What keeps a report from being submitted: code by the criterion's name."""
    with pytest.raises(NotReady) as refused:
        submit(report, by=by)
    names = {str(sheet.criterion.pk): name for name, sheet in sheets(report).items()}
    assert all(problem.message.th and problem.message.en for problem in refused.value.problems)
    return {names[problem.path[0]]: problem.code for problem in refused.value.problems}


class TestReadiness:
    def test_all_open_criteria_are_listed_at_once(self, report, collector):
        before = rows_of(report)
        assert problems(report, collector) == dict.fromkeys(TYPED, "open")
        assert rows_of(report) == before

    def test_a_division_by_zero_says_so(self, report, collector):
        save(report, collector, **TYPED | {"formula": {"data": {"A": Decimal(5), "B": Decimal(0)}}})
        with pytest.raises(NotReady, match="divides by zero: check the base datum"):
            submit(report, by=collector)

    def test_an_explicit_nothing_is_ready(self, report, collector):
        save(report, collector, **TYPED)
        stored = submit(report, by=collector)
        assert (stored.state, stored.submitted_by, stored.decided_by) == ("submitted", collector, None)
        assert stored.submitted_at is not None

    def test_not_reported_needs_a_reason(self, report, collector):
        save(report, collector, **TYPED | {"level": {"not_reported": True, "reason": " \n"}})
        assert problems(report, collector) == {"level": "reason_missing"}
        save(report, collector, level={"reason": "no survey this year"})
        assert submit(report, by=collector).state == "submitted"

    @pytest.mark.parametrize("data", [{"A": Decimal(1), "B": Decimal(0)}, {"A": Decimal(1), "B": None}])
    def test_a_formula_without_a_result_is_open(self, report, collector, data):
        save(report, collector, **TYPED | {"formula": {"data": data}})
        assert problems(report, collector) == {"formula": "open"}

    def test_complete_without_a_file_needs_a_reason(self, report, collector):
        complete = {"done": frozenset("ab"), "complete": frozenset("ab")}
        save(report, collector, **TYPED | {"complete_count": complete})
        with pytest.raises(NotReady) as refused:
            submit(report, by=collector)
        assert [problem.code for problem in refused.value.problems] == ["file_reason_missing"] * 2
        reasons = {"a": "as in the source document", "b": "shown to the committee"}
        save(report, collector, complete_count=complete | {"item_reasons": reasons})
        assert submit(report, by=collector).state == "submitted"

    def test_complete_with_evidence_needs_no_reason(self, report, collector):
        save(
            report,
            collector,
            **TYPED | {"complete_count": {"done": frozenset("a"), "complete": frozenset("a")}},
        )
        assert problems(report, collector) == {"complete_count": "file_reason_missing"}
        shown = add_evidence(unit=report.unit, kind="named", title="plan", place="room 4", by=collector)
        item = sheets(report)["complete_count"].criterion.items.get(code="a")
        use_evidence(report, shown, items=[item], by=collector)
        assert submit(report, by=collector).state == "submitted"

    def test_not_applicable_keeps_nobody_waiting(self, report, collector):
        save(report, collector, **TYPED | {"level": {"text": ""}})
        CriterionResult.objects.filter(pk=sheets(report)["level"].row.pk).update(status="not_applicable")
        assert submit(report, by=collector).state == "submitted"


class TestDecisions:
    def test_approve(self, submitted, supervisor):
        stored = approve(submitted, by=supervisor)
        assert (stored.state, stored.decided_by, stored.submitted_by.username) == (
            "approved",
            supervisor,
            "collector",
        )

    def test_a_reason_that_nobody_would_read_is_refused(self, submitted, supervisor):
        with pytest.raises(NotAllowed, match="shorten it"):
            return_(submitted, reason="ก" * 2_001, by=supervisor)
        assert Result.objects.get(pk=submitted.pk).state == "submitted"

    def test_return_with_a_reason_and_submit_again(self, submitted, supervisor, collector):
        stored = return_(submitted, reason=" ระบุแหล่งข้อมูล \r\n", by=supervisor)
        assert (stored.state, stored.return_reason, stored.decided_by) == (
            "returned",
            "ระบุแหล่งข้อมูล",
            supervisor,
        )
        save(stored, collector, level={"value": Decimal(5)})
        again = submit(stored, by=collector)
        assert (again.state, again.return_reason, again.decided_by, again.decided_at) == (
            "submitted",
            "",
            None,
            None,
        )

    @pytest.mark.parametrize("reason", ["", "  \n", "\u200b"])
    def test_return_without_a_reason_is_refused(self, submitted, supervisor, reason):
        before = rows_of(submitted)
        with pytest.raises(NotAllowed, match="Give the reason"):
            return_(submitted, reason=reason, by=supervisor)
        assert rows_of(submitted) == before

    def test_each_decision_writes_one_entry_in_its_words(self, submitted, supervisor):
        return_(submitted, reason="no source", by=supervisor)
        decisions = AuditEvent.objects.about(submitted).exclude(action="result.saved")
        trail = [(entry.action, entry.before, entry.after["state"], entry.reason) for entry in decisions]
        assert trail == [
            ("result.submit", {"state": "draft"}, "submitted", ""),
            ("result.return", {"state": "submitted"}, "returned", "no source"),
        ]


class TestMaker:
    """Whoever edited a submission never decides about it, whatever other roles the person holds."""

    @pytest.fixture
    def both(self, report, supervisor) -> User:
        """A supervisor of the indicator who collects for it as well."""
        grant(user=supervisor, unit=report.unit, role=Role.COLLECTOR, by=None)
        return assign("supervisor", report)

    @pytest.mark.parametrize(
        "decide", [lambda r, by: approve(r, by=by), lambda r, by: return_(r, reason="x", by=by)]
    )
    def test_who_typed_anything_may_not_decide_even_if_another_submits(self, report, both, collector, decide):
        save(report, both, milestones=TYPED["milestones"])
        save(report, collector, **TYPED | {"milestones": {"text": "counted again"}})
        submit(report, by=collector)
        before = rows_of(report)
        with pytest.raises(NotAllowed):
            decide(report, both)
        assert rows_of(report) == before

    def test_who_submits_may_not_approve(self, report, both, collector):
        save(report, collector, **TYPED)
        submit(report, by=both)
        with pytest.raises(NotAllowed):
            approve(report, by=both)
        assert Result.objects.get(pk=report.pk).state == "submitted"

    def test_who_put_evidence_into_the_list_may_not_approve(self, report, both, collector):
        save(report, collector, **TYPED)
        use_evidence(report, add_evidence(unit=report.unit, kind="named", title="plan", by=both), by=both)
        submit(report, by=collector)
        with pytest.raises(NotAllowed):
            approve(report, by=both)

    def test_who_only_holds_both_roles_may(self, report, both, collector):
        save(report, collector, **TYPED)
        submit(report, by=collector)
        assert approve(report, by=both).state == "approved"


ACTIONS = {
    "save": lambda r, by: save(r, by, level={"value": Decimal(2)}),
    "evidence": lambda r, by: use_evidence(r, Evidence.objects.filter(unit=r.unit).first(), by=by),
    "submit": lambda r, by: submit(r, by=by),
    "approve": lambda r, by: approve(r, by=by),
    "return": lambda r, by: return_(r, reason="x", by=by),
}
COLLECTORS, DECIDERS = {"save", "evidence", "submit"}, {"approve", "return"}
# Who may do what in which state of a report; everyone else, and everything else, is refused.
MAY = {
    ("draft", "collector"): COLLECTORS,
    ("returned", "collector"): COLLECTORS,
    ("submitted", "supervisor"): DECIDERS,
    ("approved", "office"): {"return"},
}
CAST = (
    "collector",
    "collector2",
    "colleague",
    "supervisor",
    "office",
    "auditor",
    "admin",
    "stranger",
    "deactivated",
    "former",
)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "approved"])
def test_who_may_do_what_in_which_state(report, collector, supervisor, state):
    for ended in ("deactivated", "former"):
        assign(ended, report)
    save(report, collector, **TYPED)
    if state != "draft":
        submit(report, by=collector)
    if state == "returned":
        return_(report, reason="x", by=supervisor)
    if state == "approved":
        approve(report, by=supervisor)
    before = rows_of(report)
    for who, action in product(CAST, ACTIONS):
        with transaction.atomic():
            fresh = Result.objects.select_related("indicator__agreement__unit", "round", "unit").get(pk=report.pk)
            if action in MAY.get((state, who), ()):
                ACTIONS[action](fresh, person(who))
                assert rows_of(report) != before, (who, action)
            else:
                with pytest.raises(NotAllowed) as refused:
                    ACTIONS[action](fresh, person(who))
                assert refused.value.message.th and refused.value.message.en
                assert rows_of(report) == before, (who, action)
            transaction.set_rollback(True)


def test_nothing_can_be_done_in_a_round_that_is_not_open(report, collector):
    save(report, collector, **TYPED)
    Round.objects.filter(pk=report.round_id).update(state=Round.State.CLOSED)
    for action in ACTIONS.values():
        before = rows_of(report)
        with pytest.raises(NotAllowed):
            action(report, person("collector"))
        assert rows_of(report) == before


@pytest.mark.parametrize("who", ["collector2", "stranger", "auditor", "office"])
def test_an_assignment_without_the_role_in_this_unit_is_not_enough(report, who):
    """collector2 and the stranger are collectors elsewhere; auditor and office read here."""
    assign(who, report)
    before = rows_of(report)
    with pytest.raises(NotAllowed):
        save(report, person(who), level={"value": Decimal(2)})
    assert rows_of(report) == before


def test_an_assignment_counts_in_its_own_round_only(report, collector, empty_result, moi_result):
    Assignment.objects.filter(person=collector, round=empty_result.round).delete()
    with pytest.raises(NotAllowed):
        submit(empty_result, by=person("collector"))
    assert may(moi_result, person("collector")) == {"save", "submit"}


class TestStale:
    """A decision about a page that is out of date: the service reads the row again before it decides."""

    def test_approving_what_was_returned_meanwhile_is_refused(self, submitted, supervisor):
        on_the_page = Result.objects.get(pk=submitted.pk)
        return_(submitted, reason="no source", by=supervisor)
        before = rows_of(submitted)
        with pytest.raises(NotAllowed):
            approve(on_the_page, by=supervisor)
        assert rows_of(submitted) == before

    def test_submitting_twice_is_refused_the_second_time(self, report, collector):
        save(report, collector, **TYPED)
        on_the_page = Result.objects.get(pk=report.pk)
        submit(report, by=collector)
        with pytest.raises(NotAllowed):
            submit(on_the_page, by=collector)
        assert [e.action for e in AuditEvent.objects.about(report)].count("result.submit") == 1

    def test_saving_what_was_submitted_meanwhile_is_refused(self, report, collector):
        save(report, collector, **TYPED)
        on_the_page = Result.objects.get(pk=report.pk)
        submit(report, by=collector)
        with pytest.raises(NotAllowed):
            save(on_the_page, collector, level={"value": Decimal(1)})
        assert sheets(report)["level"].row.score == 4


class Elsewhere(Exception):
    """Something that fails after the service is done, in the same transaction."""


@pytest.mark.parametrize("action", ["save", "evidence", "submit"])
def test_a_change_that_is_rolled_back_takes_its_entry_along(report, collector, action):
    save(report, collector, **TYPED)
    before = rows_of(report)
    with pytest.raises(Elsewhere), transaction.atomic():
        ACTIONS[action](report, collector)
        assert AuditEvent.objects.count() == before[-1] + 1
        raise Elsewhere
    assert rows_of(report) == before


class TestEvidenceList:
    def test_is_numbered_in_order_and_one_piece_may_prove_several_items(self, report, collector):
        first, second = (
            add_evidence(unit=report.unit, kind="named", title=t, by=collector) for t in ("plan", "photo")
        )
        items = list(sheets(report)["milestones"].criterion.items.all())
        use_evidence(report, first, items=items[:2], by=collector)
        use_evidence(report, second, by=collector)
        uses = EvidenceUse.objects.filter(result=report)
        assert [(use.order, use.evidence.title, use.item and use.item.code) for use in uses] == [
            (1, "plan", "a"),
            (1, "plan", "b"),
            (2, "photo", None),
        ]
        assert AuditEvent.objects.about(report).filter(action="evidence.used").count() == 2

    @pytest.mark.parametrize(
        "data",
        [{"kind": "named", "title": ""}, {"kind": "link", "title": "page"}, {"kind": "?", "title": "x"}],
    )
    def test_nonsense_is_refused(self, report, collector, data):
        before = AuditEvent.objects.count()
        with pytest.raises(ValidationError):
            add_evidence(unit=report.unit, by=collector, **data)
        assert AuditEvent.objects.count() == before


class TestOpenRound:
    def test_a_draft_definition_is_refused(self, seeds, db):
        round_ = Round.objects.create(agreement=agreement("imm-2559"), months=12)
        with pytest.raises(NotAllowed, match="put the agreement in force first"):
            open_round(round_, by=None)
        assert Round.objects.get(pk=round_.pk).state == "planned"
        assert not Result.objects.filter(round=round_).exists()

    def test_parts_of_an_indicator_that_is_cancelled_are_not_asked_for(self, seeds, db):
        whole = {**indicator("40", key="whole", cancelled_from=12, collectors=(), supervisor=None)}
        del whole["rubric"]
        trial = in_force(
            indicator("60", key="a"), whole, indicator("40", key="part", parent="whole"),
            rounds=[{"months": 6}, {"months": 12}],
        )
        for round_ in trial.rounds.all():
            open_round(round_, by=None)
        found = Result.objects.filter(round__agreement=trial).values_list("round__months", "indicator__number")
        assert sorted(found) == [(6, "a"), (6, "part"), (12, "a")]

    def test_every_indicator_that_runs_gets_an_empty_result_of_its_lead_unit(self, seeds, db, office):
        trial = in_force(
            indicator("40", key="a"),
            indicator("30", key="late", first_round=12),
            indicator("20", key="short", cancelled_from=9),
            indicator("10", key="ega", lead_unit="ega", collectors=(), supervisor=None),
            rounds=[{"months": 6}, {"months": 12}],
        )
        for round_ in trial.rounds.all():
            open_round(round_, by=office)
        found = Result.objects.filter(round__agreement=trial).values_list(
            "round__months", "indicator__number", "unit__code"
        )
        assert sorted(found) == [
            (6, "a", "moi"),
            (6, "ega", "ega"),
            (6, "short", "moi"),
            (12, "a", "moi"),
            (12, "ega", "ega"),
            (12, "late", "moi"),
        ]
        assert set(
            CriterionResult.objects.filter(mark__result__round__agreement=trial).values_list("status")
        ) == {("open",)}
        opened_by = AuditEvent.objects.filter(action="round.opened", unit_id=trial.unit_id).order_by("pk")
        assert [e.actor_name for e in opened_by][-2:] == [office.name] * 2

    def test_opening_again_changes_nothing(self, report, collector, office):
        save(report, collector, **TYPED)
        before = rows_of(report)
        open_round(report.round, by=office)
        assert rows_of(report) == before

    def test_an_indicator_without_lead_unit_is_reported_by_the_agreements_own(self, seeds, db):
        assert trial_result(lead_unit=None).unit.code == "moi"


def test_evidence_in_use_can_not_be_deleted(moi_result):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        moi_result.evidence_uses.first().evidence.delete()


def test_a_save_with_nothing_in_it_needs_the_right_all_the_same(moi_result, stranger):
    with pytest.raises(NotAllowed):
        save_draft(moi_result, ResultEntry(), by=stranger)
