"""Making one file of many cards: what is in it, who may have it, and what becomes of it when something goes wrong."""

import csv
import hashlib
import io
import subprocess
import zipfile

import pikepdf
import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from openpyxl import load_workbook

from evidence.problems import StorageDown
from kpiportal.audit.models import AuditEvent
from reports.bundles.problems import CLOSED, Cancelled, Paused
from reports.bundles.services import making
from reports.bundles.services.making import KEPT, Teller, make_bundle, storage, workshop
from reports.issuing.services import issue
from reports.issuing.services import storage as cards
from reports.library.joined_pdf import write_pdf
from reports.library.names import file_part, shortened
from reports.library.zipped import plain
from reports.models import Bundle, IssuedCard
from scoring.services import reopen
from tests.cast import browser_of, person
from tests.reports.issuing.cards import signed_moi
from tests.reports.library.shelf import ask, certified, fetched, made, report
from tests.scoring.test_reminder_delivery import work

HOSTILE = '../../etc/passwd\\..\\ =HYPERLINK("http://x") con.\u202egpj.exe:|?*\x07'


def contents(bundle: Bundle) -> bytes:
    with storage().read(bundle.key) as stream:
        return stream.read()


class TestZip:
    def test_holds_the_very_cards_an_index_and_hashes_that_can_be_checked(self, shelf, tmp_path):
        bundle = made("auditor", query="year=2569")
        whole = contents(bundle)
        assert (bundle.state, bundle.size, bundle.sha256) == ("ready", len(whole), hashlib.sha256(whole).hexdigest())
        archive = zipfile.ZipFile(io.BytesIO(whole))
        assert archive.testzip() is None and len(archive.namelist()) == 6
        issued = {card.number: card for card in IssuedCard.objects.all()}
        for name in archive.namelist()[:3]:
            card = issued.pop(name.split("/")[1].split()[0])
            assert hashlib.sha256(archive.read(name)).hexdigest() == card.sha256
            assert archive.getinfo(name).flag_bits & 0x800 and name.endswith(".pdf")
        archive.extractall(tmp_path / "out")
        checked = subprocess.run(
            ["sha256sum", "-c", "SHA256SUMS.txt"], cwd=tmp_path / "out", capture_output=True, check=True, text=True
        )
        assert checked.stdout.count("OK") == 3 and not issued
        text = archive.read("index.csv").decode()
        head, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
        assert text.startswith("\ufeff") and [line[2] for line in lines] == ["c", "a", "b"]
        assert {line[7] for line in lines} == {"4.0000"} and [line[-1] for line in lines] == archive.namelist()[:3]
        assert len(head) == len(lines[0]) and all(line[1] in line[-1] for line in lines)

    def test_what_people_typed_leads_nowhere_and_is_no_formula(self, shelf):
        unit = shelf.c.result.unit
        unit.name = f"=1+1 {HOSTILE}"
        unit.save()
        archive = zipfile.ZipFile(io.BytesIO(contents(made("auditor", query="unit=ega"))))
        [name, *_] = archive.namelist()
        assert name.count("/") == 1 and not set(name) & set('\\:*?"<>|\u202e\x07') and not name.startswith((".", "/"))
        line = list(csv.reader(io.StringIO(archive.read("index.csv").decode())))[1]
        assert line[4] == f"'{unit.name}"

    def test_its_workbook_says_the_same_and_keeps_numbers_of_indicators(self, shelf):
        indicator, unit = shelf.c.result.indicator, shelf.c.result.unit
        indicator.number, unit.name = "1.10", f"=1+1 {HOSTILE}"
        indicator.save(), unit.save()
        certified_anew = reopen(shelf.c.result, reason="again", by=person("office")) and certified("1.10")
        archive = zipfile.ZipFile(io.BytesIO(contents(made("auditor", query="unit=ega&state=certified"))))
        [sheet] = load_workbook(io.BytesIO(archive.read("index.xlsx")))
        [heads, cells] = sheet.rows
        [csv_heads, line] = csv.reader(io.StringIO(archive.read("index.csv").decode().removeprefix("\ufeff")))
        assert [cell.value for cell in heads] == csv_heads and "f" not in {cell.data_type for cell in cells}
        assert (cells[2].value, cells[2].data_type, line[2]) == ("1.10", "s", "1.10")
        assert cells[4].value.startswith("=1+1 ") and cells[4].quotePrefix and line[4].startswith("'=1+1 ")
        assert (cells[7].value, cells[7].number_format, line[7]) == (4, "0.0000", "4.0000")
        assert cells[10].value == line[10] == certified_anew.issued_card.sha256

    def test_what_was_opened_again_before_it_was_issued_is_told_and_left_out(self, shelf):
        assert ask("auditor", query="unit=moi&year=2569").status_code == 302
        reopen(report("a"), reason="again", by=person("office"))
        work()
        archive = zipfile.ZipFile(io.BytesIO(contents(Bundle.objects.get())))
        lines = list(csv.reader(io.StringIO(archive.read("index.csv").decode())))[1:]
        assert [bool(line[-1]) for line in lines] == [False, True] and len(archive.namelist()) == 4
        assert IssuedCard.objects.count() == 1

    def test_nothing_is_given_of_a_card_whose_file_was_changed(self, shelf):
        card = issue(shelf.a, by=person("office"))
        cards().discard(card.key)
        cards().put(card.key, io.BytesIO(b"%PDF another"), limit=100)
        bundle = made("auditor", query="unit=moi")
        assert bundle.state == "failed" and card.number in bundle.problem_en and "verify_cards" in bundle.problem_th
        assert list(storage().entries()) == [] and list(workshop().iterdir()) == []


