"""The one way to write the audit trail, to seal it and to let it expire; and the forms that had their effect."""
import datetime

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kpiportal.audit import archives, checkpoints
from kpiportal.audit.chain import FIELDS, canonical_json, know_the_hash
from kpiportal.audit.context import current_address
from kpiportal.audit.models import AuditCheckpoint, AuditEvent, AuditSegment, HandledPost
from kpiportal.audit.signing import sign

POSTS_KEPT = datetime.timedelta(days=7)
CONTENT = tuple(name for name in FIELDS if name not in ("id", "chain", "number", "previous"))
VALUES = ", ".join(f'"{name}"' for name in CONTENT)
GIVEN = ", ".join(f"%({name})s" for name in CONTENT)
ON_POSTGRESQL = f"INSERT INTO audit_auditevent (chain, {VALUES}) VALUES (%(chain)s, {GIVEN}) RETURNING id"
# One transaction writes at a time, so that what is read here stays so; the triggers look once more.
ON_SQLITE = f"""
INSERT INTO audit_auditevent (id, chain, number, previous, {VALUES}, hash)
SELECT id, chain, number, previous, {VALUES}, audit_hash({", ".join(f'"{name}"' for name in FIELDS)}) FROM (SELECT
    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_auditevent'), 0) + 1 AS id, %(chain)s AS chain,
    coalesce((SELECT number FROM audit_audithead WHERE chain = %(chain)s), 0) + 1 AS number,
    coalesce((SELECT hash FROM audit_audithead WHERE chain = %(chain)s), '') AS previous,
    {", ".join(f'%({name})s AS "{name}"' for name in CONTENT)})
RETURNING id, number, previous, hash
"""


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
    fields only. The entry joins the chain of its unit; on PostgreSQL that happens at the commit. Raises
    NotInTransaction outside `transaction.atomic()`.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction("record() must stand inside the change's own transaction.atomic().")
    entry = AuditEvent(
        chain=unit_id or 0,
        at=timezone.now(),
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
    _append(entry)
    return entry


def _append(entry: AuditEvent) -> None:
    """Write the entry in one statement and take over what the database gave it."""
    values = {name: getattr(entry, name) for name in ("chain", *CONTENT)}
    values["at"] = connection.ops.adapt_datetimefield_value(entry.at)
    values |= {"before": canonical_json(entry.before), "after": canonical_json(entry.after)}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            know_the_hash(connection)
            cursor.execute(ON_SQLITE, values)
            entry.pk, entry.number, entry.previous, entry.hash = cursor.fetchone()
        else:
            cursor.execute(ON_POSTGRESQL, values)
            (entry.pk,) = cursor.fetchone()
    entry._state.adding, entry._state.db = False, connection.alias


def seal() -> AuditCheckpoint | None:
    """Sign the heads that moved since the last checkpoint, and add to the file outside what it lacks; None when nothing
    was written since."""
    with transaction.atomic():
        checkpoints.one_at_a_time()
        found = checkpoints.next_payload(timezone.now())
        made = found and AuditCheckpoint.objects.create(**found, signature=sign(found["payload"]))
    checkpoints.complete_file()
    return made


def seal_when_due() -> AuditCheckpoint | None:
    """A checkpoint, at most one an hour and only when something was written since; the file outside is completed."""
    last = AuditCheckpoint.objects.order_by("number").last()
    if last and last.at > timezone.now() - datetime.timedelta(hours=1):
        checkpoints.complete_file()
        return None
    return seal()


def archive(before: datetime.datetime) -> list[AuditSegment]:
    """Write all entries up to the last checkpoint before a time to a file, verify it, then delete just these.

    Gives the segments, none if nothing is old enough. Raises NotArchived with a sentence when entries younger than
    AUDIT_KEEP_DAYS would go, when the trail is not sound there or the file does not hold what was written.
    """
    archives.require_age(before)
    # Entries don't change, so that the database isn't locked while the file is written and read.
    with archives.one_at_a_time():
        written = archives.write(before)
        return _replace(written) if written else []


@transaction.atomic
def _replace(written: archives.Written) -> list[AuditSegment]:
    """Put segments in the place of the entries that their file holds."""
    made = [AuditSegment.objects.create(at=timezone.now(), file=written.path.name, **row) for row in written.segments]
    for segment in made:
        _delete(segment)
    record("trail.archived", by=None, target=made[0], after={"file": written.path.name, "entries": written.entries})
    return made


def _delete(segment: AuditSegment) -> None:
    """Delete what a segment covers; NotArchived, and nothing is deleted, if that were more or less than it holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_auditevent WHERE chain = %s AND number BETWEEN %s AND %s",
            [segment.chain, segment.first, segment.last],
        )
        if cursor.rowcount != segment.last - segment.first + 1:
            raise archives.NotArchived(_("The trail changed while it was archived: nothing was deleted."))


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
