"""Business days: from midnight to midnight of a named time zone, 23 or 25 hours long where clocks change. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day`."""
    return datetime.combine(day, time(), zone)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def days(first: date, last: date) -> Iterator[date]:
    """Both included."""
    while first <= last:
        yield first
        first += DAY
