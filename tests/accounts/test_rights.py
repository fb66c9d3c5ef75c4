"""Who may reach what: grants with their dates, the tree of units, and the table of roles."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import active_memberships, holds, in_scope, managed_by, roles_of
from kpiportal.accounts.roles import (
    DECIDE_RESULTS,
    EDIT_RESULTS,
    MANAGE_PEOPLE,
    PERMISSIONS,
    SEE_HIDDEN_SCORES,
    VIEW_RESULTS,
    Role,
    roles_with,
)
from kpiportal.accounts.services import (
    create_unit,
    create_user,
    first_sign_in_path,
    grant,
    revoke,
    set_password,
)
from kpiportal.audit.models import AuditEvent
from tests.cast import browser_of, person

TODAY = timezone.localdate


def days(number: int) -> datetime.date:
    return TODAY() + datetime.timedelta(days=number)


@pytest.fixture
def newcomer(seeds, db) -> User:
    return create_user(username="newcomer", name="Newcomer", by=None)


class TestRoles:
    def test_collectors_never_decide_and_auditors_never_change(self):
        assert DECIDE_RESULTS not in PERMISSIONS[Role.COLLECTOR]
        assert PERMISSIONS[Role.AUDITOR] & {EDIT_RESULTS, DECIDE_RESULTS} == set()
        assert PERMISSIONS[Role.ADMIN] == {MANAGE_PEOPLE}

    def test_every_role_has_permissions_and_hidden_scores_are_not_for_collectors(self):
        assert set(PERMISSIONS) == set(Role)
        assert roles_with(SEE_HIDDEN_SCORES) == (Role.SUPERVISOR, Role.OFFICE, Role.AUDITOR)


class TestGrantsInForce:
    @pytest.mark.parametrize(
        ("since", "until", "counts"),
        [(0, None, True), (-5, 0, True), (-5, 5, True), (1, None, False), (-5, -1, False), (0, 0, True)],
    )
    def test_count_from_their_first_to_their_last_day(self, newcomer, since, until, counts):
        unit = Unit.objects.get(code="moi")
        grant(
            user=newcomer,
            unit=unit,
            role=Role.OFFICE,
            since=days(since),
            until=None if until is None else days(until),
            by=None,
        )
        assert roles_of(person("newcomer")) == ({Role.OFFICE} if counts else set())

    def test_one_that_ended_yesterday_and_a_closed_account_give_nothing(self, former, deactivated):
        assert (
            Membership.objects.filter(user=former).exists()
            and Membership.objects.filter(user=deactivated).exists()
        )
        assert active_memberships(former) == active_memberships(deactivated) == ()

    def test_nobody_holds_nothing(self, seeds, db):
        assert active_memberships(AnonymousUser()) == ()
        assert not Unit.objects.filter(in_scope(AnonymousUser(), VIEW_RESULTS, "path")).exists()

    def test_one_query_a_request(self, collector, django_assert_num_queries):
        with django_assert_num_queries(1):
            roles_of(collector)
            holds(collector, VIEW_RESULTS, "/moi/")
            in_scope(collector, VIEW_RESULTS, "unit__path")


class TestTree:
    def test_a_grant_covers_the_unit_and_all_below_but_none_beside(self, newcomer):
        bureau = Unit.objects.get(code="immigration")
        grant(user=newcomer, unit=bureau, role=Role.AUDITOR, by=None)
        seen = Unit.objects.filter(in_scope(person("newcomer"), VIEW_RESULTS, "path"))
        assert set(seen) == set(Unit.objects.filter(path__startswith=bureau.path))
        assert {"immigration", "imm-1", "imm-inv-3"} <= set(seen.values_list("code", flat=True))
        assert not {"rtp", "rtp-strategy", "moi"} & set(seen.values_list("code", flat=True))

    def test_a_code_that_begins_with_another_is_no_child_of_it(self, newcomer):
        beside = create_unit(code="moi-2", name="beside", kind="ministry", by=None)
        grant(user=newcomer, unit=Unit.objects.get(code="moi"), role=Role.AUDITOR, by=None)
        assert holds(person("newcomer"), VIEW_RESULTS, "/moi/")
        assert not holds(person("newcomer"), VIEW_RESULTS, beside.path)

    def test_only_roles_with_the_permission_count(self, auditor, supervisor):
        assert holds(auditor, VIEW_RESULTS, "/moi/") and not holds(auditor, EDIT_RESULTS, "/moi/")
        assert holds(supervisor, DECIDE_RESULTS, "/moi/") and not holds(supervisor, EDIT_RESULTS, "/moi/")

    def test_a_unit_knows_its_way_from_the_root(self, seeds, db):
        assert Unit.objects.get(code="imm-inv-3").path == "/rtp/immigration/imm-inv/imm-inv-3/"


class TestServices:
    """Each change of people, units and rights writes exactly one entry, and a refused one none."""

    def test_create_unit(self, admin):
        unit = create_unit(
            code="new", name="New", kind="division", parent=Unit.objects.get(code="moi"), by=admin
        )
        (entry,) = AuditEvent.objects.about(unit)
        assert (unit.path, entry.action, entry.actor_id) == ("/moi/new/", "unit.created", admin.pk)

    @pytest.mark.parametrize(
        "change",
        [
            {"code": "moi"},
            {"code": "no slug"},
            {"code": "New"},
            {"code": "new_one"},
            {"code": "new\n"},
            {"code": ""},
            {"kind": "empire"},
            {"name": ""},
        ],
    )
    def test_a_bad_unit_is_refused(self, admin, change):
        before = AuditEvent.objects.count(), Unit.objects.count()
        with pytest.raises(ValidationError):
            create_unit(**{"code": "new", "name": "New", "kind": "division", "by": admin} | change)
        assert (AuditEvent.objects.count(), Unit.objects.count()) == before

    def test_a_code_in_capitals_is_refused_in_one_sentence(self, admin):
        with pytest.raises(ValidationError) as refusal:
            create_unit(code="NEW", name="New", kind="division", by=admin)
        with translation.override("en"):
            assert refusal.value.message_dict == {
                "code": ["Write the code of a unit in lower-case letters a–z, digits and hyphens only."]
            }

    def test_a_person_without_a_password_can_not_sign_in_yet(self, newcomer):
        assert not newcomer.has_usable_password()
        (entry,) = AuditEvent.objects.about(newcomer)
        assert entry.action == "user.created" and "password" not in str(entry.after)

    @pytest.mark.parametrize(
        "change", [{"username": "collector"}, {"username": ""}, {"name": ""}, {"email": "nobody"}]
    )
    def test_a_bad_person_is_refused(self, admin, change):
        before = AuditEvent.objects.count(), User.objects.count()
        with pytest.raises(ValidationError):
            create_user(**{"username": "new", "name": "New", "by": admin} | change)
        assert (AuditEvent.objects.count(), User.objects.count()) == before

    @pytest.mark.parametrize("weak", ["short", "1234567890", "password123", "newcomer-1"])
    def test_a_weak_password_is_refused(self, newcomer, weak):
        before = AuditEvent.objects.count()
        with pytest.raises(ValidationError):
            set_password(newcomer, weak, by=None)
        assert not person("newcomer").has_usable_password()
        assert AuditEvent.objects.count() == before

    def test_a_password_never_reaches_the_trail(self, newcomer, admin):
        set_password(newcomer, "tamarind-season-41", by=admin)
        assert person("newcomer").check_password("tamarind-season-41")
        entry = AuditEvent.objects.about(newcomer).last()
        assert (entry.action, entry.before, entry.after) == ("user.password_set", None, None)

    def test_the_same_open_grant_twice_is_the_first_one(self, newcomer, admin):
        unit = Unit.objects.get(code="moi")
        first = grant(user=newcomer, unit=unit, role=Role.COLLECTOR, by=admin)
        assert grant(user=newcomer, unit=unit, role=Role.COLLECTOR, by=admin) == first
        assert [entry.action for entry in AuditEvent.objects.about(first)] == ["membership.granted"]

    def test_a_grant_that_ends_before_it_begins_is_refused(self, newcomer):
        with pytest.raises(ValidationError):
            grant(
                user=newcomer, unit=Unit.objects.get(code="moi"), role=Role.COLLECTOR, until=days(-1), by=None
            )
        assert not newcomer.memberships.exists()

    def test_revoking_ends_it_yesterday_even_when_it_began_today(self, newcomer, admin):
        membership = grant(user=newcomer, unit=Unit.objects.get(code="moi"), role=Role.COLLECTOR, by=admin)
        revoke(membership, by=admin)
        stored = Membership.objects.get(pk=membership.pk)
        assert (stored.since, stored.until) == (days(-1), days(-1))
        assert roles_of(person("newcomer")) == set()
        assert [e.action for e in AuditEvent.objects.about(membership)] == [
            "membership.granted",
            "membership.revoked",
        ]


def test_first_sign_in_link_is_recorded(newcomer, admin):
    path = first_sign_in_path(newcomer, by=admin)
    assert path.startswith("/accounts/password/reset/key/")
    entry = AuditEvent.objects.about(newcomer).last()
    assert (entry.action, entry.actor_id) == ("user.first_sign_in_link_made", admin.pk)
    assert path.split("/")[-2] not in str((entry.after, entry.before, entry.reason))


class TestWhoManagesWhom:
    def test_an_administrator_of_one_branch_reaches_only_its_people(self, seeds, db):
        admin = person("stranger")
        grant(user=admin, unit=Unit.objects.get(code="rtp-finance"), role=Role.ADMIN, by=None)
        admin = person("stranger")
        names = set(managed_by(admin).values_list("username", flat=True))
        assert "stranger" in names and not names & {"office", "collector", "supervisor", "admin"}
        client = browser_of(admin)
        assert client.post(f"/people/{person('office').pk}/first-sign-in/").status_code == 404
        assert "office" not in client.get("/people/").content.decode()


def test_a_changed_password_leaves_its_entry(seeds, db):
    user = person("collector")
    client = browser_of(user)
    user.set_password("tamarind-season-41")
    user.save()
    client.force_login(user)
    new = {"oldpassword": "tamarind-season-41", "password1": "mango-season-2569", "password2": "mango-season-2569"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert AuditEvent.objects.filter(action="user.password_set", actor_id=user.pk).count() == 1
