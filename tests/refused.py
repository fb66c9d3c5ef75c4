"""A refusal leaves its own entry in the trail, and nothing else."""
from kpiportal.audit.models import AuditEvent


def last_entry() -> int:
    """The key of the trail's last entry."""
    return AuditEvent.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def assert_only_refused(before: int, times: int = 1) -> None:
    """Since then, nothing stands in the trail but that somebody was refused."""
    added = AuditEvent.objects.filter(pk__gt=before).values_list("action", flat=True)
    assert list(added) == ["request.refused"] * times
