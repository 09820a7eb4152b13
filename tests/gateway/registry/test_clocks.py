"""The clock is set by an hour, a day and years, and set back: no window of the future is closed, and nothing is lost."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.registry.layout import Status
from gateway.registry.rounds import ClockBrokenError
from tests.gateway.registry.hours import HOUR, a_change_every_ten_minutes, everything_is_there


@pytest.mark.parametrize(
    ("step", "witness", "hours_until_told"),
    [
        (timedelta(hours=-1), False, 1),
        (timedelta(days=1), False, 26),  # nobody says that it is wrong, so a day is closed ahead
        (timedelta(days=-1), True, 1),
        (timedelta(days=3650), True, 1),
    ],
)
def test_a_clock_that_is_set_and_set_back_loses_nothing(
    simulate, live, receiver, step, witness, hours_until_told
) -> None:
    async def main() -> None:
        async with live(witness=witness) as house:
            await a_change_every_ten_minutes(house, 1, 6)
            house.wall.stepped = step
            await a_change_every_ten_minutes(house, 7, 12)
            house.wall.stepped = timedelta()
            await a_change_every_ten_minutes(house, 19, 3)
            await asyncio.sleep(hours_until_told * HOUR)

    simulate(main())
    everything_is_there(receiver, 21)


def test_windows_that_are_closed_in_the_future_are_alarmed(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            house.wall.stepped = timedelta(days=1)
            await asyncio.sleep(60)
            house.wall.stepped = timedelta()
            await asyncio.sleep(60)
            assert ("registry_clock_behind", "TECH") in await house.alarms()

    simulate(main())


def test_a_dead_clock_begins_and_closes_nothing(simulate, live, receiver, wall) -> None:
    wall.stepped = datetime(1970, 1, 1, tzinfo=UTC) - wall.began

    async def main() -> None:
        async with live() as house:
            await asyncio.sleep(2 * HOUR)
            assert await house.registries() == []
            with pytest.raises(ClockBrokenError):
                await house.rounds.build()
            assert await house.alarms() == [("registry_clock_broken", "clock")]
            wall.stepped = timedelta()
            await a_change_every_ten_minutes(house, 1, 6)
            await asyncio.sleep(HOUR)

    simulate(main())
    everything_is_there(receiver, 6)
    assert receiver.windows[0][2] == "2026-11-22T16:30:00+05:00"


def test_a_clock_that_jumps_by_years_closes_nothing_before_it_is_set_back(
    simulate, live, receiver, wall
) -> None:
    async def main() -> None:
        async with live() as house:
            await a_change_every_ten_minutes(house, 1, 6)
            wall.stepped = timedelta(days=3650)
            await asyncio.sleep(HOUR)
            assert len(receiver.taken) == 2
            assert await house.alarms() == [("registry_clock_jumped", "clock")]
            wall.stepped = timedelta()
            await a_change_every_ten_minutes(house, 7, 6)
            await asyncio.sleep(HOUR)

    simulate(main())
    everything_is_there(receiver, 12)


@pytest.mark.parametrize(("step", "witness"), [(timedelta(days=1), True), (timedelta(days=3650), False)])
def test_what_changed_while_the_clock_was_ahead_is_told_within_the_hour_after_it_was_set_back(
    simulate, live, receiver, wall, step, witness
) -> None:
    async def main() -> None:
        async with live(witness=witness) as house:
            await a_change_every_ten_minutes(house, 1, 6)
            wall.stepped = step
            await a_change_every_ten_minutes(house, 7, 12)
            assert len(receiver.taken) == 2, "no window of the future is closed"
            wall.stepped = timedelta()
            await asyncio.sleep(HOUR / 2)
            assert len(receiver.imported) == 18
            await asyncio.sleep(HOUR / 2)
            name = "registry_clock_broken" if witness else "registry_clock_jumped"
            assert await house.alarms() == [(name, "clock")]

    simulate(main())
    everything_is_there(receiver, 18)
    assert receiver.windows[-1][2] == "2026-11-22T18:00:00+05:00"


def test_a_clock_that_is_a_little_ahead_of_the_others_closes_its_windows(simulate, live, receiver) -> None:
    """Whose clock is wrong nobody knows, and less than a window does no harm."""

    async def main() -> None:
        async with live(witness=True) as house:
            house.wall.stepped = timedelta(minutes=29)
            await a_change_every_ten_minutes(house, 1, 6)
            await asyncio.sleep(HOUR)
            assert await house.alarms() == []

    simulate(main())
    everything_is_there(receiver, 6)


def test_a_persons_word_counts_more_than_another_clock(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live(witness=True) as house:
            await house.changes(1, Status.ACCEPTED)
            house.wall.stepped = timedelta(hours=2)
            await asyncio.sleep(HOUR)
            assert await house.registries() == []
            assert len(await house.rounds.build()) == 6
            await asyncio.sleep(60)

    simulate(main())
    everything_is_there(receiver, 1)
