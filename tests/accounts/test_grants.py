"""Rights that are given, moved and ended: what the services refuse, whoever asks."""
import datetime
import threading

import pytest
from django.db import connection
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import roles_of
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import (
    NotAllowed,
    change_until,
    create_user,
    deactivate,
    grant,
    reactivate,
    review_grants,
    revoke,
)
from kpiportal.audit.models import AuditEvent
from tests.cast import person


def days(number: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=number)


def unit(code: str) -> Unit:
    return Unit.objects.get(code=code)


def administrator(username: str, code: str, **more) -> User:
    """A new person who administers this unit and all below."""
    user = create_user(username=username, name=username.title(), by=None)
    grant(user=user, unit=unit(code), role=Role.ADMIN, by=None, **more)
    return person(username)


def right_of(user: User) -> Membership:
    return Membership.objects.get(user=user)


@pytest.fixture
def first(seeds, db) -> User:
    """The only administrator of the finance office but the one of all."""
    return administrator("first", "rtp-finance")


class TestOwnRights:
    def test_are_not_given_and_not_prolonged(self, first):
        with pytest.raises(NotAllowed):
            grant(user=first, unit=unit("rtp-finance"), role=Role.OFFICE, by=first)
        Membership.objects.filter(user=first).update(until=days(10))
        with pytest.raises(NotAllowed):
            change_until(right_of(first), until=days(11), by=first)
        with pytest.raises(NotAllowed):
            change_until(right_of(first), until=None, by=first)
        assert right_of(first).until == days(10) and roles_of(person("first")) == {Role.ADMIN}

    def test_may_be_laid_down(self, first):
        revoke(right_of(first), by=first)
        assert roles_of(person("first")) == set()


class TestBranches:
    def test_nothing_is_given_outside_ones_own(self, first, newcomer):
        for code in ("moi", "rtp", "rtp-strategy"):
            with pytest.raises(NotAllowed):
                grant(user=newcomer, unit=unit(code), role=Role.COLLECTOR, by=first)
        assert grant(user=newcomer, unit=unit("rtp-finance-budget"), role=Role.COLLECTOR, by=first).pk

    def test_nobody_with_a_right_elsewhere_is_touched(self, first, collector):
        right = right_of(collector)
        for attempt in (
            lambda: grant(user=collector, unit=unit("rtp-finance"), role=Role.COLLECTOR, by=first),
            lambda: revoke(right, by=first),
            lambda: change_until(right, until=days(3), by=first),
            lambda: deactivate(collector, reason="x", by=first),
            lambda: reactivate(collector, reason="x", by=first),
        ):
            with pytest.raises(NotAllowed):
                attempt()

    def test_nor_is_a_right_inside_of_someone_with_another_elsewhere(self, first, collector):
        right = grant(user=collector, unit=unit("rtp-finance"), role=Role.COLLECTOR, by=None)
        for attempt in (lambda: revoke(right, by=first), lambda: change_until(right, until=days(3), by=first)):
            with pytest.raises(NotAllowed):
                attempt()
        assert Membership.objects.get(pk=right.pk).until is None

    def test_whoever_administers_nothing_changes_nobody(self, seeds, db, newcomer):
        """A person without any right is managed by every administrator, and by nobody else."""
        for who in ("office", "supervisor", "collector", "auditor"):
            with pytest.raises(NotAllowed):
                grant(user=newcomer, unit=unit("moi"), role=Role.COLLECTOR, by=person(who))
            with pytest.raises(NotAllowed):
                deactivate(newcomer, reason="x", by=person(who))

    def test_not_after_ones_own_right_has_ended(self, first, newcomer):
        Membership.objects.filter(user=first).update(since=days(-9), until=days(-1))
        with pytest.raises(NotAllowed):
            grant(user=newcomer, unit=unit("rtp-finance"), role=Role.COLLECTOR, by=person("first"))


@pytest.fixture
def newcomer(seeds, db) -> User:
    return create_user(username="newcomer", name="Newcomer", by=None)


