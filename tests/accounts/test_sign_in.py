"""Signing in: sign-up is closed, the first password comes by a link, sign-ins and refusals are recorded."""

import datetime
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from kpiportal.accounts.models import User
from kpiportal.accounts.paging import SIZE
from kpiportal.accounts.services import create_user, deactivate, set_password
from kpiportal.audit.models import AuditEvent
from tests.cast import browser_of, person

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "tamarind-season-41"


@pytest.fixture(autouse=True)
def _no_rate_limits_of_other_tests(db) -> None:
    call_command("createcachetable")
    cache.clear()


@pytest.fixture
def known(collector) -> User:
    """The collector with a password that the test knows."""
    set_password(collector, PASSWORD, by=None)
    return collector


def sign_in(client: Client, username: str, password: str = PASSWORD, headers: dict | None = None, **more):
    data = {"login": username, "password": password, **more}
    return client.post(reverse("account_login"), data, headers=headers)


class TestSignIn:
    def test_leads_home_and_is_recorded_with_its_address(self, client, known):
        response = sign_in(client, "collector")
        assert (response.status_code, response.url) == (302, "/")
        entry = AuditEvent.objects.about(known).last()
        assert (entry.action, entry.actor_id, entry.address) == ("user.signed_in", known.pk, "127.0.0.1")

    def test_leads_to_where_one_wanted_to_go_but_never_elsewhere(self, client, known):
        assert sign_in(client, "collector", next="/agreements/1/").url == "/agreements/1/"
        assert sign_in(Client(), "collector", next="https://evil.example/").url == "/"

    def test_a_wrong_password_is_refused_and_recorded(self, client, known):
        assert sign_in(client, "collector", "wrong").status_code == 200
        assert "_auth_user_id" not in client.session
        entry = AuditEvent.objects.about(known).last()
        assert (entry.action, entry.actor_id) == ("user.sign_in_refused", None)
        assert "wrong" not in str((entry.before, entry.after, entry.reason))

    def test_a_name_in_other_capitals_is_the_same_ones(self, client, known):
        sign_in(client, "COLLECTOR", "wrong")
        assert AuditEvent.objects.about(known).last().action == "user.sign_in_refused"
        assert sign_in(client, "COLLECTOR").url == "/"

    def test_a_closed_account_can_not_sign_in_which_is_recorded(self, client, deactivated):
        set_password(deactivated, PASSWORD, by=None)
        sign_in(client, "deactivated")
        assert "_auth_user_id" not in client.session
        entry = AuditEvent.objects.about(deactivated).last()
        assert (entry.action, entry.actor_id) == ("user.closed_sign_in_refused", None)

    def test_what_is_refused_unread_after_too_many_failures_is_recorded_too(self, client, known):
        for _ in range(6):
            sign_in(client, "collector", "wrong")
        entries = AuditEvent.objects.about(known).filter(action__startswith="user.sign_in")
        assert [entry.action for entry in entries] == [*["user.sign_in_refused"] * 5, "user.sign_in_locked"]

    def test_trying_again_and_again_is_stopped_even_with_the_right_password(self, client, known):
        for _ in range(12):
            sign_in(client, "collector", "wrong")
        sign_in(client, "collector")
        assert "_auth_user_id" not in client.session

    def test_signing_out_needs_a_post(self, client, known):
        client.force_login(known)
        client.get(reverse("account_logout"))
        assert "_auth_user_id" in client.session
        assert client.post(reverse("account_logout")).url == reverse("account_login")
        assert "_auth_user_id" not in client.session


class TestSignUpIsClosed:
    def test_the_page_says_so_and_makes_no_account(self, client, seeds):
        before = User.objects.count()
        form = {
            "username": "intruder",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "email": "i@example.org",
        }
        for response in (client.get(reverse("account_signup")), client.post(reverse("account_signup"), form)):
            assert response.status_code in (200, 302, 403)
            assert 'name="password1"' not in response.content.decode()
        assert User.objects.count() == before