class TestPdf:
    def test_joins_the_cards_with_bookmarks_title_and_language(self, shelf, tmp_path):
        bundle = made("auditor", "pdf", "year=2569")
        whole = contents(bundle)
        with pikepdf.open(io.BytesIO(whole)) as joined:
            assert len(joined.pages) == 3 and str(joined.Root.Lang) == "th-TH"
            assert joined.Root.ViewerPreferences.DisplayDocTitle and str(joined.docinfo["/Title"])
            with joined.open_outline() as outline:
                marks = [[child.title for child in item.children] for item in outline.root]
            assert [len(group) for group in marks] == [1, 2]
            issued = IssuedCard.objects.order_by("pk").values_list("number", flat=True)
            assert [title.split(" · ")[0] for group in marks for title in group] == list(issued)
            assert [str(note.Subtype) for page in joined.pages for note in page.obj.Annots] == ["/Link"] * 3
            assert joined.check_pdf_syntax() == []

    def test_a_full_disk_fails_the_file_and_ends_no_worker(self, shelf, tmp_path):
        issue(shelf.c, by=person("office"))
        (tmp_path / "1.part").symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space left"):
            write_pdf({"snapshots": [shelf.c.pk], "language": "en"}, person("office"), tmp_path, lambda *_: None)

    def test_of_signed_cards_is_a_sound_file_without_signature_and_attachments(self, shelf, monkeypatch):
        monkeypatch.setattr("reports.issuing.services.render", lambda snapshot, made: signed_moi() + str(made).encode())
        with pikepdf.open(io.BytesIO(contents(made("auditor", "pdf", "unit=moi")))) as joined:
            single = pikepdf.open(io.BytesIO(signed_moi()))
            assert len(joined.pages) == 2 * len(single.pages) and joined.check_pdf_syntax() == []
            assert "/AcroForm" not in joined.Root and not joined.attachments


class TestRights:
    def test_who_lost_the_right_before_it_was_made_gets_nothing(self, shelf):
        assert ask("auditor-ega").status_code == 302
        person("auditor-ega").memberships.all().delete()
        work()
        bundle = Bundle.objects.get()
        assert bundle.state == "failed" and list(storage().entries()) == [] and not IssuedCard.objects.exists()
        assert browser_of(person("auditor-ega")).post(reverse("bundle_again", args=[bundle.pk])).status_code == 409

    def test_nor_while_it_is_written(self, shelf, monkeypatch):
        whole = making.KINDS["zip"]

        def slow(asked, user, folder, tell):
            path = whole.write(asked, user, folder, tell)
            person("auditor-ega").memberships.all().delete()
            return path

        monkeypatch.setitem(making.KINDS, "zip", whole._replace(write=slow))
        assert made("auditor-ega").state == "failed" and list(storage().entries()) == []

    def test_nor_afterwards_and_nobody_else_ever(self, shelf):
        bundle = made("auditor-ega")
        assert fetched("auditor-ega", bundle).getvalue() == contents(bundle)
        assert [fetched(who, bundle).status_code for who in ("auditor", "auditor-moi", "office", "admin")] == [404] * 4
        person("auditor-ega").memberships.all().delete()
        closed = fetched("auditor-ega", bundle)
        assert closed.status_code == 404 and CLOSED.th in closed.content.decode()
        assert fetched("auditor-ega", bundle, range="bytes=0-9").status_code == 404
        signed_out = browser_of(person("auditor")).__class__().get(reverse("bundle_file", args=[bundle.pk]))
        assert signed_out.status_code == 302 and "/accounts/login/" in signed_out.url


