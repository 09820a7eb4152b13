"""Instants as the store keeps them: Unix milliseconds. Pure.

>>> from_ms(to_ms(datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC))).isoformat()
'2026-11-22T09:05:09+00:00'
"""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """In UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def to_ms(instant: datetime) -> int:
    """`instant` is aware; what is finer than a millisecond is cut off."""
    return (instant - _EPOCH) // _MILLISECOND


def milliseconds_of_day(instant: datetime) -> int:
    """Since the midnight of `instant`'s own time zone: 0 to 86,399,999."""
    return ((instant.hour * 60 + instant.minute) * 60 + instant.second) * 1000 + instant.microsecond // 1000
