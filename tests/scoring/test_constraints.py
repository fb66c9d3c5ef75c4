"""Every constraint of the tables of results, each provoked past the services."""

import pytest
from django.utils import timezone

from indicators.models import ChecklistItem, EvidenceRequirement, Variable
from kpiportal.accounts.models import User
from scoring.models import (
    BaseDatum,
    CriterionResult,
    EvidenceUse,
    ItemResult,
    ItemReview,
    Mark,
    Marking,
    NotApplicableRequest,
    Objection,
    Question,
    ReminderSent,
    ReminderSetting,
    Result,
    RoundSeal,
    Snapshot,
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


def marking(**values):
    """A supervisor's mark of a criterion of seed 002 with its reason, changed."""

    def change() -> None:
        report = result("moi-2559")
        mark = Mark.objects.create(result=report, stage="supervisor")
        row = CriterionResult.objects.create(
            mark=mark, criterion=report.indicator.criteria.first(), status="reported", score=2
        )
        said = {"reason": "no minutes", "submission": 1, "marked_at": timezone.now()}
        Marking.objects.create(row=row, marked_by=User.objects.get(username="supervisor"), **said | values)

    return change


def item_review(**values):
    """A supervisor's review of an item of seed 002, changed; without changes a second time."""

    def change() -> None:
        said = {"stage": "supervisor", "verdict": "accepted", "submission": 1, "reviewed_at": timezone.now()}
        reviewed = ItemReview.objects.create(
            result=result("moi-2559"), item=ChecklistItem.objects.first(),
            reviewed_by=User.objects.get(username="supervisor"), **said | values,
        )
        if not values:
            again(reviewed)

    return change


def question(**values):
    """A question about seed 002's report, changed."""
    return lambda: Question.objects.create(
        result=result("moi-2559"), asked_at=timezone.now(), asked_by=User.objects.get(username="supervisor"),
        **{"text": "of which year?"} | values,
    )


def objection(*, twice=False, of_a_criterion=True, **values):
    """An objection to the marks of seed 002's report, changed; `twice`: a second one that is open too."""

    def change() -> None:
        report = result("moi-2559")
        criterion = report.indicator.criteria.first() if of_a_criterion else None
        made = Objection.objects.create(
            result=report, criterion=criterion, made_at=timezone.now(),
            made_by=User.objects.get(username="collector"), **{"text": "it was signed in May"} | values,
        )
        if twice:
            again(made)

    return change


def answered(**values):
    """What an answer by the office takes with it."""
    return {"answered_at": timezone.now(), "answered_by": User.objects.get(username="office")} | values


def sealed(model, number, **changes):
    """A frozen text of seed 002's report or round, and a second one with this number, otherwise changed."""

    def change() -> None:
        report = result("moi-2559")
        of_what = {"result": report, "line": "{}"} if model is Snapshot else {"round": report.round}
        one = model.objects.create(
            number=1, content="{}", sha256="0" * 64, sealed_at=timezone.now(), **of_what,
            sealed_by=User.objects.get(username="office"), superseded_at=changes.get("superseded_at"),
        )
        again(one, number=number)

    return change


CASES = {
    "result_certified_whole": of_moi(certified_at=timezone.now()),
    "marking_has_reason": marking(reason=""),
    "item_review_once": item_review(),
    "item_review_stage_known": item_review(stage="self"),
    "item_review_verdict_known": item_review(verdict="maybe"),
    "item_review_says_what_is_missing": item_review(verdict="insufficient"),
    "question_has_text": question(text=""),
    "question_answered_whole": question(answer="2559"),
    "objection_one_open": objection(twice=True),
    "objection_one_open_whole": objection(twice=True, of_a_criterion=False),
    "objection_has_text": objection(text=""),
    "objection_state_known": lambda: objection(state="lost", **answered(answer="no"))(),
    "objection_answered_whole": lambda: objection(state="upheld", **answered())(),
    "snapshot_number_once": sealed(Snapshot, 1, superseded_at=timezone.now()),
    "snapshot_one_in_force": sealed(Snapshot, 2),
    "round_seal_number_once": sealed(RoundSeal, 1, superseded_at=timezone.now()),
    "round_seal_one_in_force": sealed(RoundSeal, 2),
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
    by_whom = {"certified_at": timezone.now(), "certified_by": User.objects.get(username="office")}
    change = of_ega("3.2", state=state, return_reason="x", **by_whom if state == "certified" else {})
    assert_refused(change, constraints_of("scoring")["result_state_was_decided"])


@pytest.mark.parametrize("name", ["indicator_id", "round_id", "unit_id"])
def test_a_result_of_nothing_is_refused(name):
    assert_refused(of_moi(**{name: 0}))


@pytest.mark.parametrize("lacking", ["certified_at", "certified_by"])
def test_what_is_certified_has_its_person_and_time(lacking):
    def change() -> None:
        office, now = User.objects.get(username="office"), timezone.now()
        whole = {
            "state": "certified", "submitted_at": now, "submitted_by": office, "decided_at": now,
            "decided_by": office, "certified_at": now, "certified_by": office,
        }
        Result.objects.filter(pk=result("moi-2559").pk).update(**whole | {lacking: None})

    assert_refused(change, constraints_of("scoring")["result_certified_whole"])
