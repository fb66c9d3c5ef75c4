"""The one way to write the audit trail."""
from django.db import models, transaction

from kpiportal.audit.context import current_address
from kpiportal.audit.models import AuditEvent


class NotInTransaction(RuntimeError):
    """An audit entry was to be written outside the transaction of the change that it tells of."""


def record(
    action: str,
    *,
    by: models.Model | None,
    target: models.Model,
    unit_id: int | None = None,
    before: dict | None = None,
    after: dict | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write one entry in the caller's transaction: either the change and its entry stand, or neither.

    `by` is the person (None for the portal itself); their name is frozen. `before` and `after` hold the changed
    fields only. Raises NotInTransaction outside `transaction.atomic()`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("record() must stand inside the change's own transaction.atomic().")
    return AuditEvent.objects.create(
        action=action,
        actor_id=by.pk if by else None,
        actor_name=getattr(by, "name", "") or (str(by) if by else ""),
        address=current_address(),
        unit_id=unit_id,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=str(target)[:300],
        before=before,
        after=after,
        reason=reason,
    )
