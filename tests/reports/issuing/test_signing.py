"""A signed card: one changed byte, a re-save or an edit of its structure, and it is refused; the commands say so."""

import datetime
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.conf import settings as project
from django.core.management import CommandError, call_command

from reports.issuing.checking import NotGenuine, check
from reports.issuing.problems import NotSigned
from reports.issuing.services import issue, storage
from reports.issuing.signing import own_certificate, sign, trial_certificate
from reports.models import IssuedCard
from scoring.services import reopen
from tests.cast import person
from tests.certified import certified
from tests.reports.issuing.cards import AT, ISSUE, PASSPHRASE, certificate, moi, signed_moi

pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage")
FLIPPED = 500


@pytest.fixture
def with_certificate(settings) -> None:
    settings.CARD_CERTIFICATE, settings.CARD_PASSPHRASE = str(certificate()), PASSPHRASE


@pytest.fixture
def known(with_certificate) -> list:
    return [own_certificate()]


def accepted(pdf: bytes, known: list) -> bool:
    """Whether a file counts as signed."""
    try:
        return check(pdf, known).is_signed
    except NotGenuine:
        return False


def signature_of(pdf: bytes) -> tuple[int, int]:
    """Where the digits of the signature begin and end."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents ")
    return start, pdf.index(b">", start) + 1


class TestChanges:
    def test_as_it_was_signed_it_counts(self, known):
        checked = check(signed_moi(), known)
        assert checked.is_signed and checked.card["number"] == ISSUE.number
        assert not check(moi()[0], known).is_signed

    def test_five_hundred_bytes_one_at_a_time(self, known):
        pdf, wrong = signed_moi(), []
        for number in range(FLIPPED):
            at = number * (len(pdf) - 1) // (FLIPPED - 1)
            changed = bytearray(pdf)
            changed[at] ^= 1 << number % 8
            if accepted(bytes(changed), known):
                wrong.append(at)
        assert wrong == []

    def test_no_digit_of_the_signature_itself_either(self, known):
        pdf, wrong = signed_moi(), []
        start, end = signature_of(pdf)
        for at in [*range(start, end, 150), start, start + 1, end - 2, end - 1]:
            for digit in (b"0", b"f", b" "):
                changed = pdf[:at] + digit + pdf[at + 1:]
                if changed != pdf and accepted(changed, known):
                    wrong.append((at, digit))
        assert wrong == []

    def test_fifty_edits_of_the_structure(self, known):
        found = list(edits())
        assert len(found) >= 50
        wrong = [number for number, edit in enumerate(found) if accepted(edited(edit), known)]
        assert wrong == []

    @pytest.mark.parametrize("change", [
        lambda pdf: pdf + b"\n", lambda pdf: b"\n" + pdf, lambda pdf: pdf[:-1], lambda pdf: pdf + pdf, lambda pdf: b"",
        lambda pdf: pdf.replace(b"/ByteRange [0", b"/ByteRange [1"), lambda pdf: moi()[0] + pdf[len(moi()[0]):][:-9],
        lambda pdf: pdf + b"\n9 0 obj << /ByteRange [0 1 2 3] >> endobj",
    ], ids=range(8))
    def test_nothing_before_it_behind_it_or_missing(self, known, change):
        assert not accepted(change(signed_moi()), known)

    def test_an_update_behind_the_signature(self, known):
        """Whoever appends a second signature or a note with a tool that keeps the first."""
        other = Path(project.VAR_DIR) / "other.p12"
        other.write_bytes(trial_certificate(PASSPHRASE))
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        writer = IncrementalPdfFileWriter(io.BytesIO(signed_moi()))
        writer.root["/Lang"] = writer.root["/Lang"]
        writer.update_root()
        out = io.BytesIO()
        writer.write(out)
        assert out.getvalue().startswith(signed_moi()) and not accepted(out.getvalue(), known)

    def test_another_certificate_of_the_same_name_does_not_count(self, settings, tmp_path, known):
        path = tmp_path / "other.p12"
        path.write_bytes(trial_certificate("x"))
        settings.CARD_CERTIFICATE, settings.CARD_PASSPHRASE = str(path), "x"
        assert not accepted(sign(moi()[0], at=AT), known)


Edit = Callable[[pikepdf.Pdf], object]


def edits() -> Iterator[Edit]:
    """Changes to what a PDF is made of, the first of them none at all: the file is only saved anew."""
    yield lambda pdf: None
    for name in ("/Lang", "/AF", "/Names", "/StructTreeRoot", "/MarkInfo", "/OutputIntents", "/Metadata", "/AcroForm",
                 "/Perms", "/ViewerPreferences"):
        yield lambda pdf, name=name: pdf.Root.__delitem__(name)
    for page in range(8):
        yield lambda pdf, page=page: pdf.pages.__delitem__(page)
        yield lambda pdf, page=page: pdf.pages[page].rotate(90, relative=True)
        yield lambda pdf, page=page: pdf.pages[page].contents_add(b"0 0 9 9 re f")
        yield lambda pdf, page=page: pdf.pages.append(pdf.pages[page])
    for name in ("data.json", "evidence.json", "card.json"):
        yield lambda pdf, name=name: pdf.attachments.__delitem__(name)
        yield lambda pdf, name=name: pdf.attachments.__setitem__(name, b"{}")
    yield lambda pdf: pdf.docinfo.__setitem__("/Title", "another")
    yield lambda pdf: pdf.pages.reverse()
    yield lambda pdf: pdf.add_blank_page()


def edited(edit: Edit) -> bytes:
    with pikepdf.open(io.BytesIO(signed_moi())) as pdf:
        edit(pdf)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


class TestIssuing:
    def test_what_is_stored_is_signed(self, known):
        card = issue(certified().snapshots.get(), by=person("office"))
        with storage().read(card.key) as stored:
            assert card.is_signed and check(stored.read(), known).is_signed

    @pytest.mark.parametrize("wrong", ["passphrase", "file", "ended"])
    def test_without_a_good_certificate_nothing_is_issued(self, settings, with_certificate, tmp_path, wrong):
        if wrong == "passphrase":
            settings.CARD_PASSPHRASE = "another"
        elif wrong == "file":
            settings.CARD_CERTIFICATE = str(tmp_path / "none.p12")
        else:
            with pytest.raises(NotSigned):
                sign(moi()[0], at=AT + datetime.timedelta(days=9999))
            return
        with pytest.raises(NotSigned):
            issue(certified().snapshots.get(), by=person("office"))
        assert not IssuedCard.objects.exists() and list(storage().entries()) == []

    @pytest.mark.parametrize("lacks", ["certificate", "key"])
    def test_a_file_without_certificate_or_key_says_so(self, settings, with_certificate, tmp_path, lacks):
        held, hidden = pkcs12.load_pkcs12(certificate().read_bytes(), PASSPHRASE.encode()), PASSPHRASE.encode()
        key, own = (held.key, None) if lacks == "certificate" else (None, held.cert.certificate)
        half = pkcs12.serialize_key_and_certificates(None, key, own, None, BestAvailableEncryption(hidden))
        (tmp_path / "half.p12").write_bytes(half)
        settings.CARD_CERTIFICATE = str(tmp_path / "half.p12")
        with pytest.raises(NotSigned, match="export both into one file"):
            sign(moi()[0], at=AT)
        with pytest.raises(CommandError, match="export both into one file"):
            verified(signed_moi(), tmp_path, offline=True)


def verified(pdf: bytes, path: Path, **options: object) -> str:
    file, out = path / "card.pdf", io.StringIO()
    file.write_bytes(pdf)
    call_command("verify_card", str(file), stdout=out, **options)
    return out.getvalue()


class TestCommands:
    def test_verify_card_knows_what_was_issued_here(self, tmp_path):
        report = certified()
        card = issue(report.snapshots.get(), by=person("office"))
        with storage().read(card.key) as stored:
            pdf = stored.read()
        assert "in force" in verified(pdf, tmp_path) and card.number in verified(pdf, tmp_path)
        with pytest.raises(CommandError, match="never issued"):
            verified(pdf + b"\n", tmp_path)
        with pytest.raises(CommandError, match="isn't signed"):
            verified(pdf, tmp_path, offline=True)
        reopen(report, reason="again", by=person("office"))
        assert "superseded" in verified(pdf, tmp_path)

    def test_a_signature_does_without_the_database(self, tmp_path, with_certificate):
        assert "not one byte" in verified(signed_moi(), tmp_path, offline=True)
        with pytest.raises(CommandError, match="never issued"):
            verified(signed_moi(), tmp_path)

    def test_what_is_no_card_is_refused(self, tmp_path):
        for content in (b"", b"hello", b"%PDF-1.7"):
            with pytest.raises(CommandError):
                verified(content, tmp_path)

    def test_changed_data_is_refused_though_everything_else_hangs_together(self, tmp_path):
        with pikepdf.open(io.BytesIO(moi()[0])) as pdf:
            pdf.attachments["data.json"] = moi()[2].replace("3.1000", "4.1000").encode()
            out = io.BytesIO()
            pdf.save(out)
        with pytest.raises(CommandError, match="hash"):
            verified(out.getvalue(), tmp_path)

    def test_a_test_certificate_signs_and_the_exit_status_tells(self, tmp_path):
        """As a person types it, in processes of their own and without a database."""
        made = tmp_path / "mine.p12"
        run = manage("make_test_certificate", "--file", str(made))
        assert run.returncode == 0 and made.stat().st_mode & 0o777 == 0o600
        with pytest.raises(CommandError):
            call_command("make_test_certificate", file=str(made))
        named = dict(line.split("=", 1) for line in run.stdout.splitlines())
        (tmp_path / "card.pdf").write_bytes(moi()[0])
        assert manage("verify_card", str(tmp_path / "card.pdf"), **named).returncode == 1
        from django.test import override_settings

        with override_settings(**named):
            (tmp_path / "card.pdf").write_bytes(sign(moi()[0], at=datetime.datetime.now(datetime.UTC)))
        assert manage("verify_card", "--offline", str(tmp_path / "card.pdf"), **named).returncode == 0
        assert manage("verify_card", "--offline", str(tmp_path / "card.pdf")).returncode == 1


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    root = project.BASE_DIR
    known = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "CARD_CERTIFICATE")}
    known |= {"VAR_DIR": str(project.VAR_DIR / "elsewhere"), **environment}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=root, env=known, capture_output=True, text=True, timeout=120
    )
