from datetime import UTC, datetime, timedelta

import pytest

from certs.expiry import days_left

ENDS = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before_the_end", "days"),
    [
        (timedelta(days=30), 30),
        (timedelta(days=30) - timedelta(seconds=1), 29),
        (timedelta(hours=23), 0),
        (timedelta(0), 0),
        (timedelta(seconds=-1), -1),
        (timedelta(days=-3), -3),
    ],
)
def test_days_are_whole_and_rounded_down(before_the_end: timedelta, days: int) -> None:
    assert days_left(ENDS, now=ENDS - before_the_end) == days
