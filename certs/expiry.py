"""How long a certificate still lasts. Pure: the caller reads the clock."""

from datetime import datetime


def days_left(not_after: datetime, *, now: datetime) -> int:
    """Whole days until `not_after`, rounded down: 0 on the last day, below 0 once it is over.

    Both instants are aware.
    """
    return (not_after - now).days
