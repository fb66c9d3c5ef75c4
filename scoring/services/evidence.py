"""Putting evidence into a result's numbered list."""
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from evidence.models import Evidence
from indicators.models import ChecklistItem
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.models import EvidenceUse, Result
from scoring.services.rules import locked, require


@transaction.atomic
def use_evidence(
    result: Result, evidence: Evidence, *, items: Sequence[ChecklistItem] = (), by: User
) -> list[EvidenceUse]:
    """Put a piece of evidence at the end of a result's list, as the proof of `items` (none: of the whole result).
    Raises NotAllowed unless the result is open to its collectors."""
    result = locked(result)
    require(result, "save", by)
    last = EvidenceUse.objects.filter(result=result).aggregate(last=Max("order"))["last"] or 0
    uses = [
        EvidenceUse.objects.create(result=result, evidence=evidence, item=item, order=last + 1)
        for item in items or [None]
    ]
    result.makers.add(by)
    record(
        "evidence.used", by=by, target=result, unit_id=result.unit_id,
        after={"evidence": evidence.pk, "title": evidence.title, "items": [item.code for item in items]},
    )
    return uses
