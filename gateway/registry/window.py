"""The time that a registry covers: 60 minutes, half-open, one ending at every :00 and :30 (DESIGN §7). Pure.

The grid is that of UTC, which is also that of every time zone a whole number of half hours away.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

LENGTH: Final = timedelta(minutes=60)
EVERY: Final = timedelta(minutes=30)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def last_end(now: datetime) -> datetime:
    """The latest instant of the grid that is not after `now`, in UTC."""
    return _EPOCH + (now - _EPOCH) // EVERY * EVERY


def is_end_of_window(at: datetime) -> bool:
    return (at - _EPOCH) % EVERY == timedelta()


def ends_between(after: datetime, now: datetime) -> Iterator[datetime]:
    """Every end of a window later than `after` and not later than `now`, 30 minutes apart.

    >>> nine = datetime(2026, 11, 22, 9, tzinfo=UTC)
    >>> [f"{end:%H:%M}" for end in ends_between(nine, nine + timedelta(minutes=75))]
    ['09:30', '10:00']
    """
    end = last_end(after) + EVERY
    while end <= now:
        yield end
        end += EVERY
