"""Fetching a file: resumed where it broke off, told once, kept a week, begun anew when its worker died."""

import datetime
import io
import re
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from evidence.problems import StorageDown
from evidence.streaming import SAFE_IN_NAME
from kpiportal.audit.models import AuditEvent
from reports.bundles.services import making, sweep_bundles
from reports.bundles.services.making import storage, workshop
from reports.bundles.services.sweeping import MOST_LOST
from reports.issuing.services import issue
from reports.issuing.services import storage as cards
from reports.models import Bundle
from scoring.engine.text import date_text
from tests.cast import browser_of, person
from tests.constraints import assert_refused, constraints_of
from tests.reports.library.shelf import ask, fetched, made
from tests.scoring.clock import Clock
from tests.scoring.test_reminder_delivery import work


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


class TestDownload:
    def test_has_its_name_type_size_and_hash(self, shelf):
        bundle = made("auditor-ega")
        response = fetched("auditor-ega", bundle)
        assert (response["Content-Type"], response["ETag"]) == ("application/zip", f'"{bundle.sha256}"')
        assert response["Content-Length"] == str(bundle.size) and response["Accept-Ranges"] == "bytes"
        there = response["Content-Disposition"]
        assert there.startswith("attachment; filename=\"") and there.endswith(quote(bundle.name, safe=SAFE_IN_NAME))

    def test_is_resumed_where_it_broke_off(self, shelf):
        bundle = made("auditor-ega")
        whole = fetched("auditor-ega", bundle).getvalue()
        first = fetched("auditor-ega", bundle, range="bytes=0-99")
        rest = fetched("auditor-ega", bundle, range="bytes=100-", if_range=f'"{bundle.sha256}"')
        assert (first.status_code, rest.status_code) == (206, 206)
        assert first.getvalue() + rest.getvalue() == whole
        assert rest["Content-Range"] == f"bytes 100-{bundle.size - 1}/{bundle.size}"
        last = fetched("auditor-ega", bundle, range="bytes=-7")
        assert last.getvalue() == whole[-7:]
        other = fetched("auditor-ega", bundle, range="bytes=100-", if_range='"another"')
        assert other.status_code == 200 and other.getvalue() == whole
        beyond = fetched("auditor-ega", bundle, range=f"bytes={bundle.size}-")
        assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{bundle.size}")

    def test_leaves_one_entry_an_hour_and_sign_in_for_each_unit(self, shelf):
        bundle = made("auditor")
        browser, path = browser_of(person("auditor")), reverse("bundle_file", args=[bundle.pk])
        for part in ("bytes=0-9", "bytes=10-", "bytes=0-"):
            browser.get(path, headers={"range": part}).getvalue()
        entries = AuditEvent.objects.filter(action="bundle.downloaded")
        told = {entry.unit_id: len(entry.after["cards"]) for entry in entries.all()}
        assert told == {shelf.a.result.unit_id: 2, shelf.c.result.unit_id: 1} and entries.count() == 2
        browser_of(person("auditor")).get(path, headers={"range": "bytes=5-"}).getvalue()
        assert entries.count() == 2
        browser_of(person("auditor")).get(path).getvalue()
        assert entries.count() == 4

    def test_a_file_that_isnt_there_is_told(self, shelf):
        bundle = made("auditor-ega")
        storage().discard(bundle.key)
        assert fetched("auditor-ega", bundle).status_code == 503

    def test_only_what_is_ready_is_given(self, shelf):
        ask("auditor-ega")
        assert fetched("auditor-ega", Bundle.objects.get()).status_code == 404


    def test_goes_on_while_its_time_ends(self, shelf, clock):
        bundle = made("auditor-ega")
        whole, begun = fetched("auditor-ega", bundle).getvalue(), iter(fetched("auditor-ega", bundle))
        first = next(begun)
        clock.later(days=8)
        sweep_bundles()
        assert list(storage().entries()) == [] and first + b"".join(begun) == whole

    @pytest.mark.parametrize("parts", ["bytes=100-", "bytes=0-9,20-29", "bytes=-7"])
    def test_of_what_was_made_anew_is_never_a_part_of_the_old_one(self, shelf, clock, parts):
        old = made("auditor-ega")
        clock.later(days=8)
        browser_of(person("auditor-ega")).post(reverse("bundle_again", args=[old.pk]))
        work()
        new = Bundle.objects.get()
        whole = fetched("auditor-ega", new, range=parts, if_range=f'"{old.sha256}"')
        assert new.pk == old.pk and new.sha256 != old.sha256 and whole.status_code == 200
        assert len(whole.getvalue()) == new.size and whole["ETag"] == f'"{new.sha256}"'
        assert fetched("auditor-ega", new, if_none_match=f'"{old.sha256}"').status_code == 200


