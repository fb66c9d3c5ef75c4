"""Every constraint of a definition's tables, each provoked past the services."""

import pytest

from indicators.models import (
    Agreement,
    Assignment,
    ChecklistItem,
    Criterion,
    EvidenceRequirement,
    FiscalYear,
    Group,
    Indicator,
    Level,
    Responsibility,
    Round,
    RoundWeight,
    Variable,
)
from tests.constraints import again, assert_refused, constraints_of
from tests.definitions import every_kind

pytestmark = pytest.mark.usefixtures("seeds", "db")


def update(model, **values):
    """A change of one row of the seeds."""
    return lambda: model.objects.filter(pk=model.objects.order_by("pk").first().pk).update(**values)


def copy(model, **changes):
    """The first row of the seeds a second time."""
    return lambda: again(model.objects.order_by("pk").first(), **changes)


def weight_of(value: str, twice: bool = False):
    def change():
        round_ = Round.objects.first()
        indicator = round_.agreement.indicators.first()
        rows = [RoundWeight(indicator=indicator, round=round_, weight=value) for _ in range(1 + twice)]
        RoundWeight.objects.bulk_create(rows)

    return change


def second_supervisor():
    row = Assignment.objects.filter(role="supervisor").first()
    again(row, person_id=Assignment.objects.filter(role="collector").first().person_id)


def own_parent():
    group = Group.objects.first()
    Group.objects.filter(pk=group.pk).update(parent=group.pk)


def variable_twice():
    every_kind()
    again(Variable.objects.first(), order=9)


CASES = {
    "year_buddhist_era": lambda: FiscalYear.objects.bulk_create([FiscalYear(year=2026)]),
    "agreement_total_positive": update(Agreement, total_weight=0),
    "agreement_scale_rises": update(Agreement, scale_min=5, scale_max=5),
    "agreement_state_known": update(Agreement, state="signed"),
    "agreement_digits_known": update(Agreement, digits="roman"),
    "round_once": copy(Round),
    "round_months_known": update(Round, months=7),
    "round_state_known": update(Round, state="late"),
    "round_due_after_opening": update(Round, opens_on="2026-12-02", due_on="2026-12-01"),
    "group_order_once": copy(Group),
    "group_weight_positive": update(Group, weight=0),
    "group_not_its_own_parent": own_parent,
    "indicator_order_once": copy(Indicator),
    "indicator_weight_positive": update(Indicator, weight="-0.0001"),
    "indicator_first_round": update(Indicator, first_round=1),
    "indicator_cancelled_from": update(Indicator, cancelled_from=1),
    "round_weight_once": weight_of("1", twice=True),
    "round_weight_positive": weight_of("0"),
    "criterion_order_once": copy(Criterion),
    "criterion_kind_known": update(Criterion, kind="guess"),
    "criterion_between_known": update(Criterion, between="leap"),
    "criterion_weight_positive": update(Criterion, weight=0),
    "responsibility_role_once": copy(Responsibility),
    "assignment_once": copy(Assignment),
    "assignment_one_supervisor": second_supervisor,
    "level_score_once": copy(Level),
    "level_when_known": update(Level, when="ever"),
    "item_code_once": copy(ChecklistItem, order=99),
    "item_order_once": copy(ChecklistItem, code="other"),
    "requirement_order_once": copy(EvidenceRequirement),
    "variable_name_once": variable_twice,
}


def test_every_constraint_has_its_case():
    assert set(CASES) == set(constraints_of("indicators"))


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(name):
    assert_refused(CASES[name], constraints_of("indicators")[name])


@pytest.mark.parametrize("change", [copy(Agreement), copy(FiscalYear)], ids=["agreement code", "year"])
def test_codes_and_years_stand_once(change):
    assert_refused(change)


@pytest.mark.parametrize(
    "change",
    [update(Round, agreement_id=0), update(Criterion, indicator_id=0), update(Assignment, person_id=0)],
)
def test_a_reference_to_nothing_is_refused(change):
    assert_refused(change)