class TestFirstPassword:
    def link(self, username: str) -> str:
        page = browser_of(person("admin")).post(reverse("first_sign_in", args=[person(username).pk]), follow=True)
        return re.search(r"http://testserver(/accounts/password/reset/key/[^\s<]+)", page.content.decode())[1]

    def choose(self, client: Client, link: str, password: str):
        page = client.get(link, follow=True)
        return (
            client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})
            if page.redirect_chain
            else page
        )

    def test_the_administrators_link_sets_it_once(self, client, seeds):
        link = self.link("moi-collector-2")
        assert self.choose(client, link, PASSWORD).status_code == 302
        assert person("moi-collector-2").check_password(PASSWORD)
        entry = AuditEvent.objects.about(person("moi-collector-2")).last()
        assert (entry.action, entry.actor_id) == ("user.password_set_by_link", None)
        assert sign_in(Client(), "moi-collector-2").status_code == 302
        self.choose(Client(), link, "another-password-42")
        assert person("moi-collector-2").check_password(PASSWORD)

    def test_a_double_click_makes_one_link_and_shows_it(self, seeds):
        visitor, path = browser_of(person("admin")), reverse("first_sign_in", args=[person("colleague").pk])
        shown = [visitor.post(path, {"once": "t"}, follow=True).context["link"] for _ in range(2)]
        assert shown[0] == shown[1]
        assert AuditEvent.objects.about(person("colleague")).filter(action="user.first_sign_in_link_made").count() == 1

    def test_it_is_shown_with_the_person_for_whom_it_was_made_to_the_one_who_made_it(self, seeds):
        visitor, path = browser_of(person("admin")), reverse("first_sign_in", args=[person("colleague").pk])
        visitor.post(path)
        assert "/password/reset/key/" in visitor.get(path).content.decode()
        other = person("collector")
        for browser, whose in ((visitor, other), (browser_of(person("admin")), person("colleague"))):
            page = browser.get(reverse("first_sign_in", args=[whose.pk]))
            assert page.status_code == 200 and "/password/reset/key/" not in page.content.decode()

    @pytest.mark.parametrize("weak", ["1234567890", "short-7", "password123", "สมหมาย-ใจดีมาก", "081-234-5678"])
    def test_a_weak_one_is_refused(self, client, seeds, weak):
        User.objects.filter(username="moi-collector-2").update(name="สมหมาย ใจดีมาก", phone="081 234 5678")
        assert self.choose(client, self.link("moi-collector-2"), weak).status_code == 200
        assert not person("moi-collector-2").has_usable_password()

    def test_the_link_ends_after_three_days(self, client, seeds, settings):
        assert settings.PASSWORD_RESET_TIMEOUT == 3 * 24 * 3600
        link = self.link("moi-collector-2")
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            self.choose(client, link, PASSWORD)
        assert not person("moi-collector-2").has_usable_password()

    def test_a_link_made_before_opens_nothing_of_an_account_closed_since(self, client, seeds):
        link = self.link("colleague")
        deactivate(person("colleague"), reason="left", by=person("admin"))
        self.choose(client, link, PASSWORD)
        assert not person("colleague").has_usable_password()

    def test_there_is_none_for_a_closed_account(self, deactivated):
        response = browser_of(person("admin")).post(reverse("first_sign_in", args=[deactivated.pk]))
        assert response.status_code == 404


class TestForgottenPassword:
    def test_a_mail_with_a_link_is_handed_to_the_task_worker(self, client, known):
        response = client.post(reverse("account_reset_password"), {"email": "collector@example.go.th"})
        assert response.url == reverse("account_reset_password_done")
        queued = DBTaskResult.objects.get()
        assert queued.args_kwargs["kwargs"]["to"] == ["collector@example.go.th"]
        assert "/accounts/password/reset/key/" in queued.args_kwargs["kwargs"]["body"]
        assert mail.outbox == []

    def test_tick_forgets_what_the_mail_said_and_ended_sessions(self, client, known):
        now, browser = timezone.now(), browser_of(known)
        for age in (13, 15):
            client.post(reverse("account_reset_password"), {"email": "collector@example.go.th"})
            job = DBTaskResult.objects.filter(finished_at=None)
            job.update(status="SUCCESSFUL", finished_at=now - datetime.timedelta(days=age))
        Session.objects.filter(pk=browser.session.session_key).update(expire_date=now - datetime.timedelta(hours=1))
        kept = browser_of(person("admin")).session.session_key
        call_command("tick", verbosity=0)
        assert DBTaskResult.objects.get().finished_at == now - datetime.timedelta(days=13)
        assert [session.pk for session in Session.objects.all()] == [kept]

    def test_an_unknown_address_gets_the_same_answer(self, client, seeds):
        response = client.post(reverse("account_reset_password"), {"email": "nobody@example.go.th"})
        assert response.url == reverse("account_reset_password_done")

    def test_changing_the_own_password_needs_the_old_one(self, known):
        browser = browser_of(known)
        form = {"oldpassword": "wrong", "password1": "papaya-harvest-77", "password2": "papaya-harvest-77"}
        browser.post(reverse("account_change_password"), form)
        assert person("collector").check_password(PASSWORD)
        browser.post(reverse("account_change_password"), form | {"oldpassword": PASSWORD})
        assert person("collector").check_password("papaya-harvest-77")
        entry = AuditEvent.objects.about(known).last()
        assert (entry.action, entry.actor_id) == ("user.password_set", known.pk)


class TestNoPassword:
    def test_changing_it_leads_to_a_page_that_says_whom_to_ask(self, seeds):
        nobody = person("collector")
        nobody.set_unusable_password()
        nobody.save(update_fields=["password"])
        page = browser_of(nobody).get(reverse("account_change_password"), follow=True)
        assert page.status_code == 200 and page.redirect_chain[-1][0] == reverse("account_set_password")
        assert "administrator" in page.content.decode() or "ผู้ดูแลระบบ" in page.content.decode()

    def test_who_has_one_finds_no_such_page(self, seeds):
        assert browser_of(person("collector")).get(reverse("account_set_password")).status_code == 404