class TestTheLastAdministrator:
    """Of the whole police: only `admin` is above, and of the other agencies there is `admin` alone."""

    @pytest.fixture
    def second(self, seeds, db) -> User:
        """Someone who manages `admin`: a second administrator of all four agencies."""
        user = create_user(username="second", name="Second", by=None)
        for code in ("moi", "agency-001", "rtp", "ega"):
            grant(user=user, unit=unit(code), role=Role.ADMIN, by=None)
        return person("second")

    def test_is_not_ended_shortened_or_closed(self, admin, second):
        for right in second.memberships.all():
            revoke(right, by=second if right.unit.code != "rtp" else admin)
        last = admin.memberships.get(unit__code="moi")
        for attempt in (lambda: revoke(last, by=admin), lambda: change_until(last, until=days(30), by=admin)):
            with pytest.raises(NotAllowed, match="another one first"):
                attempt()
        assert Membership.objects.get(pk=last.pk).until is None

    def test_one_of_two_may_go_but_then_not_the_other(self, admin, second):
        deactivate(admin, reason="left", by=second)
        assert not person("admin").is_active
        with pytest.raises(NotAllowed, match="another one first"):
            revoke(second.memberships.get(unit__code="moi"), by=second)

    def test_one_whose_own_right_ends_sooner_does_not_count(self, admin, second):
        second.memberships.filter(unit__code="moi").update(until=days(10))
        right = admin.memberships.get(unit__code="moi")
        with pytest.raises(NotAllowed):
            change_until(right, until=days(10), by=admin)
        change_until(right, until=days(9), by=admin)

    def test_a_closed_account_does_not_count_either(self, admin, second):
        deactivate(second, reason="left", by=admin)
        with pytest.raises(NotAllowed):
            revoke(admin.memberships.get(unit__code="moi"), by=admin)

    def test_one_of_the_unit_above_counts(self, admin, first):
        deactivate(first, reason="left", by=admin)
        assert not person("first").is_active

    def test_nobody_closes_their_own_account_even_when_others_are_left(self, admin, second):
        for switch in (deactivate, reactivate):
            with pytest.raises(NotAllowed, match="your own account"):
                switch(admin, reason="leaving", by=admin)
        assert person("admin").is_active

    @pytest.mark.postgresql
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("how", ["the right", "the account"])
    def test_two_who_end_each_other_at_once_leave_one(self, committed_seeds, how):
        top = Unit.objects.create(code="top", name="Top", kind="ministry", path="/top/")
        pair = [administrator(name, "top") for name in ("one", "two")]
        outcomes, ready = [], threading.Barrier(2)

        def end(by: User, other: User) -> None:
            roles_of(by)  # read early in a request, and kept
            ready.wait()
            try:
                if how == "the right":
                    revoke(right_of(other), by=by)
                else:
                    deactivate(other, reason="left", by=by)
                outcomes.append("ended")
            except NotAllowed:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=end, args=each) for each in (pair, pair[::-1])]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(outcomes) == ["ended", "refused"]
        assert Membership.objects.active().filter(unit=top, user__is_active=True).count() == 1


class TestReviewing:
    def test_marks_with_who_and_when_and_leaves_an_entry_each(self, office, auditor):
        chosen = list(Membership.objects.filter(role=Role.COLLECTOR).values_list("pk", flat=True)[:3])
        assert review_grants(chosen, by=office) == 3 == AuditEvent.objects.filter(action="membership.reviewed").count()
        review_grants(chosen[:1], by=auditor)
        right = Membership.objects.get(pk=chosen[0])
        assert right.reviewed_by == auditor and right.reviewed_at.date() == timezone.now().date()
        entries = AuditEvent.objects.about(right).filter(action="membership.reviewed")
        assert [entry.actor_id for entry in entries] == [office.pk, auditor.pk]
        assert entries[1].before["reviewed_at"] == entries[0].after["reviewed_at"]

    def test_not_ones_own_and_then_none_at_all(self, office):
        both = [right_of(person("collector")).pk, office.memberships.first().pk]
        with pytest.raises(NotAllowed):
            review_grants(both, by=office)
        assert not Membership.objects.filter(reviewed_at__isnull=False).exists()

    @pytest.mark.parametrize("who", ["admin", "supervisor", "collector", "stranger"])
    def test_only_by_those_who_review(self, seeds, db, who):
        with pytest.raises(NotAllowed):
            review_grants([right_of(person("colleague")).pk], by=person(who))

    def test_only_in_the_units_that_one_reviews(self, newcomer):
        grant(user=newcomer, unit=unit("ega"), role=Role.AUDITOR, by=None)
        with pytest.raises(NotAllowed):
            review_grants([right_of(person("colleague")).pk], by=person("newcomer"))
        with pytest.raises(NotAllowed):
            review_grants([999_999], by=person("newcomer"))
