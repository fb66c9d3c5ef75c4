"""A clock for tests of days: what the portal takes for now, told in Bangkok."""

from datetime import datetime, timedelta

from django.utils import timezone


class Clock:
    """`clock("2026-11-23 09:00")` sets it."""

    def __init__(self, monkeypatch) -> None:
        self.moment = timezone.make_aware(datetime.fromisoformat("2026-11-23 09:00"))
        monkeypatch.setattr(timezone, "now", lambda: self.moment)

    def __call__(self, moment: str) -> None:
        self.moment = timezone.make_aware(datetime.fromisoformat(moment))

    def later(self, **span: int) -> None:
        """Put it forward."""
        self.moment += timedelta(**span)
