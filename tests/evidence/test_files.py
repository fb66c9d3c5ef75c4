"""Files through the services: the row, its file, the audit entries, the limits, and what is left after a refusal."""
import hashlib
import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from evidence import storage
from evidence.intake import Refused
from evidence.models import Evidence, FileVersion
from evidence.problems import InUse, TooLarge, UnitFull
from evidence.queries import bytes_of
from evidence.services import (
    add_evidence,
    add_file,
    add_version,
    delete_unused,
    no_bytes_without_row,
    receive,
    take_down,
)
from kpiportal.accounts.models import Unit
from kpiportal.audit.models import AuditEvent
from scoring.services import use_evidence
from tests.cast import person
from tests.evidence import files


def nothing_new(bytes_on_disk):
    return Evidence.objects.filter(kind="file").count(), FileVersion.objects.count(), bytes_on_disk()


def test_a_file_lies_whole_in_the_storage_and_says_who_and_what(attach, moi, collector, evidence_folder):
    evidence = attach(files.pdf(), "แผนปฏิบัติการ.pdf")
    (version,) = evidence.versions.all()
    assert (evidence.kind, evidence.title, evidence.unit) == ("file", "แผนปฏิบัติการ.pdf", moi)
    assert (version.number, version.name, version.content_type) == (1, "แผนปฏิบัติการ.pdf", "application/pdf")
    assert (version.size, version.sha256) == (len(files.pdf()), hashlib.sha256(files.pdf()).hexdigest())
    assert (version.uploaded_by, version.scan) == (collector, "off")
    assert re.fullmatch("[0-9a-f]{32}", version.key)
    path = evidence_folder / version.key[:2] / version.key
    assert path.read_bytes() == files.pdf() and path.stat().st_mode & 0o777 == 0o600
    (entry,) = AuditEvent.objects.about(version)
    assert (entry.action, entry.unit_id, entry.actor_name) == ("evidence.file_added", moi.pk, collector.name)
    assert entry.after["sha256"] == version.sha256


def test_a_newer_version_stands_beside_the_older(attach, collector):
    evidence = attach()
    newer = add_version(evidence, upload=io.BytesIO(files.png()), name="แผน.png", by=collector)
    assert [(v.number, v.content_type) for v in evidence.versions.all()] == [(1, "application/pdf"), (2, "image/png")]
    with storage.open_(newer.key) as file, storage.open_(evidence.versions.get(number=1).key) as older:
        assert (file.read(), older.read()) == (files.png(), files.pdf())


def test_a_document_that_was_only_named_gets_its_file(moi, collector):
    named = add_evidence(unit=moi, kind="named", title="คำสั่ง", place="กพร.", by=collector)
    assert add_version(named, upload=io.BytesIO(files.pdf()), name="คำสั่ง.pdf", by=collector).number == 1
    named.refresh_from_db()
    assert (named.kind, named.title) == ("named", "คำสั่ง")


def test_stored_before_the_transaction_and_written_inside(moi, collector, bytes_on_disk):
    received = receive(io.BytesIO(files.png()), name="ภาพ.png")
    assert bytes_on_disk() == [files.png()]
    with transaction.atomic():
        evidence = add_file(unit=moi, upload=received, title="ภาพถ่าย", by=collector)
    assert evidence.title == "ภาพถ่าย" and evidence.versions.get().key == received.stored.key


class TestRefusals:
    @pytest.fixture(autouse=True)
    def leaves_nothing(self, seeds, db, bytes_on_disk):
        before = nothing_new(bytes_on_disk)
        yield
        assert nothing_new(bytes_on_disk) == before

    def test_by_the_intake(self, attach):
        with pytest.raises(Refused):
            attach(b"MZ" + bytes(300), "แผน.pdf")

    @pytest.mark.parametrize("over", [1, 2 * 2**20])
    def test_beyond_the_limit_of_a_file(self, attach, settings, over):
        settings.EVIDENCE_MAX_MB = 1
        with pytest.raises(TooLarge) as refusal:
            attach(files.text(2**20 + over), "บันทึก.txt")
        assert "1 MB" in refusal.value.message.th and "1 MB" in refusal.value.message.en

    def test_beyond_the_limit_of_the_unit(self, attach, settings):
        settings.EVIDENCE_UNIT_GB = 0
        with pytest.raises(UnitFull) as refusal:
            attach()
        assert "GB" in refusal.value.message.th

    def test_by_a_title_that_is_too_long(self, moi, collector):
        with pytest.raises(ValidationError):
            add_file(unit=moi, upload=io.BytesIO(files.pdf()), name="a.pdf", title="ก" * 501, by=collector)


