"""Who was refused what stands in the trail, bounded; looks at files, printed cards and unknown names too."""
import pytest
from django.test import Client
from django.urls import reverse

from kpiportal.audit.models import AuditEvent
from kpiportal.trail.services import MOST_AN_HOUR
from tests.cast import browser_of, person, result

pytestmark = pytest.mark.usefixtures("seeds", "db")


def refusals(who: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(actor_id=person(who).pk, action__startswith="request.").order_by("pk"))


class TestRefusals:
    def test_says_who_asked_for_what_and_how_it_was_answered(self):
        path = reverse("result", args=[result("moi-2559").pk])
        browser_of(person("collector2")).get(path + "?secret=1", REMOTE_ADDR="203.0.113.5")
        (entry,) = refusals("collector2")
        assert entry.after == {"method": "GET", "route": "result", "path": path, "status": 404}
        assert (entry.address, entry.unit_id) == ("203.0.113.5", person("collector2").memberships.get().unit_id)

    @pytest.mark.parametrize(("who", "method", "name", "status"), [
        ("office", "post", "result_submit", 409), ("auditor", "get", "result_submit", 405),
        ("stranger", "get", "card", 404),
    ])
    def test_of_each_kind(self, who, method, name, status):
        response = getattr(browser_of(person(who)), method)(reverse(name, args=[result("moi-2559").pk]))
        assert response.status_code == status
        assert [entry.after["status"] for entry in refusals(who)] == [status]

    def test_a_forged_form_too(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person("collector"))
        client.post(reverse("result", args=[result("moi-2559").pk]), {"measures": "x"})
        assert [entry.after["status"] for entry in refusals("collector")] == [403]

    def test_not_of_a_slip_nor_of_somebody_without_a_name(self):
        browser_of(person("collector")).get("/nowhere/")
        before = AuditEvent.objects.count()
        Client().get(reverse("result", args=[result("moi-2559").pk]))
        assert refusals("collector") == [] and AuditEvent.objects.count() == before

    def test_nothing_when_all_went_well(self):
        browser_of(person("collector")).get(reverse("result", args=[result("moi-2559").pk]))
        assert refusals("collector") == []

    def test_are_bounded_and_say_once_that_there_was_more(self):
        visitor, path = browser_of(person("stranger")), reverse("result", args=[result("moi-2559").pk])
        for _ in range(MOST_AN_HOUR + 5):
            assert visitor.get(path).status_code == 404
        actions = [entry.action for entry in refusals("stranger")]
        assert actions == ["request.refused"] * MOST_AN_HOUR + ["request.more_refused"]
        browser_of(person("former")).get(path)
        assert len(refusals("former")) == 1


def test_an_unknown_name_leaves_a_keyed_hash_only(client):
    secret = "Pa55word-typed-as-name"
    before = AuditEvent.objects.count()
    for name in (secret, f" {secret.upper()} ", "another"):
        client.post(reverse("account_login"), {"login": name, "password": "wrong-thing"})
    entries = list(AuditEvent.objects.filter(action="user.unknown_sign_in_refused").order_by("pk"))
    assert len(entries) == 3 == AuditEvent.objects.count() - before
    hashes = [entry.after["name_hmac"] for entry in entries]
    assert len(hashes[0]) == 64 and hashes[0] != hashes[2]
    said = " ".join(str(entry.__dict__) for entry in entries).casefold()
    assert secret.casefold() not in said and "wrong-thing" not in said


def test_a_printed_card_leaves_its_entry():
    report = result("moi-2559")
    assert browser_of(person("auditor")).get(reverse("card_pdf", args=[report.pk])).status_code == 200
    entry = AuditEvent.objects.about(report).last()
    assert (entry.action, entry.actor_id, entry.unit_id) == ("card.printed", person("auditor").pk, report.unit_id)


class TestPrivacy:
    def test_names_the_numbers_of_the_settings(self, settings):
        settings.AUDIT_KEEP_DAYS, settings.PRIVACY_CONTACT = 411, "dpo@example.go.th"
        settings.SESSION_COOKIE_AGE = 7 * 3600
        text = browser_of(person("collector")).get(reverse("privacy")).content.decode()
        for part in ("411", "90", "dpo@example.go.th", " 7 "):
            assert part in text

    def test_invents_nobody(self, settings):
        settings.PRIVACY_CONTACT = ""
        page = browser_of(person("collector")).get(reverse("privacy"))
        assert "@" not in page.content.decode().split("<main")[1].split("</main")[0]

    def test_is_linked_from_every_page(self):
        assert f'href="{reverse("privacy")}"' in browser_of(person("admin")).get("/").content.decode()
