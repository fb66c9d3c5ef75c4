"""Every constraint of the tables of results, each provoked past the services."""

import pytest
from django.utils import timezone

from indicators.models import EvidenceRequirement, Variable
from kpiportal.accounts.models import User
from scoring.models import (
    BaseDatum,
    CriterionResult,
    EvidenceUse,
    ItemResult,
    Mark,
    NotApplicableRequest,
    ReminderSent,
    ReminderSetting,
    Result,
    UnitReport,
)
from tests.cast import result
from tests.constraints import again, assert_refused, constraints_of
from tests.definitions import every_kind

pytestmark = pytest.mark.usefixtures("seeds", "db")


def of_moi(**values):
    """A change of seed 002's report, a draft."""
    return lambda: Result.objects.filter(pk=result("moi-2559").pk).update(**values)


def of_ega(number, **values):
    """A change of one of EGA's reports."""
    return lambda: Result.objects.filter(pk=result("ega-2557", number=number).pk).update(**values)


def copy(model, **filters):
    """A row of the seeds a second time."""
    return lambda: again(model.objects.filter(**filters).first())


def row(**values):
    """A change of one criterion of seed 002."""
    return lambda: CriterionResult.objects.filter(
        pk=CriterionResult.objects.filter(mark__result=result("moi-2559")).first().pk
    ).update(**values)


def point_twice():
    use = EvidenceUse.objects.filter(item__isnull=False).first()
    use.requirement = use.item.requirements.first()
    use.save()
    again(use)


def datum_twice():
    report, variable = every_kind(), Variable.objects.first()
    BaseDatum.objects.bulk_create(
        [BaseDatum(variable=variable, round=report.round, unit=report.unit, value=1)] * 1
    )
    again(BaseDatum.objects.first())


def unit_report(**values):
    """A unit's report of base data, changed; without changes a second time."""

    def change() -> None:
        report, variable = every_kind(), Variable.objects.first()
        said = UnitReport.objects.create(
            criterion=variable.criterion, round=report.round, unit=report.unit, status="reported",
            saved_at=timezone.now(), saved_by=User.objects.get(username="collector"),
        )
        if not values:
            again(said)
        UnitReport.objects.filter(pk=said.pk).update(**values)

    return change


def request(**values):
    """A request to leave a criterion of seed 002 out, changed."""

    def change() -> None:
        report = result("moi-2559")
        asked = NotApplicableRequest.objects.create(
            result=report, criterion=report.indicator.criteria.first(), reason="flood",
            requested_by=User.objects.get(username="collector"),
        )
        if not values:
            again(asked)
        NotApplicableRequest.objects.filter(pk=asked.pk).update(**values)

    return change


def reminder(**values):
    """A mail of today, changed; without changes a second one of the day."""

    def change() -> None:
        user, today = User.objects.get(username="collector"), timezone.localdate()
        sent = ReminderSent.objects.create(user=user, day=today, sent_at=timezone.now())
        if not values:
            again(sent)
        ReminderSent.objects.filter(pk=sent.pk).update(**values)

    return change


def language_that_there_is_not():
    ReminderSetting.objects.create(user=User.objects.get(username="collector"), language="fr")


def refused_without_answer():
    request(state="refused", decided_at=timezone.now(), decided_by=User.objects.get(username="office"))()


CASES = {
    "reminder_once_a_day": reminder(),
    "reminder_kind_known": reminder(kind="spam"),
    "reminder_state_known": reminder(state="lost"),
    "reminder_was_tried": reminder(attempts=0),
    "reminder_language_known": language_that_there_is_not,
    "not_applicable_one_pending": request(),
    "not_applicable_state_known": lambda: request(
        state="lost", decided_at=timezone.now(), decided_by=User.objects.get(username="office")
    )(),
    "not_applicable_has_reason": request(reason=""),
    "not_applicable_decided_whole": request(decided_at=timezone.now()),
    "not_applicable_refusal_answers": refused_without_answer,
    "result_once": copy(Result),
    "result_state_known": of_ega("1.1", state="lost"),
    "result_submitted_whole": lambda: Result.objects.filter(pk=result("moi-2559").pk).update(
        submitted_at=timezone.now()
    ),
    "result_decided_whole": lambda: Result.objects.filter(pk=result("moi-2559").pk).update(
        decided_by=User.objects.get(username="supervisor")
    ),
    "result_state_was_submitted": of_moi(state="submitted"),
    "result_state_was_decided": of_ega("3.2", state="approved"),
    "result_return_has_reason": of_ega("4.2", return_reason=""),
    "mark_once": copy(Mark),
    "mark_stage_known": lambda: Mark.objects.filter(result=result("moi-2559")).update(stage="guess"),
    "criterion_result_once": copy(CriterionResult),
    "criterion_result_status_known": row(status="lost"),
    "criterion_result_open_has_no_score": row(status="open"),
    "item_result_once": copy(ItemResult),
    "item_complete_is_done": lambda: ItemResult.objects.filter(done=True, complete=True).update(done=False),
    "base_datum_once": datum_twice,
    "unit_report_once": unit_report(),
    "unit_report_status_known": unit_report(status="lost"),
    "unit_report_not_reported_has_reason": unit_report(status="not_reported"),
    "evidence_use_once": copy(EvidenceUse, item__isnull=False),
    "evidence_use_point_once": point_twice,
    "evidence_point_of_an_item": lambda: EvidenceUse.objects.filter(item__isnull=True).update(
        requirement=EvidenceRequirement.objects.first()
    ),
    "item_complete_has_its_cause": lambda: ItemResult.objects.filter(complete=True).update(declared=False, shown=False),
    "evidence_use_whole_once": copy(EvidenceUse, item__isnull=True),
    "evidence_verdict_known": lambda: EvidenceUse.objects.update(verdict="maybe"),
}


def test_every_constraint_has_its_case():
    assert set(CASES) == set(constraints_of("scoring"))


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(name):
    assert_refused(CASES[name], constraints_of("scoring")[name])


@pytest.mark.parametrize("status", ["open", "not_applicable"])
def test_what_is_open_or_does_not_apply_has_no_score(status):
    assert_refused(row(status=status), constraints_of("scoring")["criterion_result_open_has_no_score"])


@pytest.mark.parametrize("state", ["returned", "approved", "certified"])
def test_every_decision_has_its_person_and_time(state):
    change = of_ega("3.2", state=state, return_reason="x")
    assert_refused(change, constraints_of("scoring")["result_state_was_decided"])


@pytest.mark.parametrize("name", ["indicator_id", "round_id", "unit_id"])
def test_a_result_of_nothing_is_refused(name):
    assert_refused(of_moi(**{name: 0}))
