"""Many deciders at once: people who may all decide on one report, and what a race of them leaves behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django.utils import timezone

from indicators.models import Assignment
from kpiportal.accounts.models import User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant
from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from scoring.services import NotAllowed, approve, certify, return_

Act = Callable[[User], object]


def deciders(report: Result, role: Role, number: int) -> list[User]:
    """As many people as wanted who may decide on a report: substitutes of its supervisor, or of the office."""
    people = []
    for n in range(number):
        user = create_user(username=f"{role}-{n}", name=f"{role} {n}", email=f"{role}-{n}@example.go.th", by=None)
        grant(user=user, unit=report.unit, role=role, by=None)
        if role == Role.SUPERVISOR:
            Assignment.objects.create(
                indicator=report.indicator, round=report.round, unit=report.unit, person=user, role="supervisor",
                is_substitute=True,
            )
        people.append(user)
    return people


def at_once(people: list[User], act: Act) -> list[User]:
    """Let everybody act in a thread of their own, all starting together; gives those who were not refused."""
    barrier = Barrier(len(people))

    def run(user: User) -> User | None:
        try:
            barrier.wait(timeout=20)
            act(user)
            return user
        except NotAllowed:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return [user for user in pool.map(run, people, timeout=60) if user is not None]


def put_back(report: Result, state: str) -> Result:
    """The report as it waits for a decision again; past the services."""
    decided = {"decided_at": timezone.now(), "decided_by": report.submitted_by} if state == "approved" else {}
    blank = {"decided_at": None, "decided_by": None, "certified_at": None, "certified_by": None, "return_reason": ""}
    report.snapshots.filter(superseded_at__isnull=True).update(superseded_at=timezone.now())
    Result.objects.filter(pk=report.pk).update(state=state, **blank | decided)
    return Result.objects.get(pk=report.pk)


def half_and_half(report: Result, people: list[User], version: int | None) -> list[User]:
    """Every second one approves, the others return."""
    approving = {user.pk for user in people[::2]}

    def act(user: User) -> None:
        if user.pk in approving:
            approve(report, by=user, version=version)
        else:
            return_(report, reason="mend", by=user, version=version)

    return at_once(people, act)


def race_of_supervisors(report: Result, people: list[User]) -> None:
    """One wins: the state, the person and the one entry are the winner's."""
    report, before = put_back(report, "submitted"), AuditEvent.objects.count()
    [winner] = half_and_half(report, people, report.version)
    after = Result.objects.get(pk=report.pk)
    assert after.decided_by == winner and after.state in ("approved", "returned")
    assert after.version == report.version + 1
    assert AuditEvent.objects.count() == before + 1


def race_of_offices(report: Result, people: list[User]) -> None:
    """One certifies: one snapshot is in force, made by the winner."""
    report, before = put_back(report, "approved"), AuditEvent.objects.count()
    [winner] = at_once(people, lambda user: certify(report, by=user, version=report.version))
    assert Result.objects.get(pk=report.pk).certified_by == winner
    assert report.snapshots.get(superseded_at__isnull=True).sealed_by == winner
    assert AuditEvent.objects.count() == before + 1


def winners_without_the_guard(report: Result, people: list[User]) -> int:
    """The control run: who reads, looks and then writes, as approval code mostly does, wins together with others."""
    report = put_back(report, "submitted")
    together = Barrier(len(people))

    def naive(user: User) -> None:
        seen = Result.objects.get(pk=report.pk)
        together.wait(timeout=20)
        if seen.state != "submitted":
            raise NotAllowed
        seen.state, seen.decided_by, seen.decided_at = "approved", user, timezone.now()
        seen.save(update_fields=["state", "decided_by", "decided_at"])

    return len(at_once(people, naive))
