"""The review of rights: what wants a look, who sees it, and what leaves as a file."""
import csv
import datetime
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import review_rows
from kpiportal.accounts.review import Flag
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant
from kpiportal.audit.models import AuditEvent
from tests.cast import browser_of, person

URL = "/people/grants/"


def days(number: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=number)


def seen(username: str, reader: str = "auditor") -> list[set[Flag]]:
    """The flags that a reader sees at a person's rights."""
    rows = review_rows(person(reader))
    return [set(row.flags) for row in rows if row.grant.user.username == username]


def signed_in(username: str, ago: int) -> None:
    User.objects.filter(username=username).update(last_login=timezone.now() - datetime.timedelta(days=ago))


class TestFlags:
    @pytest.mark.parametrize(("ago", "flags"), [
        (None, {Flag.NEVER}), (0, set()), (89, set()), (90, {Flag.LONG_AGO}), (400, {Flag.LONG_AGO})
    ])
    def test_of_the_last_sign_in(self, colleague, ago, flags):
        if ago is not None:
            signed_in("colleague", ago)
        assert seen("colleague") == [flags]

    @pytest.mark.parametrize(("until", "flags"), [
        (-1, {Flag.ENDED}), (0, {Flag.ENDS_SOON}), (30, {Flag.ENDS_SOON}), (31, set()), (None, set())
    ])
    def test_of_the_last_day(self, colleague, until, flags):
        signed_in("colleague", 1)
        Membership.objects.filter(user=colleague).update(until=None if until is None else days(until))
        assert seen("colleague") == [flags]

    def test_of_a_closed_account_whose_right_is_open(self, deactivated):
        assert seen("deactivated") == [{Flag.CLOSED}]
        Membership.objects.filter(user=deactivated).update(until=days(-1))
        assert seen("deactivated") == [{Flag.ENDED}]

    @pytest.mark.parametrize(("supervised", "both"), [
        ("rtp-finance", True), ("rtp", True), ("rtp-finance-budget", True), ("rtp-strategy", False), ("moi", False)
    ])
    def test_of_a_supervisor_who_collects_in_the_same_unit(self, stranger, supervised, both):
        signed_in("stranger", 1)
        grant(user=stranger, unit=Unit.objects.get(code=supervised), role=Role.SUPERVISOR, by=None)
        assert [Flag.BOTH in flags for flags in seen("stranger", "admin")] == [both, both]

    def test_a_role_that_has_ended_is_no_second_one(self, stranger):
        right = grant(user=stranger, unit=Unit.objects.get(code="rtp"), role=Role.SUPERVISOR, by=None)
        Membership.objects.filter(pk=right.pk).update(since=days(-9), until=days(-1))
        assert not any(Flag.BOTH in flags for flags in seen("stranger", "admin"))


class TestPages:
    def test_a_long_review_goes_page_by_page_and_a_post_leads_back_to_its_page(self, seeds, db, monkeypatch):
        monkeypatch.setattr("kpiportal.accounts.paging.SIZE", 10)
        visitor, query, shown = browser_of(person("auditor")), "show=current", []
        while query:
            page = visitor.get(f"{URL}?{query}")
            query = page.context["pages"].after
            shown += [row.grant.pk for row in page.context["rows"]]
        expected = [row.grant.pk for row in review_rows(person("auditor")) if Flag.ENDED not in row.flags]
        assert shown == expected and len(shown) > 20
        second = f"{URL}?show=current&page=2"
        assert visitor.post(second, {"grant": shown[15]}).url == second
        assert Membership.objects.get(pk=shown[15]).reviewed_by == person("auditor")


