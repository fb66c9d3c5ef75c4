"""Many people download a card at once for the first time, on PostgreSQL: one card, one file, one entry."""

import pytest
from django.core.management import call_command

from kpiportal.accounts.roles import Role
from kpiportal.audit.models import AuditEvent
from reports.issuing import services
from reports.issuing.services import issue, storage
from reports.models import IssuedCard
from tests.certified import certified
from tests.scoring.racing import at_once, deciders

AT_ONCE = 8


@pytest.fixture
def short_cards(monkeypatch) -> None:
    monkeypatch.setattr(services, "render", lambda snapshot, made: b"%PDF " + made.code.encode())


@pytest.mark.postgresql
@pytest.mark.usefixtures("own_storage", "short_cards")
def test_one_card_is_issued(transactional_db):
    call_command("load_seeds", definitions_only=True, verbosity=0)
    report = certified()
    people = deciders(report, Role.OFFICE, AT_ONCE)
    snapshot = report.snapshots.get()
    got: list[IssuedCard] = []
    assert len(at_once(people, lambda user: got.append(issue(snapshot, by=user)))) == AT_ONCE
    card = IssuedCard.objects.get()
    assert {one.pk for one in got} == {card.pk} and {one.sha256 for one in got} == {card.sha256}
    assert [entry.key for entry in storage().entries()] == [card.key]
    assert AuditEvent.objects.filter(action="card.issued").count() == 1
