"""The navigation: what each person finds in it leads somewhere, and costs nothing more than their rights."""
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpiportal.accounts.roles import IN_WORDS, PERMISSIONS, Role
from kpiportal.accounts.services import grant
from kpiportal.ways import WAYS, ways_of
from tests.cast import PEOPLE, browser_of, person

ROW = re.compile(r'<nav class="page ways".*?</nav>', re.DOTALL)
LINK = re.compile(r'<a href="([^"]+)"( aria-current="page")?>')


def row(page) -> list[tuple[str, str]]:
    return LINK.findall(ROW.search(page.content.decode())[0])


@pytest.mark.usefixtures("seeds", "db")
class TestRow:
    @pytest.mark.parametrize("who", [*PEOPLE, "stranger", "former"])
    def test_every_link_opens_and_marks_where_one_is(self, who, moi_result):
        visitor = browser_of(person(who))
        links = row(visitor.get("/"))
        assert links[0] == ("/", ' aria-current="page"') and "/roles/" in dict(links)
        for address, _ in links:
            page = visitor.get(address)
            assert page.status_code == 200
            assert [link for link, here in row(page) if here] == [address]

    @pytest.mark.parametrize(("who", "people", "grants"), [
        ("admin", True, True), ("office", False, True), ("auditor", False, True), ("collector", False, False)
    ])
    def test_leads_only_where_one_may_go(self, who, people, grants):
        links = dict(row(browser_of(person(who)).get("/")))
        assert (reverse("people") in links, reverse("grants") in links) == (people, grants)

    def test_a_right_that_comes_or_goes_changes_it_at_the_next_request(self, stranger, admin):
        visitor = browser_of(stranger)
        assert "/people/" not in dict(row(visitor.get("/")))
        given = grant(user=stranger, unit=stranger.memberships.get().unit, role=Role.ADMIN, by=admin)
        assert "/people/" in dict(row(visitor.get("/")))
        given.delete()
        assert "/people/" not in dict(row(visitor.get("/")))

    def test_stands_on_no_page_before_the_sign_in_but_on_the_one_that_is_not_there(self, client, collector):
        assert not ROW.search(client.get(reverse("account_login")).content.decode())
        assert ROW.search(browser_of(collector).get("/agreements/999999/").content.decode())

    def test_asks_the_database_for_the_rights_in_force_only(self, office):
        with CaptureQueriesContext(connection) as captured:
            ways_of(office, "/")
            ways_of(office, "/roles/")
        assert len(captured) == 1 and "membership" in captured[0]["sql"]


def test_addresses_stand_once():
    assert len({way.name for way in WAYS}) == len(WAYS)


class TestRolesPage:
    def test_every_permission_has_its_words_and_its_role(self):
        given = frozenset().union(*PERMISSIONS.values())
        assert given == set(IN_WORDS)
        assert all(words.allows and words.narrowed for words in IN_WORDS.values())

    def test_says_exactly_what_the_table_says(self, collector):
        table = browser_of(collector).get("/roles/").context["table"]
        for (words, cells), (permission, known) in zip(table, IN_WORDS.items(), strict=True):
            assert words == known
            assert dict(zip(Role, cells, strict=True)) == {role: permission in PERMISSIONS[role] for role in Role}

    def test_says_what_the_reader_may_do_where_and_what_they_are_assigned_to(self, collector):
        page = browser_of(collector).get("/roles/")
        [(right, counts, allows)] = page.context["mine"]
        assert (right.unit.code, counts) == ("moi", True)
        assert {words.allows for words in allows} == {IN_WORDS[each].allows for each in PERMISSIONS[Role.COLLECTOR]}
        assert [(r["role"], r["round__months"], r["year"], r["indicators"]) for r in page.context["assigned"]] == [
            ("collector", 12, 2559, 1), ("collector", 6, 2559, 1)
        ]

    def test_a_right_that_has_ended_is_said_to(self, former):
        [(_, counts, _)] = browser_of(former).get("/roles/").context["mine"]
        assert not counts
