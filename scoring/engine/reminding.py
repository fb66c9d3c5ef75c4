"""When to remind: the steps before and after a due date that are told, and the hours in which mails go out."""
from datetime import datetime, time
from typing import NamedTuple

# Told of a due date when so many days are left; whoever was not reached on the very day is told on the next one.
STEPS_BEFORE = (0, 1, 3, 7, 14)
STEPS_AFTER = (7, 3, 1)
WEEK = 7
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def due_step(days_left: int) -> int | None:
    """The step that is reached so many days before a due date, None while it is far."""
    return next((step for step in STEPS_BEFORE if days_left <= step), None)


def late_step(days_late: int) -> int:
    """The step that is reached so many days after a due date: 1, 3, 7, then every week."""
    if days_late > WEEK:
        return days_late // WEEK * WEEK
    return next((step for step in STEPS_AFTER if days_late >= step), 0)


class MailTimes(NamedTuple):
    """When mails go out: from `start` to `end`, on some days of the week (0: Monday)."""

    start: time
    end: time
    weekdays: frozenset[int]

    def allow(self, moment: datetime) -> bool:
        """Whether a mail may go out at this moment, given in the zone of the people."""
        return moment.weekday() in self.weekdays and self.start <= moment.time() <= self.end


def parse_times(hours: str, days: list[str]) -> MailTimes:
    """Read '08:00-17:00' and ['mon', 'tue']. Raises ValueError with a sentence for nonsense."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in hours.split("-"))
    except ValueError as error:
        raise ValueError(f"write the hours as in 08:00-17:00, not '{hours}'") from error
    if start.tzinfo or end.tzinfo or start >= end:
        raise ValueError(f"the hours must begin before they end, as in 08:00-17:00, not '{hours}'")
    wanted = [day.strip().lower() for day in days]
    unknown = [day for day in wanted if day not in WEEKDAYS]
    if unknown or not wanted:
        raise ValueError(f"name at least one day, as in mon,tue,wed,thu,fri, not '{','.join(days)}'")
    return MailTimes(start, end, frozenset(WEEKDAYS.index(day) for day in wanted))
