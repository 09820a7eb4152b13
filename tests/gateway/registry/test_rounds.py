"""Hours pass in simulated time: every window arrives in order, each operation is imported once, nothing falls between."""

import asyncio
import hashlib
from datetime import datetime
from itertools import pairwise

from gateway.registry import book
from gateway.registry.body import body
from gateway.registry.layout import Kind, Status
from gateway.registry.reading import read
from tests.gateway.registry.hours import HOUR, a_change_every_ten_minutes, consecutive, everything_is_there


def test_a_quiet_morning_has_its_windows_too(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await asyncio.sleep(2 * HOUR)
            assert {registry.seal.totals.count for registry in await house.registries()} == {0}

    simulate(main())
    assert [to for _, _, to in receiver.windows] == [
        f"2026-11-22T{time}:00+05:00" for time in ("14:30", "15:00", "15:30", "16:00")
    ]
    assert consecutive(receiver.windows)


def test_an_operation_is_in_both_windows_that_cover_it_as_it_stood_at_their_ends(
    simulate, live, receiver
) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes(1)  # 14:05
            await asyncio.sleep(HOUR / 2)
            await house.changes(1, Status.ACCEPTED)  # 14:35
            await asyncio.sleep(2 * HOUR)

    simulate(main())
    stood = [
        [line.split(";")[11] for line in content.decode().split("\r\n") if line.startswith("D")]
        for content in receiver.taken.values()
    ]
    assert stood[:4] == [["PENDING"], ["ACCEPTED"], ["ACCEPTED"], []]


def test_three_hours_without_the_receiver(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await a_change_every_ten_minutes(house, 1, 6)
            receiver.reachable = False
            await a_change_every_ten_minutes(house, 7, 18)
            assert len(receiver.taken) == 2
            receiver.reachable = True
            await a_change_every_ten_minutes(house, 25, 9)
            await asyncio.sleep(HOUR)

    simulate(main())
    everything_is_there(receiver, 33)


def test_the_schedule_is_a_minute_five_times_and_then_five_minutes(simulate, live, receiver) -> None:
    receiver.reachable = False
    times = []

    async def main() -> None:
        async with live() as house:
            while house.wall() < datetime.fromisoformat("2026-11-22T09:50:00+00:00"):
                before = len(receiver.attempts)
                await asyncio.sleep(1)
                if len(receiver.attempts) > before:
                    times.append(house.wall())

    simulate(main())
    minutes = [round((later - time).total_seconds() / 60) for time, later in pairwise(times)]
    assert minutes[:7] == [1, 1, 1, 1, 1, 5, 5]
    assert set(receiver.attempts) == {"10001-TECH-1"}


def test_three_hours_without_our_own_process(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await a_change_every_ten_minutes(house, 1, 3)
            await house.changes(4)
            await house.changes(4, Status.ACCEPTED)
        await asyncio.sleep(3 * HOUR)
        async with live() as house:
            await asyncio.sleep(1)
            assert len(receiver.taken) == 7
            await a_change_every_ten_minutes(house, 5, 9)
            await asyncio.sleep(HOUR)

    simulate(main())
    everything_is_there(receiver, 13)


def test_a_late_final_from_yesterday_is_in_the_window_in_which_it_came(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes(1)
            await asyncio.sleep(26 * HOUR)
            await house.changes(1, Status.REFUSED)
            await asyncio.sleep(2 * HOUR)

    simulate(main())
    listed = [
        (to, line.split(";")[11])
        for (_, _, to), content in zip(receiver.windows, receiver.taken.values(), strict=True)
        for line in content.decode().split("\r\n")
        if line.startswith("D")
    ]
    assert listed == [
        ("2026-11-22T14:30:00+05:00", "PENDING"),
        ("2026-11-22T15:00:00+05:00", "PENDING"),
        ("2026-11-23T16:30:00+05:00", "REFUSED"),
        ("2026-11-23T17:00:00+05:00", "REFUSED"),
    ]


def test_closing_ahead_shows_what_changed_since_and_loses_nothing(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes(1, Status.ACCEPTED)
            assert await house.rounds.build() == []
            assert await house.rounds.build(ahead=True) == ["10001-TECH-1"]
            assert await house.rounds.build(ahead=True) == []
            await asyncio.sleep(1)
            assert receiver.imported == ["26112200000000000001"]
            await house.changes(2, Status.ACCEPTED)
            await asyncio.sleep(HOUR)
            assert await house.alarms() == []

    simulate(main())
    everything_is_there(receiver, 2)


def test_a_series_that_begins_later_begins_with_the_oldest_change(simulate, open_store, wall, live) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes(1)
            await asyncio.sleep(3 * HOUR)
            bank = book.Series(
                kind=Kind.BANK, holder="10001", name="10001-BANK-", time_zone=house.rounds.series[0].time_zone,
                entry_kind="registry.bank", destination="central", floor=40,
            )  # fmt: skip
            await house.spool.write(lambda tx: book.begin(tx, bank))
            await house.spool.write(lambda tx: book.close_due(tx, bank, until=tx.now))
            first = (await house.spool.read(book.unsealed))[0]
            assert first.header.registry_id == "10001-BANK-41"
            assert first.header.closes_at == datetime.fromisoformat("2026-11-22T09:30:00+00:00")

    simulate(main())


def test_a_registry_is_the_same_bytes_whenever_it_is_asked_for(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes_at_once(range(1, 4_500))
            await asyncio.sleep(HOUR / 2)
            registry = (await house.registries())[0]
            await house.changes_at_once(range(1, 10), Status.REFUSED)
            content = b"".join([piece async for piece in body(house.spool, registry)])
            assert content == receiver.taken["10001-TECH-1"]
            assert hashlib.sha256(content).hexdigest() == registry.seal.sha256
            assert len(content) == registry.seal.length
            *_, totals = read([content], Kind.TECH)
            assert totals == registry.seal.totals
            assert totals.count == 4_499

    simulate(main())


def test_what_was_missed_in_longer_than_a_week_is_closed_at_a_persons_word(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes(1, Status.ACCEPTED)
            await asyncio.sleep(1)
        await asyncio.sleep(8 * 24 * HOUR)
        async with live() as house:
            await asyncio.sleep(HOUR)
            assert await house.registries() == []
            assert len(await house.rounds.build()) == 8 * 48 + 2
            await asyncio.sleep(HOUR)

    simulate(main())
    everything_is_there(receiver, 1)
