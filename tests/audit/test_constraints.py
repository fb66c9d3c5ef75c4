"""What the database refuses of the trail's tables beside their triggers, whatever road it comes by."""
import pytest
from django.utils import timezone

from kpiportal.audit.models import AuditSegment
from tests.append_only import without_triggers
from tests.audit.conftest import CHAINS, sql
from tests.constraints import assert_refused, constraints_of


def segment(**changes) -> None:
    values = {"chain": 1, "first": 1, "last": 2, "at": timezone.now(), "file": "x", "payload": "", "signature": ""}
    AuditSegment.objects.bulk_create([AuditSegment(**values | changes)])


TWICE = "UPDATE audit_auditevent SET number = 2 WHERE chain = %s AND number = 1"
CASES = {
    "audit_number_once": lambda: sql(TWICE, CHAINS[0]),
    "segment_first_once": lambda: [segment(), segment(last=3)],
    "segment_not_empty": lambda: segment(first=3),
}


@pytest.mark.parametrize("name", CASES)
def test_refuses(trail, name):
    with without_triggers():
        assert_refused(CASES[name], constraints_of("audit")[name])


def test_each_constraint_has_its_case():
    assert set(CASES) == set(constraints_of("audit"))