class TestWhereItCameFrom:
    FORGED = {"X-Forwarded-For": "203.0.113.9"}

    def addresses(self, user: User) -> set[str]:
        return set(AuditEvent.objects.about(user).exclude(address="").values_list("address", flat=True))

    def test_a_forged_header_changes_nothing_without_a_proxy(self, client, known):
        sign_in(client, "collector", headers=self.FORGED)
        sign_in(Client(), "collector", "wrong", headers=self.FORGED)
        assert self.addresses(known) == {"127.0.0.1"}

    def test_a_new_header_each_time_does_not_escape_the_lock_out(self, known):
        for number in range(12):
            sign_in(Client(), "collector", "wrong", headers={"X-Forwarded-For": f"203.0.113.{number}"})
        client = Client()
        sign_in(client, "collector", headers={"X-Forwarded-For": "198.51.100.7"})
        assert "_auth_user_id" not in client.session

    def test_behind_a_proxy_the_last_address_counts_which_the_proxy_wrote(self, client, known, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        sign_in(client, "collector", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
        assert self.addresses(known) == {"198.51.100.7"}

    def test_behind_a_proxy_one_visitors_failures_lock_out_no_other(self, known, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        settings.ACCOUNT_RATE_LIMITS = {"login": "5/m/ip"}
        there, elsewhere = Client(), Client()
        for _ in range(6):
            refused = sign_in(there, "nobody", "wrong", headers={"X-Forwarded-For": "203.0.113.9"})
        assert refused.status_code == 429
        assert sign_in(elsewhere, "collector", headers={"X-Forwarded-For": "198.51.100.7"}).url == "/"

    def test_a_connection_without_an_address_still_gets_its_page(self, client, seeds):
        assert client.get(reverse("health"), REMOTE_ADDR="").status_code == 200

    @pytest.mark.parametrize(("behind", "count"), [("1", "1"), ("0", "0"), (None, "0")])
    def test_behind_proxy_is_what_trusts_the_header(self, behind, count, tmp_path):
        environment = {"VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
        environment |= {"BEHIND_PROXY": behind} if behind else {}
        program = "from kpiportal import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
        answer = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == count


class TestPeoplePage:
    def test_stands_in_the_order_of_a_thai_dictionary(self, admin):
        for username, name in (("z1", "แก้ว"), ("z2", "ขวัญ"), ("z3", "กานต์"), ("z4", "เกษม")):
            create_user(username=username, name=name, by=admin)
        users = browser_of(admin).get(reverse("people")).context["users"]
        assert [user.username for user in users if user.username.startswith("z")] == ["z3", "z4", "z1", "z2"]
        assert len(users) > 4

    def test_goes_page_by_page_through_everyone_once(self, admin):
        for number in range(SIZE):
            create_user(username=f"many-{number}", name=f"คนที่ {number}", by=None)
        visitor, query, seen = browser_of(admin), "q=", []
        while query:
            page = visitor.get(f"{reverse('people')}?{query}").context
            assert len(page["users"]) <= SIZE
            seen += [user.pk for user in page["users"]]
            query = page["pages"].after
        assert len(seen) == len(set(seen)) == page["pages"].page.paginator.count > SIZE
        assert visitor.get(reverse("people"), {"page": "99"}).context["pages"].before
        assert visitor.get(reverse("people"), {"page": "x"}).context["pages"].page.number == 1

    def test_lists_everyone_with_their_rights(self, admin):
        page = browser_of(admin).get(reverse("people")).content.decode()
        assert "moi-collector-2" in page and "กระทรวงมหาดไทย" in page


class TestLanguage:
    def test_thai_first_whatever_the_browser_asks_for(self, client, seeds):
        page = client.get(reverse("account_login"), headers={"Accept-Language": "en"})
        assert page.headers["Content-Language"] == "th"
        assert '<html lang="th">' in page.content.decode()

    def test_the_switch_lasts(self, collector):
        browser = browser_of(collector)
        response = browser.post(reverse("set_language"), {"language": "en", "next": "/"})
        assert response.url == "/"
        page = browser.get("/")
        assert page.headers["Content-Language"] == "en" and '<html lang="en">' in page.content.decode()
        browser.post(reverse("set_language"), {"language": "th", "next": "/"})
        assert browser.get("/").headers["Content-Language"] == "th"

    def test_a_language_that_there_is_not_is_thai(self, client, seeds):
        client.cookies["django_language"] = "xx"
        assert client.get(reverse("account_login")).headers["Content-Language"] == "th"


class TestHeaders:
    def test_nothing_from_another_host_and_nothing_kept_by_caches(self, collector):
        headers = browser_of(collector).get("/").headers
        assert headers["Content-Security-Policy"].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'"
        )
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "private, no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]

    def test_no_page_is_shown_in_a_frame_by_browsers_that_know_no_policy(self, client, collector):
        pages = (browser_of(collector).get("/"), client.get(reverse("account_login")), client.get("/nowhere/"))
        assert {page.headers["X-Frame-Options"] for page in pages} == {"DENY"}
