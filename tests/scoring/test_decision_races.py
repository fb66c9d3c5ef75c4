"""2, 5 and 20 people decide on one report at once, on PostgreSQL: exactly one wins; 20 rounds, 1,002 in the drills."""

import os

import pytest
from django.core.management import call_command

from kpiportal.accounts.roles import Role
from scoring.models import Result
from scoring.services import submit
from tests.cast import person
from tests.definitions import every_kind
from tests.scoring.racing import (
    deciders,
    race_of_offices,
    race_of_supervisors,
    winners_without_the_guard,
)
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import save

ROUNDS = int(os.environ.get("RACES", "20"))
AT_ONCE = (2, 5, 20)


@pytest.fixture
def report(transactional_db) -> Result:
    """A submitted report."""
    call_command("load_seeds", definitions_only=True, verbosity=0)
    report = every_kind()
    save(report, person("collector"), **TYPED)
    return submit(report, by=person("collector"))


@pytest.mark.postgresql
class TestAtOnce:
    def test_of_supervisors_one_decides(self, report):
        people = deciders(report, Role.SUPERVISOR, max(AT_ONCE))
        for number in AT_ONCE:
            for _ in range(ROUNDS):
                race_of_supervisors(report, people[:number])

    def test_of_the_office_one_certifies(self, report):
        people = deciders(report, Role.OFFICE, max(AT_ONCE))
        for number in AT_ONCE:
            for _ in range(ROUNDS):
                race_of_offices(report, people[:number])

    def test_without_the_guard_everybody_wins(self, report):
        people = deciders(report, Role.SUPERVISOR, max(AT_ONCE))
        assert [winners_without_the_guard(report, people[:number]) for number in AT_ONCE] == list(AT_ONCE)
