"""The pages of people and rights as an administrator uses them, and what a forged post can't do."""
import datetime

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import roles_of
from kpiportal.accounts.services import create_user, first_sign_in_path, grant
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import date_text
from tests.cast import browser_of, person
from tests.refused import assert_only_refused, last_entry

# Every other field of the two models, and what a forger would like them to be.
FORGED = {
    "is_superuser": "1", "is_staff": "on", "is_active": "0", "username": "root", "password": "x", "is_demo": "1",
    "id": "1", "pk": "1", "groups": "1", "user_permissions": "1", "last_login": "2020-01-01",
    "date_joined": "2020-01-01",
    "user": "1", "by": "1", "membership": "1", "reviewed_at": "2020-01-01", "reviewed_by": "1", "person": "1",
    "grant-user": "1", "grant-by": "1", "grant-person": "1", "grant-reviewed_at": "2020-01-01", "grant-id": "1",
}


def days(number: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=number)


def typed(day: datetime.date) -> str:
    """A day as a Thai official types it: Thai digits, Buddhist year."""
    text = f"{day.day}/{day.month}/{day.year + 543}"
    return text.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


@pytest.fixture
def visitor(admin) -> Client:
    return browser_of(admin)


@pytest.fixture
def colleague_right(seeds, db) -> Membership:
    return Membership.objects.get(user__username="colleague")


def details(user: User, **changes) -> dict:
    return {"name": user.name, "position": user.position, "phone": user.phone, "email": user.email, **changes}


def last(target) -> AuditEvent:
    return AuditEvent.objects.about(target).last()


class TestAdding:
    NEW = {"username": "newcomer", "name": "ผู้มาใหม่", "position": "นิติกร", "phone": "1", "email": "n@example.go.th",
           "role": "collector", "unit": "moi"}

    def add(self, visitor: Client, **changes):
        return visitor.post(reverse("person_add"), self.NEW | {"since": typed(days(0)), "until": ""} | changes)

    def test_makes_the_account_with_its_first_right_and_no_password(self, visitor, admin):
        response = self.add(visitor, until=typed(days(40)))
        newcomer = person("newcomer")
        assert response.url == reverse("person", args=[newcomer.pk])
        right = newcomer.memberships.get()
        assert (right.role, right.unit.code, right.since, right.until) == ("collector", "moi", days(0), days(40))
        assert not newcomer.has_usable_password() and newcomer.name == "ผู้มาใหม่"
        assert [last(newcomer).action, last(right).action, last(right).actor_id] == [
            "user.created", "membership.granted", admin.pk
        ]

    @pytest.mark.parametrize(("field", "value"), [
        ("username", ""), ("username", "Collector"), ("username", "a b"), ("username", "x" * 151), ("name", " \u200b "),
        ("email", "nobody"), ("role", "king"), ("role", ""), ("unit", "nowhere"), ("unit", ""), ("since", "31/2/2569"),
        ("since", "1/1/2560"), ("since", ""), ("until", "1/1/2560"), ("until", "tomorrow"), ("name", "x" * 201),
        ("unit", "moi\0"), ("username", "a\0b"),
    ])
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, visitor, field, value):
        before = User.objects.count(), AuditEvent.objects.count()
        response = self.add(visitor, **{field: value})
        page = response.content.decode()
        assert response.status_code == 422 and field in response.context["form"].errors
        assert f'href="#id_{field}"' in page and ("ผู้มาใหม่" in page or field == "name")
        assert (User.objects.count(), AuditEvent.objects.count()) == before

    def test_more_fields_change_nothing(self, visitor):
        self.add(visitor)
        plain = User.objects.filter(username="newcomer").values(*self.compared()).get()
        Membership.objects.filter(user__username="newcomer").delete()
        User.objects.filter(username="newcomer").delete()
        self.add(visitor, **FORGED | {"username": "newcomer"})
        assert User.objects.filter(username="newcomer").values(*self.compared()).get() == plain
        assert not User.objects.filter(username="root").exists()

    def compared(self) -> list[str]:
        return ["name", "position", "phone", "email", "is_superuser", "is_staff", "is_active", "is_demo", "last_login"]

    def test_a_unit_outside_ones_branch_is_no_choice(self, seeds, db):
        grant(user=person("stranger"), unit=Unit.objects.get(code="rtp-finance"), role="admin", by=None)
        visitor = browser_of(person("stranger"))
        assert self.add(visitor).status_code == 422
        assert "กระทรวงมหาดไทย" not in visitor.get(reverse("person_add")).content.decode()
        assert self.add(visitor, unit="rtp-finance-budget").status_code == 302


