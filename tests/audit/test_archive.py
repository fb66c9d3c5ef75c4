"""Expiry: whole segments behind a checkpoint go to a verified file, then just they are deleted."""

import datetime
import gzip
import json
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from kpiportal.audit import archives
from kpiportal.audit.archives import NotArchived, problems_of, side_file
from kpiportal.audit.entries import chain_now
from kpiportal.audit.models import AuditEvent, AuditHead, AuditSegment
from kpiportal.audit.services import archive, seal
from tests.append_only import without_triggers
from tests.audit.conftest import CHAINS, LENGTH, found, kinds, sql, stored, write

ONE, TWO, THREE = CHAINS
YEARS = datetime.timedelta(days=800)


@pytest.fixture
def old(trail, monkeypatch):
    """The trail's entries and their checkpoint are 800 days old; two entries of the first chain are of today."""
    seal()
    now = timezone.now() + YEARS
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    write(ONE)
    write(ONE)
    chain_now()


def long_ago() -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=731)


def archived() -> Path:
    """The file of an archive of all that may go."""
    segments = archive(long_ago())
    chain_now()
    return Path(AuditSegment.objects.get(pk=segments[0].pk).file)


@pytest.fixture
def file(old, settings) -> Path:
    return Path(settings.AUDIT_ARCHIVE_DIR) / archived()


class TestArchive:
    def test_just_what_the_file_holds_is_deleted(self, old, settings):
        before = {chain: stored(chain) for chain in CHAINS}
        file = Path(settings.AUDIT_ARCHIVE_DIR) / archived()
        assert [entry["number"] for entry in stored(ONE)] == [LENGTH + 1, LENGTH + 2]
        assert stored(TWO) == stored(THREE) == []
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            fields, *texts = lines.read().splitlines()
        hashes = [sha256(text.encode()).hexdigest() for text in texts]
        kept = [entry["hash"] for chain in CHAINS for entry in before[chain][:LENGTH]]
        assert set(kept) <= set(hashes) and json.loads(fields)[:3] == ["id", "chain", "number"]

    def test_the_chain_goes_on_from_the_last_segment(self, file):
        assert found() == []
        write(TWO)
        chain_now()
        assert [entry["number"] for entry in stored(TWO)] == [LENGTH + 1]
        assert AuditHead.objects.get(chain=TWO).number == LENGTH + 1
        assert found() == []

    def test_it_is_told_in_the_trail(self, file):
        entry = AuditEvent.objects.filter(action="trail.archived").get()
        assert entry.after["file"] == file.name and entry.after["entries"] >= 3 * LENGTH

    def test_a_second_run_finds_nothing_and_a_later_one_goes_on(self, file, monkeypatch, settings):
        assert archive(long_ago()) == []
        seal()
        now = timezone.now() + YEARS
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        second = archived()
        assert {(each.first, each.last) for each in AuditSegment.objects.filter(chain=ONE)} == {(1, 6), (7, 8)}
        assert stored(ONE) == [] and found() == []
        assert list(problems_of(Path(settings.AUDIT_ARCHIVE_DIR) / second)) == []

    def test_what_is_younger_than_the_setting_stays(self, old, settings):
        with pytest.raises(NotArchived, match="730"):
            archive(timezone.now() - datetime.timedelta(days=729))
        with pytest.raises(CommandError, match="AUDIT_KEEP_DAYS"):
            call_command("archive_audit", before=timezone.localdate())
        settings.AUDIT_KEEP_DAYS = 900
        with pytest.raises(NotArchived):
            archive(long_ago())
        assert len(stored(ONE)) == LENGTH + 2

    def test_what_no_checkpoint_holds_stays(self, trail, monkeypatch):
        now = timezone.now() + YEARS
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        assert archive(long_ago()) == []

    def test_a_damaged_trail_is_not_archived(self, old):
        with without_triggers():
            sql(f"UPDATE audit_auditevent SET reason = 'x' WHERE chain = {TWO} AND number = 3")
        with pytest.raises(NotArchived, match="900002"), transaction.atomic():
            archive(long_ago())
        assert len(stored(ONE)) == LENGTH + 2 and not AuditSegment.objects.exists()

    def test_two_at_once_do_not_write_into_one_file(self, old):
        with archives.one_at_a_time(), pytest.raises(NotArchived), transaction.atomic():
            archive(long_ago())
        assert not AuditSegment.objects.exists()
        assert archived().name and found() == []

    def test_the_command(self, old):
        out = StringIO()
        call_command("archive_audit", before=long_ago().date(), stdout=out)
        assert "entries archived in audit-" in out.getvalue()