def test_a_file_of_the_very_limit_is_taken(attach, settings):
    settings.EVIDENCE_MAX_MB = 1
    assert attach(files.text(2**20), "บันทึก.txt").versions.get().size == 2**20


def test_what_was_taken_down_frees_room(attach, office, moi):
    version = attach().versions.get()
    assert bytes_of(moi) == version.size
    take_down(version, reason="เลขประจำตัวประชาชน", by=office)
    assert bytes_of(moi) == 0


class TestTakingDown:
    def test_removes_the_bytes_and_keeps_hash_reason_person_and_time(
        self, attach, office, bytes_on_disk, django_capture_on_commit_callbacks
    ):
        version = attach().versions.get()
        with django_capture_on_commit_callbacks(execute=True):
            take_down(version, reason=" มีเลขประจำตัวประชาชน ", by=office)
        version.refresh_from_db()
        assert bytes_on_disk() == [] and version.sha256 == hashlib.sha256(files.pdf()).hexdigest()
        assert (version.taken_down_by, version.taken_down_reason) == (office, "มีเลขประจำตัวประชาชน")
        entry = AuditEvent.objects.about(version).last()
        assert (entry.action, entry.reason) == ("evidence.taken_down", "มีเลขประจำตัวประชาชน")
        assert entry.before["sha256"] == version.sha256

    def test_the_bytes_stay_until_the_decision_stands(self, attach, office, bytes_on_disk):
        version = attach().versions.get()
        with pytest.raises(RuntimeError), transaction.atomic():
            take_down(version, reason="x", by=office)
            raise RuntimeError
        assert bytes_on_disk() == [files.pdf()]

    @pytest.mark.parametrize("reason", ["", "  ", "\u200b"])
    def test_needs_a_reason(self, attach, office, reason):
        with pytest.raises(ValidationError):
            take_down(attach().versions.get(), reason=reason, by=office)

    def test_happens_once(self, attach, office):
        version = attach().versions.get()
        take_down(version, reason="x", by=office)
        with pytest.raises(ValidationError):
            take_down(version, reason="y", by=office)


class TestDeleting:
    def test_takes_the_bytes_of_all_versions(
        self, attach, collector, bytes_on_disk, django_capture_on_commit_callbacks
    ):
        evidence = attach()
        add_version(evidence, upload=io.BytesIO(files.png()), name="b.png", by=collector)
        with django_capture_on_commit_callbacks(execute=True):
            delete_unused(evidence, by=collector)
        assert bytes_on_disk() == [] and not FileVersion.objects.exists()

    def test_is_refused_while_used_and_loses_nothing(self, attach, moi_result, collector, bytes_on_disk):
        evidence = attach()
        use_evidence(moi_result, evidence, by=collector)
        with pytest.raises(InUse):
            delete_unused(evidence, by=collector)
        assert evidence.versions.count() == 1 and bytes_on_disk() == [files.pdf()]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_stopped_behind_its_commit_takes_no_byte(evidence_folder, bytes_on_disk):
    call_command("load_seeds", definitions_only=True, verbosity=0)
    received = receive(io.BytesIO(files.pdf()), name="a.pdf")
    with pytest.raises(SystemExit), no_bytes_without_row(received):
        add_file(unit=Unit.objects.get(code="moi"), upload=received, by=person("collector"))
        raise SystemExit
    assert FileVersion.objects.get().key == received.stored.key and bytes_on_disk() == [files.pdf()]


def test_a_refusal_is_told_though_the_storage_is_down_by_then(settings, evidence_folder, bytes_on_disk, seeds, db):
    received = receive(io.BytesIO(files.pdf()), name="a.pdf")
    with pytest.raises(UnitFull), no_bytes_without_row(received):
        evidence_folder.rename(evidence_folder.with_name("elsewhere"))
        evidence_folder.write_text("no folder")
        raise UnitFull(1)


def test_one_more_file_costs_the_same_queries(attach):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            attach(by=person("collector"))
        return len(captured)

    first = queries()
    for _ in range(5):
        attach()
    assert queries() == first
