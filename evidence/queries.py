"""Questions about stored files."""
from collections.abc import Collection

from django.db.models import QuerySet, Sum

from evidence.models import FileVersion
from kpiportal.accounts.models import Unit


def bytes_of(unit: Unit) -> int:
    """The bytes that a unit's files take; what was taken down takes none."""
    return _held(FileVersion.objects.filter(evidence__unit=unit))


def bytes_held(evidence: Collection[int]) -> int:
    """The bytes that the files of these pieces of evidence take, all versions together."""
    return _held(FileVersion.objects.filter(evidence__in=evidence))


def _held(versions: QuerySet[FileVersion]) -> int:
    return versions.filter(taken_down_at__isnull=True).aggregate(total=Sum("size"))["total"] or 0


def unscanned() -> QuerySet[FileVersion]:
    """The files that the virus scanner gave no verdict on, oldest first."""
    lacking = (FileVersion.Scan.OFF, FileVersion.Scan.WAITING, FileVersion.Scan.FAILED)
    return FileVersion.objects.filter(scan__in=lacking, taken_down_at__isnull=True).order_by("pk")