class TestPage:
    def test_asks_before_a_file_or_what_is_made_of_it_is_let_go(self, shelf):
        ask("auditor")
        browser, pk = browser_of(person("auditor")), Bundle.objects.get().pk
        for name, state in (("cancel", "waiting"), ("remove", "ready")):
            assert Bundle.objects.get().state == state
            page = browser.get(reverse("bundles")).content.decode()
            [inside] = re.findall(rf'<details [^>]*id="{name}-{pk}"[^>]*>(.*?)</details>', page, re.DOTALL)
            form = f'<form method="post" action="{reverse(f"bundle_{name}", args=[pk])}">'
            assert "<details open" not in page and page.count(form) == inside.count(form) == 1
            work()

    def test_asked_again_for_what_is_there_it_leads_there(self, shelf, monkeypatch):
        bundle = made("auditor-ega")
        browser = browser_of(person("auditor-ega"))
        for name in ("MOST_UNDER_WAY", "MOST_KEPT"):
            monkeypatch.setattr(f"reports.bundles.services.asking.{name}", 0)
        page = browser.post(reverse("bundle_again", args=[bundle.pk]), follow=True)
        [notice] = re.findall(r'<p class="notice[^>]*>(.*?)</p>', page.content.decode(), re.DOTALL)
        assert page.status_code == 200 and f'<a href="{reverse("bundle_file", args=[bundle.pk])}">' in notice
        Bundle.objects.update(state="working", key=None, size=None, sha256="", ready_at=None)
        page = browser.post(reverse("bundle_again", args=[bundle.pk]), follow=True)
        assert page.status_code == 200 and len(page.context["messages"]) == 1
        assert Bundle.objects.get().attempt == bundle.attempt

    def test_asks_again_by_itself_while_a_file_is_made(self, shelf):
        browser = browser_of(person("auditor"))
        ask("auditor")
        assert 'hx-trigger="every 2s"' in browser.get(reverse("bundles")).content.decode()
        Bundle.objects.update(state="working", done=1, total=4)
        page = browser.get(reverse("bundles")).content.decode()
        assert '<progress max="4" value="1">' in page and "25 %" in page
        Bundle.objects.update(state="waiting")
        work()
        page = browser.get(reverse("bundles")).content.decode()
        assert "hx-trigger" not in page and reverse("bundle_file", args=[Bundle.objects.get().pk]) in page

    def test_shows_nobody_elses(self, shelf):
        bundle = made("auditor")
        assert browser_of(person("office")).get(reverse("bundles")).context["bundles"] == []
        for name in ("bundle_cancel", "bundle_again", "bundle_remove"):
            assert browser_of(person("office")).post(reverse(name, args=[bundle.pk])).status_code == 404
        assert Bundle.objects.get().state == "ready"


