"""Hours of changes in a house of registries, and what a receiver must have of them in the end."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

from gateway.registry.layout import Status

HOUR = 3600.0


def consecutive(windows) -> bool:
    """`to` 30 minutes apart, `from` 60 before it, n without gaps."""
    ends = [datetime.fromisoformat(to) for _, _, to in windows]
    starts = [datetime.fromisoformat(opens) for _, opens, _ in windows]
    numbers = [int(registry_id.rpartition("-")[2]) for registry_id, _, _ in windows]
    return (
        numbers == list(range(1, len(windows) + 1))
        and all(end - start == timedelta(hours=1) for start, end in zip(starts, ends, strict=True))
        and all(later - end == timedelta(minutes=30) for end, later in pairwise(ends))
    )


async def a_change_every_ten_minutes(house, first: int, count: int) -> None:
    for n in range(first, first + count):
        await house.changes(n)
        await asyncio.sleep(300)
        await house.changes(n, Status.ACCEPTED)
        await asyncio.sleep(300)


def everything_is_there(receiver, count: int) -> None:
    assert consecutive(receiver.windows)
    assert sorted(receiver.imported) == [f"261122{n:014d}" for n in range(1, count + 1)]
    assert set(receiver.operations.values()) == {"ACCEPTED"}
