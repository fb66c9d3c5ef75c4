"""A right that is taken away is gone at the next request: pages, open sessions, files and cards."""
import pytest
from django.test import Client
from django.urls import reverse

from kpiportal.accounts.models import Membership, User
from kpiportal.accounts.services import deactivate, reactivate, revoke, set_password
from kpiportal.audit.models import AuditEvent
from tests.cast import browser_of, person
from tests.test_access import attached_file

SIGN_IN = "/accounts/login/"


@pytest.fixture
def addresses(moi_result) -> list[str]:
    """A page, the card, its PDF and a file of the ministry's report."""
    version = attached_file(moi_result)
    names = ("result", "card", "card_pdf")
    return [reverse(name, args=[moi_result.pk]) for name in names] + [
        reverse("evidence_file", args=[moi_result.pk, version.pk])
    ]


@pytest.fixture
def signed_in(collector) -> Client:
    return browser_of(collector)


class TestAtTheNextRequest:
    def answers(self, visitor: Client, addresses: list[str]) -> list[int]:
        return [visitor.get(address).status_code for address in addresses]

    def test_of_one_whose_right_was_ended(self, signed_in, addresses, admin):
        assert self.answers(signed_in, addresses[:3]) == [200, 200, 200]
        revoke(Membership.objects.get(user__username="collector"), by=admin)
        assert self.answers(signed_in, addresses) == [404] * 4
        assert signed_in.post(addresses[0], {"measures": "too late"}).status_code == 404
        assert signed_in.get("/").status_code == 200

    def test_of_one_whose_account_was_closed(self, signed_in, addresses, admin):
        assert signed_in.get(addresses[0]).status_code == 200
        deactivate(person("collector"), reason="left", by=admin)
        for address in [*addresses, "/", "/roles/"]:
            response = signed_in.get(address)
            assert response.status_code == 302 and response.url.startswith(SIGN_IN)
        assert signed_in.post(addresses[0], {}, headers={"HX-Request": "true"}).status_code == 401

    def test_of_an_administrator(self, admin, colleague):
        Membership.objects.filter(user=admin).exclude(unit__code="moi").delete()
        visitor = browser_of(admin)
        path = reverse("person", args=[colleague.pk])
        assert visitor.get(path).status_code == 200
        Membership.objects.filter(user=admin).delete()
        assert self.answers(visitor, [path, "/people/", "/people/grants/", "/people/add/"]) == [404] * 4

    def test_opened_again_it_needs_no_new_session_but_gives_nothing_that_has_ended(self, signed_in, addresses, admin):
        deactivate(person("collector"), reason="by mistake", by=admin)
        reactivate(person("collector"), reason="by mistake", by=admin)
        assert browser_of(person("collector")).get(addresses[0]).status_code == 200


class TestAChangedPassword:
    def test_ends_the_other_sessions_and_keeps_ones_own(self, collector):
        set_password(collector, "tamarind-season-41", by=None)
        here, elsewhere = browser_of(person("collector")), browser_of(person("collector"))
        assert elsewhere.get("/").status_code == 200
        new = {"oldpassword": "tamarind-season-41", "password1": "mango-season-2569", "password2": "mango-season-2569"}
        assert here.post(reverse("account_change_password"), new).status_code == 302
        assert here.get("/").status_code == 200
        assert elsewhere.get("/").url.startswith(SIGN_IN)

    def test_by_an_administrators_link_ends_them_too(self, collector, admin):
        visitor = browser_of(collector)
        page = browser_of(admin).post(reverse("first_sign_in", args=[collector.pk]), follow=True).context["link"]
        outside = Client()
        form = outside.get(page, follow=True)
        new = {"password1": "mango-season-2569", "password2": "mango-season-2569"}
        assert outside.post(form.redirect_chain[-1][0], new).status_code == 302
        assert visitor.get("/").url.startswith(SIGN_IN)


def test_signing_out_is_recorded_once(signed_in: Client, collector: User):
    for _ in range(2):
        signed_in.post(reverse("account_logout"))
    entries = AuditEvent.objects.filter(action="user.signed_out")
    assert [(entry.actor_id, entry.target_id, entry.address) for entry in entries] == [
        (collector.pk, str(collector.pk), "127.0.0.1")
    ]
