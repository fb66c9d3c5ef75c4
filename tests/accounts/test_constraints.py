"""Every constraint on people, units and rights, each provoked past the services."""

import datetime

import pytest

from kpiportal.accounts.models import Membership, Unit, User
from tests.constraints import again, assert_refused, constraints_of

pytestmark = pytest.mark.usefixtures("seeds", "db")


def membership(**values):
    """A change of the collector's right."""
    return lambda: Membership.objects.filter(user__username="collector").update(**values)


CASES = {
    "unit_code_plain": lambda: Unit.objects.filter(code="ega").update(code="Ega"),
    "membership_until_after_since": membership(
        since=datetime.date(2569 - 543, 2, 1), until=datetime.date(2569 - 543, 1, 31)
    ),
    "membership_role_known": membership(role="king"),
    "membership_review_whole": membership(reviewed_at="2026-02-01T00:00:00Z"),
    "membership_open_once": lambda: again(Membership.objects.get(user__username="collector")),
}


def test_every_constraint_has_its_case():
    assert set(CASES) == set(constraints_of("accounts"))


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(name):
    assert_refused(CASES[name], constraints_of("accounts")[name])


@pytest.mark.parametrize("code", ["EGA", "e_a", "e%", "e/a", "อีจีเอ", "ega\n", "é", " ", ""])
def test_a_units_code_is_plain_for_the_database_too(code):
    """SQLite's LIKE would let whoever stands at 'Ega' see what lies below 'ega'."""
    change = lambda: Unit.objects.filter(code="ega").update(code=code)  # noqa: E731
    assert_refused(change, constraints_of("accounts")["unit_code_plain"])


@pytest.mark.parametrize(
    "change",
    [
        lambda: again(Unit.objects.get(code="moi"), path="/other/"),
        lambda: again(Unit.objects.get(code="moi"), code="other"),
        lambda: again(User.objects.get(username="collector")),
    ],
    ids=["unit code", "unit path", "username"],
)
def test_codes_paths_and_usernames_stand_once(change):
    assert_refused(change)


def test_a_right_that_ended_may_be_granted_again():
    """Only one open grant of the same role in the same unit: history may repeat."""
    ended = Membership.objects.get(user__username="former")
    again(ended, until=None)
    assert Membership.objects.filter(user__username="former").count() == 2
