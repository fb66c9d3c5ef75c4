"""The named cast: the people of fixtures/people.yaml, and four whom no document needs but every refusal does.

`seeds` loads all of fixtures/ once a worker; tests change it inside their own transaction. A person is read
afresh for each test, because the rights in force are kept on the object.
"""

import datetime
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from indicators.models import Agreement, Assignment
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant, revoke
from scoring.models import Result
from tests.access.asking import rolled_back

PEOPLE = ("collector", "collector2", "supervisor", "office", "auditor", "admin")


@pytest.fixture(scope="session")
def seeds(django_db_setup: None, django_db_blocker) -> None:
    """The five seed documents and the whole cast, loaded through the services."""
    with django_db_blocker.unblock():
        call_command("load_seeds", verbosity=0)
        _add_the_rest()


@pytest.fixture(scope="class")
def one_transaction(seeds: None, django_db_blocker) -> Iterator[None]:
    """A transaction around a class of tests: what its fixtures make stands for all of them (instead of `db`)."""
    with django_db_blocker.unblock(), rolled_back():
        yield


@pytest.fixture
def savepoint(one_transaction: None) -> Iterator[None]:
    """What one test of such a class changes is undone after it."""
    with rolled_back():
        yield


def _add_the_rest() -> None:
    moi, elsewhere = Unit.objects.get(code="moi"), Unit.objects.get(code="rtp-finance")
    admin = User.objects.get(username="admin")
    rest = (("colleague", moi), ("stranger", elsewhere), ("deactivated", moi), ("former", moi))
    for username, unit in rest:
        user = create_user(
            username=username, name=f"The {username}", email=f"{username}@example.go.th", by=admin
        )
        long_ago = timezone.localdate() - datetime.timedelta(days=90)
        membership = grant(user=user, unit=unit, role=Role.COLLECTOR, since=long_ago, by=admin)
        if username == "former":
            revoke(membership, by=admin)
    User.objects.filter(username="deactivated").update(is_active=False)


def person(username: str) -> User:
    """Someone of the cast as a new object, as each request has one."""
    return User.objects.get(username=username)


def assign(username: str, report: Result) -> User:
    """Make someone a collector of a report, whatever rights the person has."""
    Assignment.objects.create(
        indicator=report.indicator,
        round=report.round,
        unit=report.unit,
        role=Assignment.Role.COLLECTOR,
        order=9,
        person=person(username),
    )
    return person(username)


@pytest.fixture
def collector(seeds, db) -> User:
    """Collects data for the Ministry of Interior (seed 002)."""
    return person("collector")


@pytest.fixture
def collector2(seeds, db) -> User:
    """Collects data for EGA (seed 004): another unit than the ministry."""
    return person("collector2")


@pytest.fixture
def colleague(seeds, db) -> User:
    """A collector of the ministry who isn't assigned to any indicator."""
    return person("colleague")


@pytest.fixture
def supervisor(seeds, db) -> User:
    """Supervises the indicators of all five agreements."""
    return person("supervisor")


@pytest.fixture
def office(seeds, db) -> User:
    """The performance office of all five agreements."""
    return person("office")


@pytest.fixture
def auditor(seeds, db) -> User:
    """Reads everything of all five agreements and changes nothing."""
    return person("auditor")


@pytest.fixture
def admin(seeds, db) -> User:
    """Manages people, and sees no results."""
    return person("admin")


@pytest.fixture
def stranger(seeds, db) -> User:
    """A collector of a unit that reports nothing in the seeds."""
    return person("stranger")


@pytest.fixture
def deactivated(moi_result) -> User:
    """Assigned to the ministry's indicator and holding the right, but the account is closed."""
    return assign("deactivated", moi_result)


@pytest.fixture
def former(moi_result) -> User:
    """Assigned to the ministry's indicator, but the right as its collector ended yesterday."""
    return assign("former", moi_result)


def agreement(code: str) -> Agreement:
    """An agreement of the seeds by its code."""
    return Agreement.objects.select_related("unit", "fiscal_year").get(code=code)


def result(code: str, *, number: str = "", months: int = 12) -> Result:
    """A round's result, of the indicator with this number (left out where there is but one)."""
    found = Result.objects.select_related(
        "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
    )
    found = found.filter(indicator__agreement__code=code, round__months=months)
    return found.get(indicator__number=number) if number else found.get()


@pytest.fixture
def moi_result(seeds, db) -> Result:
    """Seed 002's report over 12 months: a draft with 3.1000."""
    return result("moi-2559")


@pytest.fixture
def empty_result(seeds, db) -> Result:
    """The ministry's report over 6 months: nothing entered yet."""
    return result("moi-2559", months=6)


@pytest.fixture
def hidden_result(seeds, db) -> Result:
    """Seed 001's report: submitted, its scores hidden from the reporting unit."""
    return result("ict-2550")


def browser_of(user: User) -> Client:
    """A test client that is signed in."""
    client = Client()
    client.force_login(user)
    return client
