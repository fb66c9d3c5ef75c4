"""The chain of entries: each holds the hash of the one before, whatever the database and whoever writes at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from hashlib import sha256
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from kpiportal.accounts.models import Unit
from kpiportal.audit.chain import canonical_json
from kpiportal.audit.entries import chain_now
from kpiportal.audit.models import AuditEvent, AuditHead
from kpiportal.audit.services import record
from kpiportal.audit.verification import Verification
from tests.audit.conftest import CHAINS, LENGTH, found, sql, stored, write

ONE, TWO, _ = CHAINS


class TestChain:
    def test_every_entry_holds_the_hash_of_the_one_before(self, trail):
        for chain in CHAINS:
            entries = list(AuditEvent.objects.filter(chain=chain).order_by("number"))
            assert [entry.number for entry in entries] == list(range(1, LENGTH + 1))
            assert [entry.previous for entry in entries] == ["", *(entry.hash for entry in entries[:-1])]
            head = AuditHead.objects.get(chain=chain)
            assert (head.number, head.hash) == (LENGTH, entries[-1].hash)
        assert found() == []

    def test_the_hash_is_the_sha256_of_the_documented_text(self, trail):
        (entry,) = AuditEvent.objects.filter(chain=ONE, number=2)
        texts = ['{"score": null}', '{"b": [1, {"z": 2, "long name": 1}], "text": "ครั้งที่ 1"}']
        at = entry.at.strftime("%Y-%m-%d %H:%M:%S.%f")
        fields = [entry.pk, ONE, 2, entry.previous, at, None, "", "", "thing.done", ONE, "accounts.unit", "1"]
        written = json.dumps([*fields, str(Unit(pk=1)), *texts, ""], ensure_ascii=False)
        assert entry.hash == sha256(written.encode()).hexdigest()

    def test_without_a_unit_the_chain_is_0(self, db):
        with transaction.atomic():
            entry = record("thing.done", by=None, target=Unit(pk=1))
        assert entry.chain == 0 and AuditEvent.objects.get(pk=entry.pk).unit_id is None

    def test_what_was_rolled_back_leaves_no_gap(self, trail):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            write(ONE, 7)
            write(TWO, 7)
            raise ZeroDivisionError
        kept = write(ONE, 8)
        chain_now()
        assert AuditEvent.objects.get(pk=kept.pk).number == LENGTH + 1
        assert found() == []

    def test_an_entry_that_the_database_refuses_leaves_no_gap(self, trail):
        with pytest.raises(Exception, match="."), transaction.atomic():
            write(ONE, after={"no json": object()})
        with pytest.raises(IntegrityError), transaction.atomic():
            sql("INSERT INTO audit_auditevent (chain, at) VALUES (%s, CURRENT_TIMESTAMP)", ONE)
        write(ONE, 9)
        assert found() == []

    @pytest.mark.parametrize(
        "value",
        [
            {},
            [],
            {"ก": 1, "aa": 2, "b": {"zz": [], "y": None}},
            {1: "a", None: "b", True: "c"},
            {"n": [0, -5, 10**30, Decimal("1.50"), 1.0, 1e22, -0.0, 1e-9]},
            {"t": "\"\\ \n\t\x01\x7f \u2028 😀 </script> ชี้ปั๊ม"},
        ],
        ids=["nothing", "list", "nested", "keys", "numbers", "texts"],
    )
    def test_json_stands_in_the_database_as_it_was_hashed(self, trail, value):
        write(ONE, before=value, after=None)
        chain_now()
        last = stored(ONE)[-1]
        assert (last["before"], last["after"]) == (canonical_json(value), None)
        assert found() == []

    def test_a_full_second_is_hashed_with_its_microseconds(self, trail, monkeypatch):
        at = AuditEvent.objects.filter(chain=ONE).last().at.replace(microsecond=0)
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        entry = write(ONE)
        chain_now()
        assert AuditEvent.objects.get(pk=entry.pk).at == at and stored(ONE)[-1]["at"].endswith(".000000")
        assert found() == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    THREADS, TURNS = 6, 15

    def test_several_connections_write_two_chains_crosswise(self):
        barrier = Barrier(self.THREADS)

        def run(thread: int) -> None:
            try:
                barrier.wait(timeout=10)
                for turn in range(self.TURNS):
                    with transaction.atomic():
                        for chain in (CHAINS if thread % 2 else CHAINS[::-1]):
                            write(chain, turn)
                        if turn % 3 == 0:
                            transaction.set_rollback(True)
            finally:
                connection.close()

        with ThreadPoolExecutor(self.THREADS) as pool:
            for future in [pool.submit(run, thread) for thread in range(self.THREADS)]:
                future.result(timeout=60)
        written = self.THREADS * (self.TURNS - self.TURNS // 3)
        assert [AuditHead.objects.get(chain=chain).number for chain in CHAINS] == [written] * 3
        assert AuditEvent.objects.filter(number=None).count() == 0
        assert [each.sentence for each in Verification().found()] == []


@pytest.mark.django_db(transaction=True)
class TestEarlierVersions:
    def test_what_was_there_is_chained(self, request):
        newest = MigrationExecutor(connection).loader.graph.leaf_nodes("audit")
        request.addfinalizer(lambda: MigrationExecutor(connection).migrate(newest))
        MigrationExecutor(connection).migrate([("audit", "0001_initial")])
        added = (
            "INSERT INTO audit_auditevent (at, actor_name, address, action, unit_id, target_type, target_id,"
            " target_name, \"before\", reason)"
            " VALUES ('2026-01-02 03:04:05', 'ก', '', 'a.b', %s, 'x', '1', 'y', %s, '')"
        )
        for unit in (7, None, 7, 8):
            sql(added, unit, '{"bb": "\\u0e01", "a": 1.50}')
        MigrationExecutor(connection).migrate(newest)
        places = AuditEvent.objects.order_by("pk").values_list("chain", "number")
        assert list(places) == [(7, 1), (0, 1), (7, 2), (8, 1)]
        assert AuditEvent.objects.first().before["bb"] == "ก"
        assert [each.sentence for each in Verification().found()] == []
        write(7)
        assert AuditHead.objects.get(chain=7).number == 3
        assert [each.sentence for each in Verification().found()] == []
