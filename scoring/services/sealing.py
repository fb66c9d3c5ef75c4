"""Certifying a result, and sealing a round: what was decided is frozen, and superseded later at most."""
from django.utils import timezone

from scoring.models import Result


def supersede(result: Result) -> None:
    """The snapshot in force of a result is so no more; part of the caller's change."""
    result.snapshots.filter(superseded_at__isnull=True).update(superseded_at=timezone.now())