class TestAccount:
    def test_a_change_is_recorded_with_before_and_after(self, visitor, colleague):
        path = reverse("person", args=[colleague.pk])
        assert visitor.post(path, details(colleague, name="ชื่อ\u200bใหม่ ", phone="12")).url == path
        entry = last(colleague)
        assert (entry.action, entry.before, entry.after) == (
            "user.changed", {"name": "The colleague", "phone": ""}, {"name": "ชื่อใหม่", "phone": "12"}
        )

    def test_saving_what_stands_there_leaves_no_entry(self, visitor, colleague):
        before = AuditEvent.objects.count()
        visitor.post(reverse("person", args=[colleague.pk]), details(colleague))
        assert AuditEvent.objects.count() == before

    def test_more_fields_change_nothing(self, visitor, colleague):
        before = User.objects.filter(pk=colleague.pk).values().get()
        visitor.post(reverse("person", args=[colleague.pk]), FORGED | details(colleague, phone="12"))
        assert User.objects.filter(pk=colleague.pk).values().get() == before | {"phone": "12"}

    def test_an_address_given_up_gets_no_link_for_a_new_password(self, visitor, admin, colleague):
        """allauth notes an address of its own with each link that it makes."""
        first_sign_in_path(colleague, by=admin)
        assert EmailAddress.objects.filter(email="colleague@example.go.th").exists()
        visitor.post(reverse("person", args=[colleague.pk]), details(colleague, email="new@example.go.th"))
        assert not EmailAddress.objects.filter(email="colleague@example.go.th").exists()

    def test_what_was_typed_wrong_stays(self, visitor, colleague):
        path = reverse("person", args=[colleague.pk])
        response = visitor.post(path, details(colleague, email="no", position="typed"))
        assert response.status_code == 422 and 'value="typed"' in response.content.decode()
        assert person("colleague").position == ""

    def test_closing_and_opening_need_a_reason_and_leave_it_in_the_trail(self, visitor, colleague):
        path = reverse("person_active", args=[colleague.pk])
        assert visitor.post(path, {"active": "0", "account-reason": " "}).status_code == 422
        assert person("colleague").is_active
        for active, action in (("0", "user.deactivated"), ("1", "user.reactivated")):
            assert visitor.post(path, {"active": active, "account-reason": "moved"}).status_code == 302
            assert person("colleague").is_active == (active == "1")
            assert (last(colleague).action, last(colleague).reason) == (action, "moved")

    def test_nobody_closes_their_own_account(self, visitor, admin):
        response = visitor.post(
            reverse("person_active", args=[admin.pk]), {"active": "0", "account-reason": "kept words"}
        )
        assert response.status_code == 409 and person("admin").is_active