class TestWhoSeesWhat:
    def codes(self, reader: User) -> set[str]:
        return {row.grant.unit.code for row in review_rows(reader)}

    def test_the_units_that_one_administers_or_reviews_and_none_beside(self, seeds, db):
        user = create_user(username="newcomer", name="Newcomer", by=None)
        for role in (Role.OFFICE, Role.AUDITOR, Role.ADMIN):
            right = grant(user=user, unit=Unit.objects.get(code="rtp-finance"), role=role, by=None)
            assert self.codes(person("newcomer")) == {"rtp-finance"}
            right.delete()
        assert review_rows(person("newcomer")) == []
        assert self.codes(person("admin")) == set(Membership.objects.values_list("unit__code", flat=True))

    def test_who_gave_a_right_stands_in_the_trail(self, admin, colleague):
        rows = {row.grant.user.username: row for row in review_rows(admin)}
        assert (rows["colleague"].given_by, rows["collector"].given_by) == (admin.name, "")

    @pytest.mark.parametrize(("who", "may"), [("office", True), ("auditor", True), ("admin", False)])
    def test_only_reviewers_get_boxes_to_tick_and_never_for_themselves(self, seeds, db, who, may):
        rows = review_rows(person(who))
        assert any(row.may_review for row in rows) == may
        assert not any(row.may_review for row in rows if row.grant.user.username == who)
        assert ('type="checkbox"' in browser_of(person(who)).get(URL).content.decode()) == may

    def test_nor_an_administrator_a_link_to_someone_with_a_right_elsewhere(self, stranger, colleague):
        grant(user=stranger, unit=Unit.objects.get(code="moi"), role=Role.ADMIN, by=None)
        grant(user=colleague, unit=Unit.objects.get(code="ega"), role=Role.COLLECTOR, by=None)
        page = browser_of(person("stranger")).get(URL).content.decode()
        assert "colleague" in page and reverse("person", args=[colleague.pk]) not in page
        assert reverse("person", args=[person("collector").pk]) in page

    def test_an_auditor_gets_no_link_to_pages_that_are_not_theirs(self, auditor, colleague):
        assert reverse("person", args=[colleague.pk]) not in browser_of(auditor).get(URL).content.decode()


class TestPage:
    @pytest.mark.parametrize(("filters", "found"), [
        ({}, True), ({"show": "ended"}, False), ({"show": "never"}, True), ({"show": "current"}, True),
        ({"show": "flagged"}, True), ({"role": "admin"}, False), ({"role": "collector", "unit": "moi"}, True),
        ({"unit": "ega"}, False), ({"q": "colleague"}, True), ({"q": "stranger"}, False),
        # What can't be read filters nothing.
        ({"unit": "nowhere"}, True), ({"role": "king", "show": "\0"}, True), ({"q": "x" * 5000}, True),
    ])
    def test_filters(self, auditor, colleague, filters, found):
        rows = browser_of(auditor).get(URL, filters).context["rows"]
        assert ("colleague" in {row.grant.user.username for row in rows}) == found

    def test_marking_keeps_the_filter_and_shows_the_date(self, office, colleague):
        right, visitor = colleague.memberships.get(), browser_of(office)
        forged = {"reviewed_by": "1", "reviewed_at": "2020-01-01", "until": "2020-01-01", "role": "admin"}
        response = visitor.post(f"{URL}?q=colleague", {"grant": [right.pk]} | forged)
        assert response.url == f"{URL}?q=colleague"
        right.refresh_from_db()
        assert (right.reviewed_by, right.until, right.role) == (office, None, "collector")
        assert right.reviewed_at.date() == timezone.now().date()
        assert office.name in visitor.get(URL, {"q": "colleague"}).content.decode()

    @pytest.mark.parametrize("keys", [[], ["x"], ["-1"], ["๑"], ["9" * 40]])
    def test_keys_that_are_none_mark_nothing(self, office, keys):
        before = AuditEvent.objects.count()
        assert browser_of(office).post(URL, {"grant": keys}).status_code == 302
        assert AuditEvent.objects.count() == before

    def test_a_refusal_keeps_what_was_ticked(self, office, colleague):
        chosen = [colleague.memberships.get().pk, office.memberships.first().pk]
        response = browser_of(office).post(URL, {"grant": chosen})
        assert response.status_code == 409 and response.content.decode().count(" checked") == 1
        assert not Membership.objects.filter(reviewed_at__isnull=False).exists()

    def test_an_administrator_can_not_mark(self, admin, colleague):
        response = browser_of(admin).post(URL, {"grant": [colleague.memberships.get().pk]})
        assert response.status_code == 409 and not Membership.objects.filter(reviewed_at__isnull=False).exists()


class TestExport:
    def lines(self, **filters) -> list[list[str]]:
        response = browser_of(person("auditor")).get(reverse("grants_export"), filters)
        assert response.headers["Content-Disposition"].startswith("attachment")
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))

    def test_has_the_lines_of_the_page_and_leaves_an_entry(self, auditor, colleague):
        lines = self.lines(q="colleague")
        assert [line[0] for line in lines[1:]] == ["colleague"] and len(lines[1]) == len(lines[0]) == 13
        entry = AuditEvent.objects.filter(action="grants.exported").last()
        assert (entry.actor_id, entry.after) == (auditor.pk, {"rows": 1, "q": "colleague"})

    @pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "=cmd|'/c calc'!A0"])
    def test_no_cell_is_a_formula(self, colleague, name):
        User.objects.filter(pk=colleague.pk).update(name=name, position=name)
        line = self.lines(q="colleague")[1]
        assert line[1] == line[2] == f"'{name}"
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for cell in line)
