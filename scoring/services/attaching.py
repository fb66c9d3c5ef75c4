"""Evidence that comes into a result from outside: a file, a newer file, or what is only named, in one change."""
from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from django.db.models import QuerySet

from evidence.models import Evidence, FileVersion
from evidence.problems import InUse
from evidence.services import Received, add_evidence, add_file, add_version, delete_unused, discard
from indicators.models import ChecklistItem, EvidenceRequirement
from kpiportal.accounts.models import User
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.services import record
from scoring.models import Result
from scoring.services.evidence import drop_evidence, evidence_changed, locked_with_listing, use_evidence
from scoring.services.rules import locked, require


@transaction.atomic
def attach_file(
    result: Result, received: Received, *, items: Sequence[ChecklistItem] = (),
    requirements: Sequence[EvidenceRequirement] = (), by: User,
) -> Evidence:
    """A new piece of evidence of the result's unit with its first file, listed in the result and put where it proves
    something (as in use_evidence); the very file that is listed already stays one document. The file was stored by
    `receive` before, so that nobody waits for the disk under a lock; the caller removes it if this fails
    (no_bytes_without_row). Raises what use_evidence and add_file do."""
    result = locked(result)
    require(result, "save", by)
    evidence = _listed_with(result, received)
    if evidence:
        discard(received)
    else:
        evidence = add_file(unit=result.unit, upload=received, by=by)
    use_evidence(result, evidence, items=items, requirements=requirements, by=by)
    return evidence


def _listed_with(result: Result, received: Received) -> Evidence | None:
    """The listed document whose newest file is this one: it was sent twice."""
    return next((one for one in _listed(result).order_by("pk") if _is_newest(one, received)), None)


def _listed(result: Result) -> QuerySet[Evidence]:
    return Evidence.objects.filter(uses__in=result.evidence_uses.listed()).distinct()


def _is_newest(evidence: Evidence, received: Received) -> bool:
    newest = evidence.versions.filter(taken_down_at__isnull=True).order_by("-number").first()
    return newest is not None and (newest.sha256, newest.name) == (received.stored.sha256, received.name)


@transaction.atomic
def attach_version(result: Result, evidence: Evidence, received: Received, *, by: User) -> FileVersion:
    """A newer file of evidence that the result lists, or the first one of a document that was only named; the scores
    follow. Stored and removed as in attach_file. Raises what evidence_changed and add_version do."""
    result = locked_with_listing(result, evidence)[result.pk]
    require(result, "save", by)
    if _is_newest(evidence, received):  # sent twice
        discard(received)
        return evidence.versions.order_by("-number").first()
    version = add_version(evidence, upload=received, by=by)
    evidence_changed(result, evidence, by=by)
    return version


@transaction.atomic
def attach_named(
    result: Result, *, items: Sequence[ChecklistItem] = (), requirements: Sequence[EvidenceRequirement] = (), by: User,
    **named,
) -> Evidence:
    """A link, an official letter or a document kept elsewhere (`named`: the fields of add_evidence), listed in the
    result and put where it proves something. Raises what use_evidence and add_evidence do."""
    result = locked(result)
    require(result, "save", by)
    evidence = add_evidence(unit=result.unit, among=_listed(result), by=by, **named)
    use_evidence(result, evidence, items=items, requirements=requirements, by=by)
    return evidence


@transaction.atomic
def take_out(result: Result, evidence: Evidence, *, by: User) -> None:
    """Take evidence out of a result's list; what no report, submitted or not, refers to any more is deleted with its
    files. Raises what drop_evidence does."""
    drop_evidence(result, evidence, by=by)
    with suppress(InUse):  # another report took it over at this moment
        if not evidence.uses.exists():
            delete_unused(evidence, by=by)


@transaction.atomic
def record_download(result: Result, version: FileVersion, *, by: User) -> None:
    """Leave an entry that a person took a copy of a file away."""
    after = {"name": version.name, "number": version.number, "sha256": version.sha256, "result": result.pk}
    record("evidence.downloaded", by=by, target=version, unit_id=result.unit_id, after=after)


@transaction.atomic
def record_view(result: Result, version: FileVersion, *, by: User) -> None:
    """Leave an entry that a person looked at a file, the whole of which a preview shows: one a day."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    # Whoever asks for the same file at the same moment waits and then finds the entry.
    FileVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if AuditEvent.objects.about(version).filter(action="evidence.viewed", actor_id=by.pk, at__gte=today).exists():
        return
    after = {"name": version.name, "number": version.number, "sha256": version.sha256, "result": result.pk}
    record("evidence.viewed", by=by, target=version, unit_id=result.unit_id, after=after)
