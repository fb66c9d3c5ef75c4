"""The one way to write the audit trail, and the forms that had their effect."""
from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from kpiportal.audit.context import current_address
from kpiportal.audit.models import AuditEvent, HandledPost

POSTS_KEPT = timedelta(days=7)


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


def claim_post(key: str) -> tuple[HandledPost, bool]:
    """The form with this key and whether it comes for the first time; a second one waits for the first to end. In the
    transaction of its effect."""
    return HandledPost.objects.get_or_create(key=key, defaults={"at": timezone.now()})


def settle_post(post: HandledPost, *, handled: bool, location: str) -> None:
    """Remember where a form led; one that was refused (not handled) may come again."""
    if not handled:
        post.delete()
    elif location:
        post.location = location
        post.save(update_fields=["location"])


def forget_handled_posts() -> int:
    """Forget the forms of more than a week ago: nobody's page is that old. Gives how many."""
    return HandledPost.objects.filter(at__lt=timezone.now() - POSTS_KEPT).delete()[0]