class TestSweep:
    def test_after_a_week_the_file_goes_and_a_month_later_its_row(self, shelf, clock):
        bundle = made("auditor-ega")
        clock.later(days=6, hours=23)
        assert sweep_bundles().removed == 0 and fetched("auditor-ega", bundle).status_code == 200
        clock.later(hours=2)
        assert fetched("auditor-ega", bundle).status_code == 410
        call_command("tick", verbosity=0)
        assert Bundle.objects.get().state == "expired" and list(storage().entries()) == []
        expired = AuditEvent.objects.get(action="bundle.expired")
        assert expired.actor_id is None and expired.before["sha256"] == bundle.sha256
        clock.later(days=29)
        assert sweep_bundles().removed == 0
        clock.later(days=1)
        assert sweep_bundles().removed == 1 and not Bundle.objects.exists()
        assert AuditEvent.objects.filter(action="bundle.forgotten").count() == 1

    @pytest.mark.parametrize("swept", [True, False])
    def test_its_address_says_until_when_it_was_kept_and_has_it_made_again(self, shelf, clock, swept):
        bundle = made("auditor-ega")
        clock.later(days=8)
        if swept:
            sweep_bundles()
        over = fetched("auditor-ega", bundle)
        again = reverse("bundle_again", args=[bundle.pk])
        text = over.content.decode()
        until = date_text(timezone.localdate(bundle.expires_at), "th")
        assert over.status_code == 410 and until in text and f'action="{again}"' in text
        assert fetched("auditor", bundle).status_code == 404 == browser_of(person("auditor")).post(again).status_code
        assert browser_of(person("auditor-ega")).post(again).status_code == 302
        work()
        fresh = fetched("auditor-ega", bundle)
        assert fresh.status_code == 200 and len(fresh.getvalue()) == Bundle.objects.get().size
        assert [entry.key for entry in storage().entries()] == [Bundle.objects.get().key]

    def test_what_expired_stays_closed_to_who_lost_the_right(self, shelf, clock):
        bundle = made("auditor-ega")
        clock.later(days=8)
        person("auditor-ega").memberships.all().delete()
        refused = browser_of(person("auditor-ega")).post(reverse("bundle_again", args=[bundle.pk]))
        assert refused.status_code == 409 and Bundle.objects.get().state == "ready"

    def test_what_is_removed_nobody_can_write_to_any_more(self, shelf, monkeypatch):
        """Its row was removed while a worker writes: the sweep finds the folder, and the worker writes on."""
        folder, gone = workshop() / "7-0", []
        folder.mkdir(parents=True)
        removing = making.shutil.rmtree

        def meanwhile(path, *args, **kwargs):
            with pytest.raises(FileNotFoundError):
                (folder / "late.pdf").write_bytes(b"%PDF")
            gone.append(path)
            removing(path, *args, **kwargs)

        monkeypatch.setattr(making.shutil, "rmtree", meanwhile)
        sweep_bundles()
        assert len(gone) == 1 and list(workshop().iterdir()) == []

    def test_a_worker_whose_folder_was_removed_ends_quietly(self, shelf, monkeypatch):
        whole = making.KINDS["zip"]

        def overtaken(asked, user, folder, tell):
            Bundle.objects.all().delete()
            sweep_bundles()
            return whole.write(asked, user, folder, tell)

        monkeypatch.setitem(making.KINDS, "zip", whole._replace(write=overtaken))
        assert ask("auditor-ega").status_code == 302
        work()
        assert list(workshop().iterdir()) == list(storage().entries()) == []
        assert DBTaskResult.objects.get().status == "SUCCESSFUL"

    def test_a_person_may_remove_it_before(self, shelf):
        bundle = made("auditor-ega")
        browser_of(person("auditor-ega")).post(reverse("bundle_remove", args=[bundle.pk]))
        assert not Bundle.objects.exists() and list(storage().entries()) == []

    def test_a_killed_workers_file_is_begun_anew_and_given_up_in_the_end(self, shelf, clock):
        ask("auditor-ega")
        for lost in range(1, MOST_LOST + 1):
            bundle = making._begun(Bundle.objects.get().pk, Bundle.objects.get().attempt)
            (workshop() / f"{bundle.pk}-{bundle.attempt}").mkdir(parents=True)
            assert sweep_bundles().again == 0
            clock.later(minutes=11)
            swept = sweep_bundles()
            assert (swept.again, swept.given_up) == ((1, 0) if lost < MOST_LOST else (0, 1))
            assert list(workshop().iterdir()) == []
        bundle = Bundle.objects.get()
        assert (bundle.state, bundle.lost) == ("failed", MOST_LOST) and "broke off" in bundle.problem_en
        browser_of(person("auditor-ega")).post(reverse("bundle_again", args=[bundle.pk]))
        work()
        assert Bundle.objects.get().state == "ready"

    def test_what_only_waited_long_is_never_given_up(self, shelf, clock):
        ask("auditor-ega")
        for _ in range(MOST_LOST + 1):
            clock.later(hours=2)
            assert sweep_bundles() == (1, 0, 0, 0)
        work()
        assert Bundle.objects.get().state == "ready"

    def test_bytes_that_no_row_knows_go_after_an_hour(self, shelf, clock, monkeypatch):
        bundle = made("auditor-ega")
        storage().put("0" * 32, io.BytesIO(b"lost"), limit=10)
        clock.moment = datetime.datetime.now(datetime.UTC)
        assert sweep_bundles().orphans == 0
        clock.later(hours=2)
        assert sweep_bundles().orphans == 1 and [entry.key for entry in storage().entries()] == [bundle.key]

    def test_while_the_storage_is_down_the_rows_stay(self, shelf, clock, monkeypatch):
        made("auditor-ega")
        clock.later(days=8)
        with monkeypatch.context() as broken:
            broken.setattr(type(storage()), "discard", lambda *args: (_ for _ in ()).throw(StorageDown()))
            call_command("tick", verbosity=0)
        assert Bundle.objects.get().state == "ready"
        call_command("tick", verbosity=0)
        assert Bundle.objects.get().state == "expired"


