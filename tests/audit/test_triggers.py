"""The database refuses by itself to change the trail, and whatever else a migration declares append-only."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from kpiportal.audit.services import seal
from kpiportal.audit.triggers import append_only
from tests.append_only import without_triggers
from tests.audit.conftest import CHAINS, LENGTH, found, kinds, sql, stored, write

ONE = CHAINS[0]
REFUSED = [
    ("UPDATE audit_auditevent SET reason = 'x'", "append-only: an entry can't be changed"),
    ("UPDATE audit_auditevent SET number = number", "append-only"),
    ("UPDATE audit_auditevent SET hash = NULL, number = NULL", "append-only"),
    ("DELETE FROM audit_auditevent", "only what an archive holds"),
    ("UPDATE audit_audithead SET number = 1", "head of a chain"),
    ("UPDATE audit_audithead SET number = number + 1", "head of a chain"),
    ("UPDATE audit_audithead SET hash = 'x'", "head of a chain"),
    ("DELETE FROM audit_audithead", "head of a chain"),
    ("INSERT INTO audit_audithead (chain, number, hash) VALUES (5, 1, 'x')", "head of a chain"),
    ("UPDATE audit_auditcheckpoint SET payload = 'x'", "append-only: UPDATE"),
    ("DELETE FROM audit_auditcheckpoint", "append-only: DELETE"),
]
COPY = (
    "INTO audit_auditevent ({0}chain, number, previous, hash, at, actor_name, address, action, unit_id, target_type,"
    " target_id, target_name, reason) SELECT {0}chain, {1}, hash, hash, at, '', '', 'x', unit_id, '', '', '', ''"
    " FROM audit_auditevent WHERE chain = 900001 AND number = 6"
)


@pytest.mark.parametrize(("statement", "words"), REFUSED)
def test_refuses(trail, statement, words):
    seal()
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        sql(statement)
    assert found() == []


@pytest.mark.parametrize("number", [3, 6, 7, 8])
def test_an_entry_written_past_the_service_must_follow_the_head(trail, number):
    """On SQLite it could come in the right place; then its hash is wrong, and that is found."""
    try:
        with transaction.atomic():
            sql(f"INSERT {COPY.format('', number)}")
    except IntegrityError as error:
        assert "an entry must follow the last one" in str(error)
        assert found() == []
    else:
        assert (connection.vendor, number) == ("sqlite", 7)
        assert kinds() == {("edited", ONE, 7)}


def test_replacing_one_is_refused(trail):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own statement")
    before = stored(ONE)
    with pytest.raises(IntegrityError, match="follow"), transaction.atomic():
        sql(f"INSERT OR REPLACE {COPY.format('id, ', 7)}")
    assert stored(ONE) == before


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["event", "head", "checkpoint", "segment"])
def test_truncating_is_refused(trail, table):
    with pytest.raises(IntegrityError, match="append-only: TRUNCATE"), transaction.atomic():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"TRUNCATE audit_audit{table}")


@pytest.mark.django_db(transaction=True)
def test_flush_of_a_database_with_a_trail_is_refused():
    write(ONE)
    with pytest.raises((CommandError, DatabaseError)):
        call_command("flush", interactive=False, verbosity=0)
    assert len(stored(ONE)) == 1


def test_a_trigger_that_is_gone_is_found(trail):
    with without_triggers():
        gone = {each.sentence for each in found() if each.kind == "trigger"}
    assert len(gone) >= 8 and any("audit_changed" in sentence for sentence in gone)
    assert found() == [] and len(stored(ONE)) == LENGTH


class TestHelper:
    """`append_only` for a table of another app."""

    @pytest.fixture
    def table(self, db):
        sql("CREATE TABLE guarded (id integer PRIMARY KEY, text varchar(9), open varchar(9), data json)")
        sql("INSERT INTO guarded VALUES (1, 'a', 'b', '{}')")
        yield "guarded"
        sql("DROP TABLE guarded")

    def apply(self, operation, *, back: bool = False) -> None:
        (operation.reverse_code if back else operation.code)(None, connection.schema_editor())

    def refused(self, statement: str) -> None:
        with pytest.raises(IntegrityError, match="guarded is append-only"), transaction.atomic():
            sql(statement)

    def test_only_the_named_columns_may_change(self, table):
        self.apply(append_only(table, except_columns=("open",)))
        sql("UPDATE guarded SET open = 'c'")
        self.refused("UPDATE guarded SET text = 'c'")
        self.refused("UPDATE guarded SET open = 'd', text = 'c'")
        self.refused("UPDATE guarded SET text = NULL")
        self.refused("UPDATE guarded SET id = 2")
        self.refused("DELETE FROM guarded")
        assert sql("SELECT id, text, open FROM guarded") == [(1, "a", "c")]
        sql("INSERT INTO guarded (id, text) VALUES (2, 'more')")

    def test_without_a_name_none_may(self, table):
        self.apply(append_only(table))
        self.refused("UPDATE guarded SET open = 'c'")
        self.refused("DELETE FROM guarded")

    def test_it_can_be_taken_back(self, table):
        self.apply(append_only(table))
        self.apply(append_only(table), back=True)
        sql("UPDATE guarded SET text = 'c'")
        sql("DELETE FROM guarded")

    def test_a_column_that_is_not_there_is_refused(self, table):
        with pytest.raises(ValueError, match="no column opne"):
            self.apply(append_only(table, except_columns=("opne",)))