class TestGoingOn:
    def test_a_double_click_asks_once(self, shelf):
        browser, posted = browser_of(person("auditor")), {"scope": "found", "kind": "zip", "once": "t"}
        assert [browser.post("/library/ask/", posted).status_code for _ in range(2)] == [302, 302]
        assert Bundle.objects.count() == DBTaskResult.objects.count() == 1
        assert AuditEvent.objects.filter(action="bundle.asked").count() == 2  # one for each of the two agencies

    def test_three_at_a_time(self, shelf):
        assert [ask("auditor").status_code for _ in range(4)] == [302, 302, 302, 409]
        browser_of(person("auditor")).post(reverse("bundle_cancel", args=[Bundle.objects.first().pk]))
        assert ask("auditor").status_code == 302 and ask("auditor-moi").status_code == 302

    def test_so_many_are_kept_that_a_disk_bears_it(self, shelf, monkeypatch):
        monkeypatch.setattr("reports.bundles.services.asking.MOST_KEPT", 1)
        bundle = made("auditor-ega")
        refused = ask("auditor-ega")
        assert refused.status_code == 409 and "'Your files'" in refused.context["refusal"].en
        assert ask("auditor-moi").status_code == 302
        Bundle.objects.filter(pk=bundle.pk).update(asked_at=bundle.asked_at - KEPT, expires_at=bundle.asked_at)
        assert ask("auditor-ega").status_code == 302

    def test_cancelled_before_or_while_it_is_made_leaves_nothing(self, shelf, monkeypatch):
        browser, paths = browser_of(person("auditor")), []
        ask("auditor")
        assert browser.post(reverse("bundle_cancel", args=[Bundle.objects.get().pk])).status_code == 302
        work()
        assert Bundle.objects.get().state == "cancelled" and not IssuedCard.objects.exists()
        copied = "reports.library.zipped.copy_card"

        def cancelling(card, to):
            paths.append(list(workshop().iterdir()))
            browser.post(reverse("bundle_cancel", args=[Bundle.objects.get().pk]))

        monkeypatch.setattr(copied, cancelling)
        monkeypatch.setattr(making.time, "monotonic", lambda ticks=iter(range(0, 10**6, 2)): next(ticks))
        browser.post(reverse("bundle_again", args=[Bundle.objects.get().pk]))
        work()
        bundle = Bundle.objects.get()
        assert (bundle.state, len(paths), len(paths[0])) == ("cancelled", 1, 1)
        assert list(workshop().iterdir()) == list(storage().entries()) == []

    def test_others_get_their_turn_while_cards_are_issued(self, shelf, monkeypatch):
        monkeypatch.setattr(making, "TURN_SECONDS", 0)
        ask("auditor", query="year=2569")
        turns = 0
        while Bundle.objects.get().is_under_way:
            work()
            turns += 1
        assert turns == 4 and Bundle.objects.get().state == "ready" and IssuedCard.objects.count() == 3

    def test_a_storage_that_is_down_is_told_and_it_can_be_tried_again(self, shelf, monkeypatch):
        held = storage()
        with monkeypatch.context() as broken:
            broken.setattr(type(held), "put", lambda *args, **kwargs: (_ for _ in ()).throw(StorageDown()))
            bundle = made("auditor", query="unit=ega")
        assert bundle.state == "failed" and "administrator" in bundle.problem_en
        page = browser_of(person("auditor")).get(reverse("bundles")).content.decode()
        assert bundle.problem_th in page
        browser_of(person("auditor")).post(reverse("bundle_again", args=[bundle.pk]))
        work()
        assert Bundle.objects.get().state == "ready"

    def test_a_worker_that_was_given_up_changes_nothing_any_more(self, shelf):
        ask("auditor")
        bundle = Bundle.objects.get()
        Bundle.objects.update(state="working", attempt=1)
        with pytest.raises(Cancelled):
            Teller(bundle)(1, 2)
        assert make_bundle.func(bundle.pk, 0) == "" and Bundle.objects.get().done == 0
        Bundle.objects.update(attempt=0)
        tell = Teller(bundle, seconds=0)
        tell(1, 3)
        with pytest.raises(Paused):
            tell(2, 3)


class TestNames:
    @pytest.mark.parametrize(("typed", "name"), [
        (HOSTILE, "etc passwd .. =HYPERLINK( http x ) con.gpj.exe"), ("con", "_con"), ("LPT1.pdf", "_LPT1.pdf"),
        ("..", "_"), ("", "_"),
        (" ก\u200bข\n\t ", "กข"), ("a/b\\c", "a b c"), ("e\u0301", "é"),
    ])
    def test_are_plain_parts_of_a_path(self, typed, name):
        assert file_part(typed) == name

    def test_are_cut_between_letters(self):
        assert shortened("ก่" * 40, 20) == "ก่ก่…" and len(file_part("น้ำ" * 200).encode()) <= 150

    @pytest.mark.parametrize("typed", ["=1", "+1", "-1", "@a", "\tx", " =1", "＝1"])
    def test_cells_are_no_formulas(self, typed):
        assert plain(typed) == f"'{typed}" and plain("ก=1") == "ก=1"
