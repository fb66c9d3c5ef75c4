"""Issuing a card: once, whole, and from then on the same bytes."""

import hashlib
import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from evidence.problems import FileMissing, StorageFull
from indicators.models import Agreement
from kpiportal.audit.models import AuditEvent
from reports.issuing import rendering, services
from reports.issuing.problems import Superseded
from reports.issuing.services import issue, storage
from reports.models import IssuedCard
from scoring.engine.text import thai_digits
from scoring.models import Result, Snapshot
from scoring.services import approve, certify, reopen, submit
from tests.cast import browser_of, person
from tests.certified import approved, certified
from tests.constraints import assert_refused
from tests.reports.book.making import texts

pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage")


def download(report: Result, who: str = "auditor", query: str = "", **headers: str):
    return browser_of(person(who)).get(reverse("card_pdf", args=[report.pk]) + query, headers=headers)


def again(report: Result) -> Result:
    """Opened again, and certified a second time."""
    report = reopen(report, reason="again", by=person("office"))
    submit(report, by=person("collector"))
    approve(report, by=person("supervisor"))
    return certify(report, by=person("office"))


def renders(monkeypatch) -> list[bytes]:
    """What is printed from now on."""
    made, whole = [], rendering.print_pdf

    def counted(*args, **kwargs):
        made.append(whole(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(rendering, "print_pdf", counted)
    monkeypatch.setattr("reports.views.print_pdf", counted)
    return made


class TestFirstDownload:
    def test_issues_the_card_with_its_row_bytes_and_entries(self):
        report = certified()
        response = download(report)
        pdf, card = response.getvalue(), IssuedCard.objects.get()
        assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
        assert (card.sha256, card.size) == (hashlib.sha256(pdf).hexdigest(), len(pdf))
        assert (card.issued_by, card.replaces, card.is_signed) == (person("auditor"), None, False)
        with storage().read(card.key) as stored:
            assert stored.read() == pdf
        issued, printed = AuditEvent.objects.about(report).order_by("pk")[::-1][:2][::-1]
        assert (issued.action, printed.action) == ("card.issued", "card.printed")
        assert (issued.actor_name, issued.after["sha256"]) == (person("auditor").name, card.sha256)
        assert f"{card.number}.pdf" in response["Content-Disposition"]

    def test_the_second_one_renders_nothing_and_gives_the_same_bytes_to_everybody(self, monkeypatch):
        report = certified()
        first = download(report).getvalue()
        made = renders(monkeypatch)
        english = browser_of(person("collector"))
        english.cookies["django_language"] = "en"
        second = english.get(reverse("card_pdf", args=[report.pk]))
        assert (second.getvalue(), made, IssuedCard.objects.count()) == (first, [], 1)
        page = english.get(reverse("card", args=[report.pk])).content.decode()
        assert reverse("verify_code", args=[IssuedCard.objects.get().code]) in page
        assert "card-issued" not in page  # the block with the QR code belongs to the paper

    def test_a_draft_is_never_stored(self):
        report = approved()
        assert download(report).getvalue().startswith(b"%PDF")
        certify(report, by=person("office"))
        reopen(report, reason="again", by=person("office"))
        assert download(report).getvalue().startswith(b"%PDF")
        assert not IssuedCard.objects.exists() and list(storage().entries()) == []

    def test_who_may_not_see_the_result_gets_nothing(self):
        report = certified()
        issue(report.snapshots.get(), by=person("office"))
        assert download(report, "stranger").status_code == 404
        assert download(report, "stranger", range="bytes=100-").status_code == 404

    def test_codes_are_twenty_letters_that_nobody_can_guess(self):
        codes = {services.new_code() for _ in range(2000)}
        assert len(codes) == 2000 and {len(code) for code in codes} == {20}
        assert set("".join(codes)) == set("abcdefghijklmnopqrstuvwxyz234567")


class TestReplacing:
    def test_a_superseded_card_stays_and_the_next_one_names_it(self):
        report = certified()
        first = download(report).getvalue()
        report = again(report)
        second = download(report).getvalue()
        old, new = IssuedCard.objects.all()
        assert new.replaces == old and first != second
        assert download(report, query="?sealed=1").getvalue() == first
        assert download(report, query="?sealed=2").getvalue() == second

    def test_what_was_superseded_before_it_was_issued_is_not_issued(self):
        report = again(certified())
        old = report.snapshots.get(number=1)
        with pytest.raises(Superseded):
            issue(old, by=person("office"))
        assert download(report, query="?sealed=1").getvalue().startswith(b"%PDF")
        assert not IssuedCard.objects.exists() and list(storage().entries()) == []

    def test_opened_again_while_it_was_rendered_leaves_no_byte(self, monkeypatch):
        report, whole = certified(), services.render
        snapshot = report.snapshots.get()

        def slow(*args):
            pdf = whole(*args)
            reopen(report, reason="again", by=person("office"))
            return pdf

        monkeypatch.setattr(services, "render", slow)
        with pytest.raises(Superseded):
            issue(snapshot, by=person("office"))
        assert not IssuedCard.objects.exists() and list(storage().entries()) == []

    def test_who_comes_second_gets_the_first_ones_card(self, monkeypatch):
        """Both rendered; one row and one file are left."""
        report, whole = certified(), services.render
        snapshot = report.snapshots.get()
        cards = []

        def overtaken(*args):
            monkeypatch.setattr(services, "render", whole)
            cards.append(issue(snapshot, by=person("auditor")))
            return whole(*args)

        monkeypatch.setattr(services, "render", overtaken)
        cards.append(issue(snapshot, by=person("office")))
        assert cards[0] == cards[1] == IssuedCard.objects.get() and cards[1].issued_by == person("auditor")
        assert [entry.key for entry in storage().entries()] == [cards[0].key]
        assert AuditEvent.objects.filter(action="card.issued").count() == 1


class TestWhatGoesWrong:
    def test_no_room_leaves_no_row_and_a_sentence(self, monkeypatch):
        def full(*args, **kwargs):
            raise StorageFull

        monkeypatch.setattr("evidence.storage.disk._write", full)
        report = certified()
        response = download(report)
        assert response.status_code == 503 and "ผู้ดูแลระบบ" in response.content.decode()
        assert not IssuedCard.objects.exists() and list(storage().entries()) == []

    def test_a_lost_file_is_said_and_not_made_anew(self):
        report = certified()
        card = issue(report.snapshots.get(), by=person("office"))
        storage().discard(card.key)
        with pytest.raises(FileMissing):
            storage().read(card.key)
        assert download(report).status_code == 503

    @pytest.mark.parametrize("change", [
        lambda cards: cards.update(sha256="0" * 64),
        lambda cards: cards.update(code="a"),
        lambda cards: cards._raw_delete(cards.db),
    ])
    def test_the_database_refuses_to_change_or_delete_one(self, change):
        row(certified().snapshots.get())
        with pytest.raises(IntegrityError), transaction.atomic():
            change(IssuedCard.objects.all())

    def test_no_two_are_alike(self):
        first, second = again(certified()).snapshots.all()
        card = row(first)
        row(second, number="2", code="2", sha256="2", replaces=card)
        third = {"number": "3", "code": "3", "sha256": "3", "replaces": None}
        for same in ("number", "code", "sha256"):
            assert_refused(lambda same=same: row(first, **third | {same: getattr(card, same)}))
        assert_refused(lambda: row(first, **third))
        assert_refused(lambda: row(first, **third | {"replaces": card}))


def row(snapshot: Snapshot, **given: object) -> IssuedCard:
    """A card without its file."""
    fields = {"number": "1", "code": "1", "sha256": "1", "size": 1, "is_signed": False, "issued_at": timezone.now()}
    return IssuedCard.objects.create(snapshot=snapshot, issued_by=person("office"), **fields | given)


class TestAsAFile:
    @pytest.fixture
    def report(self, monkeypatch) -> Result:
        """With something short in place of the PDF: a file is a file."""
        monkeypatch.setattr(services, "render", lambda *args: bytes(range(256)) * 9)
        report = certified()
        issue(report.snapshots.get(), by=person("office"))
        return report

    def test_its_hash_is_its_etag(self, report):
        card = IssuedCard.objects.get()
        response = download(report)
        assert response["ETag"] == f'"{card.sha256}"' and response["Content-Length"] == str(card.size)
        before = AuditEvent.objects.count()
        known = download(report, if_none_match=response["ETag"])
        assert (known.status_code, known.getvalue()) == (304, b"")
        assert AuditEvent.objects.count() == before

    @pytest.mark.parametrize(("asked", "part"), [
        ("bytes=0-99", slice(0, 100)), ("bytes=100-", slice(100, None)), ("bytes=-50", slice(-50, None)),
        ("bytes=10-99999999", slice(10, None)),
    ])
    def test_a_part_can_be_fetched(self, report, asked, part):
        whole = download(report).getvalue()
        response = download(report, range=asked)
        assert (response.status_code, response.getvalue()) == (206, whole[part])
        first = range(len(whole))[part]
        assert response["Content-Range"] == f"bytes {first[0]}-{first[-1]}/{len(whole)}"
        assert response["Content-Length"] == str(len(first))

    @pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=a-b"])
    def test_what_is_no_part_gets_the_whole(self, report, asked):
        response = download(report, range=asked)
        assert response.status_code == 200 and len(response.getvalue()) == IssuedCard.objects.get().size

    @pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
    def test_a_part_behind_the_end_is_refused(self, report, asked):
        response = download(report, range=asked)
        assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{IssuedCard.objects.get().size}")

    def test_a_part_of_another_version_gets_the_whole(self, report):
        assert download(report, range="bytes=0-9", if_range='"another"').status_code == 200
        etag = f'"{IssuedCard.objects.get().sha256}"'
        assert download(report, range="bytes=0-9", if_range=etag).status_code == 206

    def test_the_same_person_within_the_hour_is_one_entry_and_others_are_their_own(self, report, monkeypatch):
        before, path = AuditEvent.objects.count(), reverse("card_pdf", args=[report.pk])
        auditor, office = browser_of(person("auditor")), browser_of(person("office"))
        for visitor in (auditor, auditor, office, auditor):
            assert visitor.get(path).status_code == 200
        assert AuditEvent.objects.count() == before + 2
        number = IssuedCard.objects.get().number
        assert [entry.after["card"] for entry in AuditEvent.objects.order_by("-pk")[:2]] == [number, number]
        monkeypatch.setattr("reports.taking.SAME_DOWNLOAD", 0)
        assert auditor.get(path).status_code == 200
        assert AuditEvent.objects.count() == before + 3

    def test_the_rest_of_a_broken_download_is_no_second_entry(self, report):
        before = AuditEvent.objects.count()
        download(report, range="bytes=100-")
        assert AuditEvent.objects.count() == before
        download(report, range="bytes=0-99")
        assert AuditEvent.objects.count() == before + 1


class TestCopies:
    def test_in_english_it_says_that_it_is_a_copy_and_is_not_kept(self):
        report = certified()
        card = issue(report.snapshots.get(), by=person("office"))
        english = browser_of(person("auditor"))
        english.cookies["django_language"] = "en"
        page = english.get(reverse("card", args=[report.pk])).content.decode()
        assert f"{reverse('card_pdf', args=[report.pk])}?copy=1" in page
        copied = english.get(reverse("card_pdf", args=[report.pk]), {"copy": "1"})
        assert copied.content.startswith(b"%PDF") and len(list(storage().entries())) == 1
        assert card.number in page and reverse("verify_code", args=[card.code]) in page


    def test_names_the_issued_card_in_the_digits_of_the_paper(self):
        report = approved()
        Agreement.objects.filter(pk=report.indicator.agreement_id).update(digits="thai")
        report = certify(Result.objects.get(pk=report.pk), by=person("office"))
        number = issue(report.snapshots.get(), by=person("office")).number
        copied = browser_of(person("auditor")).get(reverse("card_pdf", args=[report.pk]), {"copy": "1"})
        text = texts(copied.content)[0]
        assert thai_digits(number) in text and number not in text


def test_data_inside_are_the_certified_ones():
    snapshot = certified().snapshots.get()
    card = rendering.Issue("1", "a" * 20, snapshot.sealed_at, "", "https://kpi.example.go.th")
    data, evidence, record = rendering.attachments(snapshot, card)
    assert hashlib.sha256(data.text.encode()).hexdigest() == snapshot.sha256
    assert json.loads(record.text)["data_sha256"] == snapshot.sha256
    listed = json.loads(evidence.text)
    assert [one["number"] for one in listed] == list(range(1, len(listed) + 1))