class TestAttacks:
    def test_only_what_a_segment_covers_can_be_deleted(self, file):
        with pytest.raises(IntegrityError, match="archive"), transaction.atomic():
            sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE}")
        assert len(stored(ONE)) == 2

    def test_a_forged_segment_opens_the_door_but_is_found(self, file):
        sql(
            "INSERT INTO audit_auditsegment (chain, first, last, at, file, payload, signature)"
            f" SELECT chain, 7, 7, at, file, payload, signature FROM audit_auditsegment WHERE chain = {ONE}"
        )
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE} AND number = 7")
        assert ("segment out of order", ONE, 7) in kinds() and ("deleted", ONE, 7) in kinds()

    def test_an_unsigned_segment_is_found(self, file):
        sql(
            "INSERT INTO audit_auditsegment (chain, first, last, at, file, payload, signature)"
            f" SELECT chain, 7, 7, at, file, payload, '00' FROM audit_auditsegment WHERE chain = {ONE}"
        )
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE} AND number = 7")
        assert {("segment forged", ONE, 7), ("deleted", ONE, 7)} <= kinds()

    def test_a_segment_deleted(self, file):
        with without_triggers():
            sql(f"DELETE FROM audit_auditsegment WHERE chain = {TWO}")
        assert kinds() == {("cut", TWO, 1)}


class TestFile:
    def test_a_sound_one_verifies_without_the_database(self, file):
        assert list(problems_of(file)) == []
        out = StringIO()
        call_command("verify_audit", archive=file, stdout=out)
        assert "sound" in out.getvalue()

    @pytest.mark.parametrize("line", [1, 7, -1])
    def test_a_line_changed(self, file, line):
        texts = gzip.decompress(file.read_bytes()).decode().splitlines(keepends=True)
        texts[line] = texts[line].replace(".", ".un", 1)
        self.replace(file, texts)

    @pytest.mark.parametrize("keep", [slice(0, -1), slice(0, 5), slice(0, 1)])
    def test_lines_cut(self, file, keep):
        self.replace(file, gzip.decompress(file.read_bytes()).decode().splitlines(keepends=True)[keep])

    def test_a_line_added(self, file):
        texts = gzip.decompress(file.read_bytes()).decode().splitlines(keepends=True)
        self.replace(file, [*texts, texts[-1]])

    def replace(self, file: Path, texts: list[str]) -> None:
        """The file changed is found, and so is its content even with the signed hash brought along."""
        file.write_bytes(gzip.compress("".join(texts).encode()))
        problems = list(problems_of(file))
        assert len(problems) >= 2 and "SHA-256" in problems[0]
        with pytest.raises(CommandError, match="archive"):
            call_command("verify_audit", archive=file, stdout=StringIO())

    def test_a_forged_signature(self, file):
        side_file(file).write_text(side_file(file).read_text().replace('"signature": "', '"signature": "00', 1))
        assert len(list(problems_of(file))) == 1

    @pytest.mark.parametrize("content", [b"", b"rubbish", b"\x1f\x8b\x08"])
    def test_rubbish(self, file, content):
        file.write_bytes(content)
        assert list(problems_of(file))

    def test_a_file_that_is_not_there(self, tmp_path):
        assert len(list(problems_of(tmp_path / "none.jsonl.gz"))) == 1
