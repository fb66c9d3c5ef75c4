"""Signed checkpoints: once an hour, in the database and in a file outside, and nobody forges one."""

import datetime
import json
import os
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.management import call_command
from django.utils import timezone

from kpiportal.audit.checkpoints import path
from kpiportal.audit.entries import chain_now
from kpiportal.audit.models import AuditCheckpoint
from kpiportal.audit.services import seal, seal_when_due
from kpiportal.audit.signing import public_key_hex
from tests.append_only import without_triggers
from tests.audit.conftest import CHAINS, LENGTH, found, kinds, sql, write

ONE, ROOT = CHAINS[0], Path(__file__).resolve().parent.parent.parent


def more() -> None:
    """One more entry, in its chain."""
    write(ONE)
    chain_now()


def last() -> AuditCheckpoint:
    return AuditCheckpoint.objects.order_by("number").last()


def wrong() -> set[str]:
    return {kind for kind, *_ in kinds() if kind != "trigger"}


@pytest.fixture
def sealed(trail) -> AuditCheckpoint:
    """A trail with one checkpoint."""
    return seal()


class TestMaking:
    def test_it_holds_the_heads_and_the_hash_of_the_one_before(self, sealed):
        more()
        second = json.loads(seal().payload)
        first = json.loads(sealed.payload)
        assert (first["number"], first["previous"]) == (1, "")
        assert {chain: number for chain, number, _ in first["heads"]}.items() >= dict.fromkeys(CHAINS, LENGTH).items()
        assert [(chain, number) for chain, number, _ in second["heads"]] == [(ONE, LENGTH + 1)]
        assert found() == []

    def test_none_when_nothing_was_written_since(self, sealed):
        assert seal() is None and AuditCheckpoint.objects.count() == 1

    def test_tick_makes_one_an_hour_at_most(self, trail, monkeypatch):
        def ticked() -> int:
            call_command("tick", verbosity=0)
            return AuditCheckpoint.objects.count()

        assert ticked() == 1
        more()
        assert ticked() == 1
        now = timezone.now()
        monkeypatch.setattr("django.utils.timezone.now", lambda: now + datetime.timedelta(minutes=61))
        assert ticked() == 2
        monkeypatch.setattr("django.utils.timezone.now", lambda: now + datetime.timedelta(minutes=130))
        assert ticked() == 2

    def test_the_file_is_completed_after_an_interruption(self, sealed):
        before = path().read_text()
        path().unlink()
        assert wrong() == {"line missing"}
        seal_when_due()
        assert path().read_text() == before and found() == []

    def test_a_line_that_was_left_unfinished_takes_no_other_with_it(self, sealed):
        unfinished = path().read_text()[:-40]
        path().write_text(unfinished)
        more()
        seal()
        first, *whole = path().read_text().splitlines()
        assert (first, len(whole)) == (unfinished, 2)
        assert wrong() == {"line forged"}

    def test_the_key_is_made_once_and_read_by_its_owner_only(self, sealed, settings):
        file = Path(settings.VAR_DIR) / "audit_key"
        assert file.stat().st_mode & 0o777 == 0o600 and len(file.read_text()) == 64

    def test_the_command_prints_the_public_key_that_verifies(self, sealed):
        out = StringIO()
        call_command("audit_key", stdout=out)
        key = load_pem_public_key(out.getvalue().encode())
        key.verify(bytes.fromhex(sealed.signature), sealed.payload.encode())

    def test_an_older_key_counts_while_it_is_named(self, sealed, settings):
        settings.AUDIT_OLD_KEYS = [public_key_hex()]
        settings.AUDIT_KEY = "ab" * 32
        more()
        seal()
        assert found() == []
        settings.AUDIT_OLD_KEYS = []
        assert wrong() >= {"checkpoint forged"}


class TestForging:
    @pytest.fixture(autouse=True)
    def _two(self, sealed):
        more()
        seal()
        with without_triggers():
            yield

    def test_another_payload(self):
        sql("UPDATE audit_auditcheckpoint SET payload = replace(payload, '6', '5') WHERE number = 1")
        assert ("checkpoint forged", None, 1) in kinds()

    @pytest.mark.parametrize("column", ["number", "at"])
    def test_another_number_or_time(self, column):
        value = {"number": "5", "at": "'2020-01-01 00:00:00+00:00'"}[column]
        sql(f"UPDATE audit_auditcheckpoint SET {column} = {value} WHERE number = 2")
        assert "checkpoint forged" in wrong()

    def test_signed_by_another_key(self):
        foreign = Ed25519PrivateKey.generate().sign(last().payload.encode()).hex()
        sql(f"UPDATE audit_auditcheckpoint SET signature = '{foreign}' WHERE number = 2")
        assert ("checkpoint forged", None, 2) in kinds()

    def test_one_deleted(self):
        sql("DELETE FROM audit_auditcheckpoint WHERE number = 1")
        assert wrong() == {"checkpoint out of order", "checkpoint deleted"}

    def test_both_deleted(self):
        sql("DELETE FROM audit_auditcheckpoint")
        assert kinds() >= {("checkpoint deleted", None, 1), ("checkpoint deleted", None, 2)}

    def test_deleted_and_another_made_in_its_place(self):
        sql("DELETE FROM audit_auditcheckpoint WHERE number = 2")
        write_past_the_triggers()
        seal()
        assert "checkpoint replaced" in wrong()

    def test_a_line_of_the_file_changed(self):
        path().write_text(path().read_text().replace("900001", "900009", 1))
        assert wrong() == {"line forged", "line missing"}

    def test_the_file_cut(self):
        path().write_text(path().read_text().splitlines()[0] + "\n")
        assert ("line missing", None, 2) in kinds()

    def test_rubbish_in_the_file(self):
        path().write_text(path().read_text() + '[]\n{"payload": 1, "signature": 2}\n\n\x00\n')
        assert wrong() == {"line forged"}


def write_past_the_triggers() -> None:
    """Any head moves."""
    sql(f"UPDATE audit_audithead SET hash = 'x' WHERE chain = {ONE}")


def refused_start(**environment: str) -> str:
    """What a start under this environment says; empty if it starts."""
    command = [sys.executable, "-c", "import kpiportal.settings"]
    with tempfile.TemporaryDirectory() as var:
        env = {**os.environ, "VAR_DIR": var, **environment}
        return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True).stderr


@pytest.mark.parametrize("nonsense", [{"AUDIT_KEEP_DAYS": "89"}, {"AUDIT_KEEP_DAYS": "x"}, {"AUDIT_KEY": "short"}])
def test_nonsense_is_refused_at_the_start(nonsense):
    said = refused_start(**nonsense).splitlines()[-1]
    assert "ImproperlyConfigured" in said and next(iter(nonsense)) in said


def test_the_least_that_is_lawful_is_taken():
    assert refused_start(AUDIT_KEEP_DAYS="90", AUDIT_KEY="ab" * 32) == ""
