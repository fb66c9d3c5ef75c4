"""What a card is worth, for anybody: certified, superseded or unknown; nobody's name, nothing kept, not too often."""

import tempfile
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kpiportal.accounts.models import User
from kpiportal.audit.models import AuditEvent
from reports.issuing import services
from reports.issuing.hashing import MOST_BYTES
from reports.issuing.services import issue, storage
from reports.models import IssuedCard
from scoring.services import reopen
from tests.cast import person
from tests.certified import certified
from tests.reports.issuing.cards import certified_moi
from tests.reports.issuing.test_issuing import again

pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage", "short_cards")
SHORT = b"%PDF-1.7 a card"


@pytest.fixture
def short_cards(monkeypatch) -> None:
    """With a few bytes in place of the PDF: here a file is its hash."""
    cache.clear()
    monkeypatch.setattr(services, "render", lambda snapshot, made: SHORT + made.code.encode())


@pytest.fixture
def card() -> IssuedCard:
    return issue(certified_moi(), by=person("office"))


def page(code: str, **headers: str) -> str:
    response = Client().get(reverse("verify_code", args=[code]), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def upload(content: bytes, **more: object):
    given = {"check": "file", "card": SimpleUploadedFile("card.pdf", content)} | more
    return Client().post(reverse("verify"), given)


class TestByCode:
    def test_a_card_in_force_with_what_it_certified(self, card):
        text = page(card.code)
        for fact in (card.number, "กระทรวงมหาดไทย", "การพัฒนาประสิทธิภาพระบบสารสนเทศภาครัฐ", "3.1000", "2559",
                     card.sha256, card.snapshot.sha256):
            assert fact in text
        assert "notice-error" not in text

    def test_names_no_person(self, card):
        text = page(card.code)
        people = User.objects.exclude(name="")
        named = [value for one in people for value in (one.name, one.position, one.phone, one.username) if value]
        assert len(named) > 20
        assert [value for value in named if value in text and value not in ("moi", "office")] == []

    def test_a_superseded_one_says_since_when_and_by_which_it_was_replaced(self):
        report = certified()
        first = issue(report.snapshots.get(), by=person("office"))
        second = issue(again(report).snapshots.last(), by=person("office"))
        text = page(first.code)
        assert "notice-error" in text and second.number in text
        assert "notice-error" not in page(second.code)
        report.refresh_from_db()
        reopen(report, reason="again", by=person("office"))
        assert "notice-error" in page(second.code)

    @pytest.mark.parametrize("code", ["nosuchcode", "a" * 20, "a" * 300, "-"])
    def test_an_unknown_one_says_so(self, code):
        text = page(code)
        assert "notice-error" in text and 'name="card"' in text

    def test_as_it_is_read_from_paper(self, card):
        spaced = " ".join((card.code[:5], card.code[5:10].upper(), card.code[10:15] + "-" + card.code[15:]))
        response = Client().get(reverse("verify"), {"code": spaced})
        assert response.url == reverse("verify_code", args=[card.code])
        assert card.number in page(card.code.upper())

    @pytest.mark.parametrize("code", ["", "../..", "ก" * 20, "%00"])
    def test_what_is_no_code_shows_the_form(self, code):
        assert Client().get(reverse("verify"), {"code": code}).status_code == 200


class TestByFile:
    def test_the_card_itself_byte_for_byte(self, card):
        with storage().read(card.key) as stored:
            text = upload(stored.read()).content.decode()
        assert card.number in text and "notice-done" in text

    @pytest.mark.parametrize("change", [
        lambda pdf: pdf + b"\n", lambda pdf: pdf[:-1], lambda pdf: pdf[:4] + b"f" + pdf[5:], lambda pdf: b"",
    ])
    def test_one_changed_byte_is_unknown(self, card, change):
        with storage().read(card.key) as stored:
            response = upload(change(stored.read()))
        assert response.status_code == 200 and card.number not in response.content.decode()
        assert "notice-error" in response.content.decode()

    def test_nothing_of_it_is_kept(self, card, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
        before = [entry.key for entry in storage().entries()], AuditEvent.objects.count()
        assert upload(b"x" * (MOST_BYTES - 1)).status_code == 200
        assert ([entry.key for entry in storage().entries()], AuditEvent.objects.count()) == before
        assert not Path(tmp_path / "none").exists()

    def test_what_is_too_large_is_not_even_read(self):
        response = Client().post(
            reverse("verify"), b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(MOST_BYTES * 2)
        )
        assert response.status_code == 413 and "20 MB" in response.content.decode()

    def test_without_a_file_it_says_what_to_do(self):
        response = Client().post(reverse("verify"), {"check": "file"})
        assert response.status_code == 200 and 'id="card-error"' in response.content.decode()

    def test_of_several_files_none_is_taken(self, card):
        with storage().read(card.key) as stored:
            pdf = stored.read()
        files = [SimpleUploadedFile("1.pdf", b"another"), SimpleUploadedFile("2.pdf", pdf)]
        assert card.number not in upload(pdf, card=files).content.decode()

    def test_without_its_token_it_is_refused(self, card):
        given = {"card": SimpleUploadedFile("card.pdf", b"x")}
        assert Client(enforce_csrf_checks=True).post(reverse("verify"), given).status_code == 403

    def test_with_its_token_it_is_taken(self, card):
        visitor = Client(enforce_csrf_checks=True)
        visitor.get(reverse("verify"))
        given = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value, "check": "file"}
        with storage().read(card.key) as stored:
            given["card"] = SimpleUploadedFile("card.pdf", stored.read())
        assert card.number in visitor.post(reverse("verify"), given).content.decode()


class TestNotTooOften:
    def test_codes_can_not_be_tried_one_after_the_other(self, card):
        visitor = Client()
        answers = [visitor.get(reverse("verify_code", args=[f"code{n}"])).status_code for n in range(61)]
        assert answers == [200] * 60 + [429]
        assert visitor.get(reverse("verify_code", args=[card.code])).status_code == 429
        assert visitor.post(reverse("verify"), {"check": "file"}).status_code == 429
        assert Client(REMOTE_ADDR="10.1.2.3").get(reverse("verify_code", args=[card.code])).status_code == 200
