"""`manage.py verify_audit` finds every attack, each really made by raw SQL past the triggers."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpiportal.audit.services import seal
from tests.append_only import without_triggers
from tests.audit.conftest import CHAINS, LENGTH, found, kinds, rehash, sql, stored, write

ONE, TWO, THREE = CHAINS
AT = "chain = 900001 AND number = {}"
CHANGES = {
    "id": "id + 1000000",
    "at": "'2020-01-01 00:00:00+00:00'",
    "actor_id": "12",
    "actor_name": "'somebody else'",
    "address": "'10.9.9.9'",
    "action": "'thing.undone'",
    "unit_id": "900002",
    "target_type": "'scoring.result'",
    "target_id": "'77'",
    "target_name": "'another'",
    "before": "'{\"score\": 5}'",
    "after": "NULL",
    "reason": "'x'",
}


@pytest.fixture
def open_trail(trail):
    """The trail without its triggers, for the test and what verifies in it."""
    with without_triggers():
        yield


def wrong() -> set[tuple]:
    """What is found, but for the triggers that the attack took away."""
    return {each for each in kinds() if each[0] != "trigger"}


class TestAttacks:
    @pytest.mark.parametrize("column", CHANGES)
    def test_any_column_edited(self, open_trail, column):
        sql(f'UPDATE audit_auditevent SET "{column}" = {CHANGES[column]} WHERE {AT.format(3)}')
        assert wrong() == {("edited", ONE, 3)}

    def test_edited_and_hashed_anew(self, open_trail):
        before = stored(ONE)
        sql(f"UPDATE audit_auditevent SET reason = 'x' WHERE {AT.format(3)}")
        rehash(ONE, head=False)
        for entry in before[3:]:
            query = "UPDATE audit_auditevent SET previous = %s, hash = %s WHERE id = %s"
            sql(query, entry["previous"], entry["hash"], entry["id"])
        assert wrong() == {("does not follow", ONE, 4)}

    def test_hashed_anew_to_the_end_after_a_checkpoint(self, open_trail):
        seal()
        sql(f"UPDATE audit_auditevent SET reason = 'x' WHERE {AT.format(3)}")
        rehash(ONE)
        assert wrong() == {("rewritten", ONE, LENGTH)}

    @pytest.mark.parametrize(("numbers", "first"), [((1,), 1), ((3,), 3), ((2, 3, 4), 2)])
    def test_deleted(self, open_trail, numbers, first):
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE} AND number IN ({', '.join(map(str, numbers))})")
        assert wrong() == {("deleted", ONE, first)}

    def test_deleted_and_numbered_anew(self, open_trail):
        sql(f"DELETE FROM audit_auditevent WHERE {AT.format(3)}")
        for number in range(4, LENGTH + 1):
            sql(f"UPDATE audit_auditevent SET number = number - 1 WHERE {AT.format(number)}")
        assert {("does not follow", ONE, 3), ("edited", ONE, 3), ("cut", ONE, LENGTH)} <= wrong()

    def test_swapped(self, open_trail):
        for old, new in ((2, 99), (5, 2), (99, 5)):
            sql(f"UPDATE audit_auditevent SET number = {new} WHERE {AT.format(old)}")
        assert {("edited", ONE, 2), ("edited", ONE, 5), ("does not follow", ONE, 2)} <= wrong()

    def test_swapped_between_chains(self, open_trail):
        for chain, new in ((ONE, 99), (TWO, ONE), (99, TWO)):
            sql(f"UPDATE audit_auditevent SET chain = {new} WHERE chain = {chain} AND number = 3")
        assert {("edited", ONE, 3), ("edited", TWO, 3)} <= wrong()

    def test_two_texts_swapped(self, open_trail):
        texts = sql(f"SELECT target_id FROM audit_auditevent WHERE chain = {ONE} AND number IN (2, 5) ORDER BY number")
        for number, (text,) in zip((5, 2), texts, strict=True):
            sql(f"UPDATE audit_auditevent SET target_id = %s WHERE {AT.format(number)}", text)
        assert wrong() == {("edited", ONE, 2), ("edited", ONE, 5)}

    def test_inserted_between(self, open_trail):
        for number in range(LENGTH, 2, -1):
            sql(f"UPDATE audit_auditevent SET number = number + 1 WHERE {AT.format(number)}")
        sql(f"UPDATE audit_auditevent SET chain = {ONE}, unit_id = {ONE} WHERE chain = {TWO} AND number = 3")
        rehash(ONE, head=False)
        assert ("inserted", ONE, LENGTH + 1) in wrong() and ("deleted", TWO, 3) in wrong()

    def test_inserted_at_the_end(self, open_trail):
        sql(f"UPDATE audit_auditevent SET chain = {ONE}, number = 7 WHERE chain = {TWO} AND number = {LENGTH}")
        rehash(ONE, head=False)
        assert wrong() == {("inserted", ONE, LENGTH + 1), ("cut", TWO, LENGTH)}

    def test_inserted_into_no_chain(self, open_trail):
        pk = stored(ONE)[-1]["id"]
        sql(f"UPDATE audit_auditevent SET number = NULL WHERE {AT.format(LENGTH)}")
        sentences = [each.sentence for each in found() if each.kind == "unchained"]
        assert len(sentences) <= 1 and wrong() >= {("cut", ONE, LENGTH)}
        assert any(each.kind == "unchained" and each.number == pk for each in everything())

    def test_the_end_cut(self, open_trail):
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE} AND number > 4")
        assert wrong() == {("cut", ONE, 5)}

    def test_the_end_cut_and_the_head_set_back(self, open_trail):
        seal()
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE} AND number > 4")
        rehash(ONE)
        assert wrong() == {("cut", ONE, 5)}

    def test_a_whole_chain_with_its_head(self, open_trail):
        seal()
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE}")
        sql(f"DELETE FROM audit_audithead WHERE chain = {ONE}")
        assert wrong() == {("cut", ONE, 1)}

    def test_the_end_cut_with_its_checkpoint(self, open_trail):
        seal()
        write_on()
        seal()
        sql("DELETE FROM audit_auditcheckpoint WHERE number = (SELECT max(number) FROM audit_auditcheckpoint)")
        sql(f"DELETE FROM audit_auditevent WHERE chain = {ONE} AND number > {LENGTH}")
        rehash(ONE)
        assert {("cut", ONE, LENGTH + 1)} == {each for each in wrong() if each[1]}
        assert "checkpoint deleted" in {each[0] for each in wrong()}

    def test_the_head_alone_set_back_or_replaced(self, open_trail):
        sql(f"UPDATE audit_audithead SET hash = 'x' WHERE chain = {ONE}")
        assert wrong() == {("head replaced", ONE, LENGTH)}
        seal()
        sql(f"UPDATE audit_audithead SET number = 5 WHERE chain = {ONE}")
        assert ("head set back", ONE, 5) in wrong()


def everything():
    """All findings, whichever chain."""
    from kpiportal.audit.verification import Verification

    return list(Verification().found())


def write_on() -> None:
    """One more entry, while the triggers are away: with them."""
    entry = stored(ONE)[-1]
    columns = "address, action, target_type, target_id, target_name, actor_name, reason, chain, unit_id, at"
    sql(
        f"INSERT INTO audit_auditevent (number, {columns}) SELECT number + 1, {columns} FROM audit_auditevent"
        " WHERE id = %s", entry["id"],
    )
    rehash(ONE)


class TestCommand:
    def test_a_sound_trail(self, trail):
        out = StringIO()
        call_command("verify_audit", stdout=out)
        assert "sound" in out.getvalue()

    def test_what_is_wrong_ends_it_with_a_sentence_each(self, open_trail):
        sql(f"UPDATE audit_auditevent SET reason = 'x' WHERE {AT.format(3)}")
        out = StringIO()
        with pytest.raises(CommandError, match="1 edited"):
            call_command("verify_audit", stdout=out)
        assert any("900001" in line and "3" in line for line in out.getvalue().splitlines())

    def test_as_json(self, open_trail):
        sql(f"UPDATE audit_auditevent SET reason = 'x' WHERE {AT.format(3)}")
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verify_audit", json=True, stdout=out)
        report = json.loads(out.getvalue())
        assert report["entries"] >= 3 * LENGTH
        edited = [each for each in report["shown"] if each["kind"] == "edited"]
        assert [(each["chain"], each["number"]) for each in edited] == [(ONE, 3)]

    def test_batches_are_joined(self, trail, monkeypatch):
        for size in (1, 4, 18):
            monkeypatch.setattr("kpiportal.audit.entries.BATCH", size)
            assert found() == []


EDITS = st.tuples(
    st.sampled_from(["edit", "delete", "swap", "move", "copy"]),
    st.sampled_from(CHAINS),
    st.integers(1, LENGTH),
    st.integers(1, LENGTH + 2),
    st.sampled_from(sorted(CHANGES.keys() - {"id", "unit_id"})),
)


def attack(how: str, chain: int, number: int, other: int, column: str) -> None:
    """One change of the trail's rows, where the rows are there for it."""
    here = f"chain = {chain} AND number = {number}"
    match how:
        case "edit":
            sql(f'UPDATE audit_auditevent SET "{column}" = {CHANGES[column]} WHERE {here}')
        case "delete":
            sql(f"DELETE FROM audit_auditevent WHERE {here}")
        case "swap":
            for old, new in ((number, 99), (other, number), (99, other)):
                sql(f"UPDATE audit_auditevent SET number = {new} WHERE chain = {chain} AND number = {old}")
        case "move":
            if not sql(f"SELECT 1 FROM audit_auditevent WHERE chain = {THREE} AND number = {other}"):
                sql(f"UPDATE audit_auditevent SET chain = {THREE}, number = {other} WHERE {here}")
        case "copy":
            if not sql(f"SELECT 1 FROM audit_auditevent WHERE chain = {chain} AND number = {other}"):
                names = 'chain, previous, hash, at, actor_name, address, action, unit_id, target_type, target_id'
                sql(
                    f"INSERT INTO audit_auditevent ({names}, number, target_name, reason)"
                    f" SELECT {names}, {other}, target_name, reason FROM audit_auditevent WHERE {here}"
                )


@given(attacks=st.lists(EDITS, min_size=1, max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_changes_unseen(open_trail, attacks):
    before = [stored(chain) for chain in CHAINS]
    with transaction.atomic():
        for each in attacks:
            attack(*each)
        changed = [stored(chain) for chain in CHAINS] != before
        assert bool(wrong()) == changed
        transaction.set_rollback(True)
    assert connection.in_atomic_block