class TestVerifyCards:
    def verified(self, capsys, **options) -> tuple[bool, str]:
        capsys.readouterr()
        try:
            call_command("verify_cards", **options)
        except CommandError as error:
            return False, f"{capsys.readouterr().out}{error}"
        return True, capsys.readouterr().out

    def test_finds_what_was_changed_lost_and_left_behind(self, shelf, capsys, monkeypatch):
        whole = [issue(snapshot, by=person("office")) for snapshot in shelf]
        assert self.verified(capsys) == (True, "3 issued cards and their files agree.\n")
        with cards().read(whole[0].key) as stream:
            pdf = stream.read()
        (cards()._path(whole[0].key)).write_bytes(pdf[:-1] + bytes([pdf[-1] ^ 1]))
        (cards()._path(whole[1].key)).write_bytes(pdf[:-1])
        cards().discard(whole[2].key)
        cards().put("0" * 32, io.BytesIO(b"lost"), limit=10)
        sound, said = self.verified(capsys)
        assert not sound and "3 wrong" in said and "0" * 32 not in said
        assert [f"card {card.number} {what}" in said for card, what in zip(
            whole, ("was issued with another SHA-256", "was issued with", "has no file"), strict=True
        )] == [True] * 3
        later = timezone.now() + datetime.timedelta(hours=2)
        monkeypatch.setattr(timezone, "now", lambda: later)
        assert f"no card knows the file {'0' * 32}" in self.verified(capsys)[1]
        assert "removed: no card knows" in self.verified(capsys, sweep=True)[1]
        assert len(list(cards().entries())) == 2 and "3 wrong" in self.verified(capsys)[1]


def bundle_with(**changes):
    return lambda: Bundle.objects.update(**changes)


NOTHING_MADE = {"key": None, "size": None, "sha256": "", "ready_at": None}
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
CASES = {
    "bundle_kind_known": bundle_with(kind="tar"), "bundle_state_known": bundle_with(state="lost", **NOTHING_MADE),
    "bundle_has_title": bundle_with(title=""), "bundle_expires_later": bundle_with(expires_at=LONG_AGO),
    "bundle_done_of_total": bundle_with(done=9, total=8), "bundle_failed_says_why": bundle_with(problem_th="x"),
    "bundle_ready_whole": bundle_with(key=None),
}


def test_what_the_database_refuses(shelf):
    made("auditor-ega")
    known = constraints_of("reports")
    assert set(CASES) == set(known)
    for name, change in CASES.items():
        assert_refused(change, known[name])
    for half in ({"size": 0}, {"name": ""}, {"sha256": "ab"}, {"ready_at": None}, {"state": "working"}):
        assert_refused(bundle_with(**half))
