"""A process that ends inside a build, at each of its points, leaves nothing half; and no interleaving loses a change."""

import asyncio
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.registry import book
from gateway.registry.changes import Place, page, record
from gateway.registry.layout import Kind, Status
from gateway.registry.rounds import Rounds
from gateway.times import to_ms
from tests.gateway.registry.conftest import SERIES, alarm, operation


class Killed(Exception):  # noqa: N818  # what happens to a process, not a fault of it
    """The process ends here."""


class Mortal:
    """A store whose process is killed at its nth commit: just before it, or just after."""

    def __init__(self, spool, *, dies_at: int, after: bool) -> None:
        self._spool = spool
        self._left = dies_at
        self._after = after

    async def read(self, fn):
        return await self._spool.read(fn)

    async def write(self, fn):
        self._left -= 1
        if self._left:
            return await self._spool.write(fn)

        def killed(tx):
            fn(tx)
            raise Killed

        await self._spool.write(fn if self._after else killed)
        raise Killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("point", range(1, 20))
def test_a_build_that_is_cut_off_goes_on_with_the_same_windows(
    simulate, live, open_store, receiver, wall, point, after
) -> None:
    async def main() -> None:
        async with await open_store() as spool:
            await spool.write(lambda tx: book.begin(tx, SERIES[0]))
            for n in range(1, 10):
                await spool.write(lambda tx, n=n: record(tx, f"payment-{n}", operation(n), Kind.TECH))
                await asyncio.sleep(500)
            mortal = Mortal(spool, dies_at=point, after=after)
            rounds = Rounds(mortal, SERIES, now=wall, raise_alarm=alarm)
            try:
                await rounds.build()
            except Killed:
                assert point < 9
        async with live() as house:
            await asyncio.sleep(1)
            assert [registry.header.number for registry in await house.registries()] == [2, 1]

    simulate(main())
    assert list(receiver.taken) == ["10001-TECH-1", "10001-TECH-2"]
    assert len(receiver.attempts) == 2
    assert sorted(receiver.imported) == [f"261122{n:014d}" for n in range(1, 8)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(1, 4)),
        st.tuples(st.just("clock"), st.integers(-100, 150)),  # minutes
        st.tuples(st.just("build"), st.booleans()),  # ahead?
    ),
    max_size=20,
)
Told = tuple[str, int, int]  # subject, serial number of the change, `to` of the last window closed before it


async def live_through(steps, spool, wall) -> list[Told]:
    """Changes, builds and clock steps as told; at last time enough for every window."""
    told: list[Told] = []

    def change(tx, n: int, serial: int) -> None:
        record(tx, f"payment-{n}", operation(n, Status.PENDING, result=str(serial)), Kind.TECH)
        told.append((f"payment-{n}", serial, to_ms(book.closed_to(tx, SERIES[0]))))

    rounds = Rounds(spool, SERIES, now=wall, raise_alarm=alarm)
    await spool.write(lambda tx: book.begin(tx, SERIES[0]))
    latest = wall.stepped
    for serial, (step, value) in enumerate(steps):
        if step == "clock":
            wall.stepped += timedelta(minutes=value)
            latest = max(latest, wall.stepped)
        elif step == "build":
            await rounds.build(ahead=value)
        else:
            await spool.write(lambda tx, n=value, serial=serial: change(tx, n, serial))
    wall.stepped = latest + timedelta(hours=2)
    await rounds.build()
    return told


async def shown_in(spool) -> tuple[list[int], dict[str, list[tuple[int, int]]]]:
    """The ends of the windows; subject → (end of a window, serial number of the change that it shows)."""
    registries = await spool.read(lambda tx: book.latest(tx, limit=10_000))
    ends, shown = [], defaultdict(list)
    for registry in sorted(registries, key=lambda registry: registry.header.number):
        opens, closes = to_ms(registry.header.opens_at), to_ms(registry.header.closes_at)
        ends.append(closes)
        for change in await spool.read(
            lambda tx, opens=opens, closes=closes: page(tx, Place(opens), to_ms=closes, limit=1000)
        ):
            shown[change.place.subject].append((closes, int(change.line.decode().split(";")[12])))
    return ends, shown


@given(STEPS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_change_is_in_a_window_that_was_open_when_it_happened(
    simulate, open_store, wall, tmp_path, steps
) -> None:
    for left in tmp_path.glob("gateway*"):
        left.unlink()
    wall.stepped = timedelta()

    async def main() -> None:
        async with await open_store() as spool:
            told = await live_through(steps, spool, wall)
            ends, shown = await shown_in(spool)
        assert ends == [ends[0] + n * 1_800_000 for n in range(len(ends))]
        for subject, serial, closed in told:
            assert [end for end, shows in shown[subject] if shows >= serial and end > closed]
        for subject, rows in shown.items():
            assert [shows for _, shows in rows] == sorted(shows for _, shows in rows)
            assert rows[-1][1] == max(serial for told_of, serial, _ in told if told_of == subject)

    simulate(main())