class TestRights:
    def give(self, visitor: Client, whom: User, **changes):
        data = {"grant-role": "auditor", "grant-unit": "moi", "grant-since": typed(days(0)), "grant-until": ""}
        return visitor.post(reverse("grant_add", args=[whom.pk]), data | changes)

    def test_given_from_and_until(self, visitor, colleague):
        self.give(visitor, colleague, **{"grant-since": typed(days(3)), "grant-until": typed(days(9))})
        right = colleague.memberships.get(role="auditor")
        assert (right.since, right.until) == (days(3), days(9))

    def test_the_same_right_twice_in_a_time_is_refused(self, visitor, colleague):
        response = self.give(visitor, colleague, **{"grant-role": "collector", "grant-until": typed(days(9))})
        assert response.status_code == 422 and colleague.memberships.count() == 1
        assert self.give(visitor, colleague, **{"grant-role": "collector"}).status_code == 422

    def test_nobody_gives_themselves_a_right(self, visitor, admin):
        for role in ("office", "admin"):
            assert self.give(visitor, admin, **{"grant-role": role, "grant-unit": "imm-1"}).status_code == 409
        assert roles_of(person("admin")) == {"admin"}

    def test_more_fields_change_nothing(self, visitor, colleague):
        self.give(visitor, colleague, **FORGED)
        assert not person("admin").memberships.exclude(role="admin").exists()
        right = colleague.memberships.get(role="auditor")
        assert (right.reviewed_at, right.user, right.until) == (None, colleague, None)

    def test_a_closed_account_gets_none(self, visitor, deactivated):
        assert self.give(visitor, deactivated).status_code == 409

    def change(self, visitor: Client, right: Membership, until: str | None, **more):
        data = {} if until is None else {f"g{right.pk}-until": until}
        return visitor.post(reverse("grant_change", args=[right.user_id, right.pk]), data | more)

    def test_the_last_day_moves_and_the_trail_says_whether_later_or_earlier(self, visitor, colleague_right):
        for until, stored, action in (
            (typed(days(5)), days(5), "membership.shortened"),
            (date_text(days(50), "th"), days(50), "membership.prolonged"),
            (date_text(days(20), "en"), days(20), "membership.shortened"),
            ("", None, "membership.prolonged"),
        ):
            assert self.change(visitor, colleague_right, until).status_code == 302
            colleague_right.refresh_from_db()
            assert (colleague_right.until, last(colleague_right).action) == (stored, action)
        assert last(colleague_right).before == {"until": str(days(20))}

    @pytest.mark.parametrize("until", [None, "x", "1/1/2560", "๓๒/๑/๒๕๗๐"])
    def test_a_day_that_can_not_be_changes_nothing(self, visitor, colleague_right, until):
        assert self.change(visitor, colleague_right, until).status_code == 422
        assert Membership.objects.get(pk=colleague_right.pk).until is None

    def test_ended_now_and_not_again(self, visitor, colleague_right):
        assert self.change(visitor, colleague_right, "ignored", action="end").status_code == 302
        assert roles_of(person("colleague")) == set()
        assert last(colleague_right).action == "membership.revoked"
        assert self.change(visitor, colleague_right, None, action="end").status_code == 409
        assert self.change(visitor, colleague_right, typed(days(5))).status_code == 409
        assert Membership.objects.get(pk=colleague_right.pk).until == days(-1)

    def test_a_right_of_another_person_in_the_address_is_not_found(self, visitor, colleague_right, collector):
        path = reverse("grant_change", args=[collector.pk, colleague_right.pk])
        assert visitor.post(path, {"action": "end"}).status_code == 404
        assert roles_of(person("colleague")) == {"collector"}


class TestFinding:
    @pytest.mark.parametrize(("sought", "found"), [
        ("colleague", True), ("EXAMPLE.go.th colleague", True), ("กระทรวงมหาดไทย", True), ("moi colleague", True),
        ("colleague rtp-finance", False), ("%", False), ("no such", False), ("\0", True), ("x" * 5000, False),
    ])
    def test_by_any_part(self, visitor, sought, found):
        page = visitor.get(reverse("people"), {"q": sought})
        assert ("colleague" in {user.username for user in page.context["users"]}) == found

    def test_never_beyond_ones_branch(self, seeds, db):
        grant(user=person("stranger"), unit=Unit.objects.get(code="rtp-finance"), role="admin", by=None)
        page = browser_of(person("stranger")).get(reverse("people"), {"q": "office"})
        assert page.context["users"] == []

    def test_a_persons_page_shows_the_last_sign_in_and_a_link_only_while_open(self, visitor, colleague, deactivated):
        User.objects.filter(pk=colleague.pk).update(last_login=timezone.now())
        page = visitor.get(reverse("person", args=[colleague.pk])).content.decode()
        assert date_text(timezone.localdate(), "th") in page and "first-sign-in" in page
        assert "first-sign-in" not in visitor.get(reverse("person", args=[deactivated.pk])).content.decode()


def test_an_administrator_of_a_branch_reaches_nobody_elsewhere_by_any_address(seeds, db):
    create_user(username="inside", name="Inside", by=None)
    grant(user=person("stranger"), unit=Unit.objects.get(code="rtp-finance"), role="admin", by=None)
    visitor, office = browser_of(person("stranger")), person("office")
    right = office.memberships.first()
    before, entry = User.objects.filter(pk=office.pk).values().get(), last_entry()
    for name, args in (("person", [office.pk]), ("person_active", [office.pk]), ("grant_add", [office.pk]),
                       ("grant_change", [office.pk, right.pk])):
        data = details(office, name="x") | {"active": "0", "account-reason": "x", "action": "end"}
        assert visitor.post(reverse(name, args=args), data).status_code == 404
    assert User.objects.filter(pk=office.pk).values().get() == before
    assert_only_refused(entry, times=4)


@pytest.mark.parametrize("who", ["office", "auditor", "supervisor", "collector"])
def test_who_administers_nobody_reaches_not_even_someone_without_a_right(seeds, db, who):
    newcomer = create_user(username="newcomer", name="Newcomer", by=None)
    assert browser_of(person(who)).get(reverse("person", args=[newcomer.pk])).status_code == 404
