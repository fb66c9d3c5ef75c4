"""Evidence: named, with an audit entry, and what the database refuses."""

import pytest
from django.core.exceptions import ValidationError

from evidence.models import Evidence
from evidence.services import add_evidence
from kpiportal.accounts.models import Unit
from kpiportal.audit.models import AuditEvent
from tests.constraints import assert_refused, constraints_of

CASES = {
    "evidence_has_title": lambda: Evidence.objects.update(title=""),
    "evidence_link_has_url": lambda: Evidence.objects.filter(url="").update(kind="link"),
}


def test_every_constraint_has_its_case(seeds, db):
    assert set(CASES) == set(constraints_of("evidence"))


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(seeds, db, name):
    assert_refused(CASES[name], constraints_of("evidence")[name])


def test_adding_writes_one_entry(collector):
    unit = Unit.objects.get(code="moi")
    added = add_evidence(unit=unit, kind="link", title="page", url="http://www.moi.go.th", by=collector)
    (entry,) = AuditEvent.objects.about(added)
    assert (entry.action, entry.actor_name, entry.unit_id) == ("evidence.added", collector.name, unit.pk)
    assert entry.after == {"kind": "link", "title": "page", "url": "http://www.moi.go.th"}
    assert (added.created_by, str(added)) == (collector, "page")


@pytest.mark.parametrize(
    "data",
    [{"kind": "named", "title": ""}, {"kind": "link", "title": "page"}, {"kind": "rumour", "title": "x"}],
)
def test_nonsense_is_refused_and_leaves_nothing(collector, data):
    before = Evidence.objects.count(), AuditEvent.objects.count()
    with pytest.raises(ValidationError):
        add_evidence(unit=Unit.objects.get(code="moi"), by=collector, **data)
    assert (Evidence.objects.count(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<script>", "not an address"])
def test_a_link_must_be_a_web_address(collector, url):
    with pytest.raises(ValidationError):
        add_evidence(unit=Unit.objects.get(code="moi"), kind="link", title="page", url=url, by=collector)
