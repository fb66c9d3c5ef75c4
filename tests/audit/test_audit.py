"""The audit trail: append-only, readable when person or object are gone, and never outside its change."""

import pytest
from django.db import connection, transaction

from kpiportal.accounts.models import Unit
from kpiportal.audit.context import coming_from, current_address
from kpiportal.audit.models import AppendOnlyError, AuditEvent
from kpiportal.audit.services import NotInTransaction, record


@pytest.fixture
def unit(seeds, db) -> Unit:
    return Unit.objects.get(code="moi")


@pytest.fixture
def entry(unit, collector) -> AuditEvent:
    return record(
        "thing.done",
        by=collector,
        target=unit,
        unit_id=unit.pk,
        before={"a": 1},
        after={"a": 2},
        reason="why",
    )


class TestRecord:
    def test_says_who_what_about_what_and_why(self, entry, unit, collector):
        stored = AuditEvent.objects.get(pk=entry.pk)
        assert (stored.actor_id, stored.actor_name, stored.action) == (
            collector.pk,
            collector.name,
            "thing.done",
        )
        assert (stored.target_type, stored.target_id, stored.target_name) == (
            "accounts.unit",
            str(unit.pk),
            "มท.",
        )
        assert (stored.before, stored.after, stored.reason, stored.unit_id) == (
            {"a": 1},
            {"a": 2},
            "why",
            unit.pk,
        )
        assert stored.at is not None

    def test_the_portal_itself_has_no_name(self, unit):
        entry = record("thing.done", by=None, target=unit)
        assert (entry.actor_id, entry.actor_name, entry.address) == (None, "", "")

    def test_carries_the_address_that_the_request_came_from(self, unit):
        with coming_from("10.1.2.3"):
            assert record("thing.done", by=None, target=unit).address == "10.1.2.3"
        assert current_address() == ""

    def test_the_name_is_frozen(self, entry, collector):
        collector.name = "Somebody Else"
        collector.save()
        assert AuditEvent.objects.get(pk=entry.pk).actor_name != "Somebody Else"

    def test_stays_readable_when_what_it_tells_of_is_gone(self, collector, seeds):
        unit = Unit.objects.create(code="gone", name="gone", kind="division", path="/gone/")
        entry = record("thing.done", by=collector, target=unit, unit_id=unit.pk)
        unit.delete()
        assert AuditEvent.objects.get(pk=entry.pk).target_name == "gone"
        assert not [field for field in AuditEvent._meta.get_fields() if field.is_relation]

    def test_a_long_name_is_cut_and_not_refused(self, seeds, db):
        unit = Unit(pk=1, code="x", name="น" * 400)
        assert len(record("thing.done", by=None, target=unit).target_name) == 300

    def test_entries_about_one_object_oldest_first(self, entry, unit, collector):
        second = record("thing.undone", by=collector, target=unit)
        assert list(AuditEvent.objects.about(unit))[-2:] == [entry, second]
        assert entry not in AuditEvent.objects.about(collector)


class TestAppendOnly:
    def test_an_entry_can_not_be_saved_again(self, entry):
        entry.reason = "another"
        with pytest.raises(AppendOnlyError):
            entry.save()
        assert AuditEvent.objects.get(pk=entry.pk).reason == "why"

    @pytest.mark.parametrize(
        "change",
        [
            lambda entry: entry.delete(),
            lambda entry: AuditEvent.objects.filter(pk=entry.pk).update(reason="x"),
            lambda entry: AuditEvent.objects.filter(pk=entry.pk).delete(),
            lambda entry: AuditEvent.objects.bulk_update([entry], ["reason"]),
            lambda entry: AuditEvent.objects.update_or_create(pk=entry.pk, defaults={"reason": "x"}),
            lambda entry: AuditEvent.objects.bulk_create(
                [entry], update_conflicts=True, unique_fields=["id"], update_fields=["reason"]
            ),
            lambda entry: AuditEvent(pk=entry.pk, reason="x").save(),
        ],
        ids=["delete", "update", "delete many", "bulk_update", "update_or_create", "upsert", "overwrite"],
    )
    def test_no_road_changes_or_deletes_one(self, entry, change):
        entry.reason = "x"
        with pytest.raises(AppendOnlyError):
            change(entry)
        assert AuditEvent.objects.get(pk=entry.pk).reason == "why"


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused():
    unit = Unit.objects.create(code="alone", name="alone", kind="division", path="/alone/")
    before = AuditEvent.objects.count()
    assert not connection.in_atomic_block
    with pytest.raises(NotInTransaction):
        record("thing.done", by=None, target=unit)
    assert AuditEvent.objects.count() == before
    with transaction.atomic():
        record("thing.done", by=None, target=unit)
    assert AuditEvent.objects.count() == before + 1
