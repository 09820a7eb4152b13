"""A technician gets the terminal between two customers, and it comes back by itself."""

import asyncio

import pytest

from agent.maintenance import IN_MAINTENANCE, TABLE, Event, Maintenance, State
from agent.readiness import ReadinessGate


class Place:
    """A terminal as far as maintenance goes."""

    def __init__(self, idle_seconds):
        self.customers = asyncio.Lock()
        self.asked = 0
        self.gate = ReadinessGate([self._ask], patience_seconds=0.0)
        self.noted = []
        self.maintenance = Maintenance(self.customers, self.gate, self._note, idle_seconds=idle_seconds)

    async def _ask(self):
        self.asked += 1
        return []

    async def _note(self, name, data):
        self.noted.append((name, data["event"]))

    async def is_(self, state):
        async with asyncio.timeout(10):
            while self.maintenance.state is not state:
                await self.maintenance._changed.wait()


@pytest.fixture
async def place(request):
    place = Place(getattr(request, "param", 600))
    running = asyncio.create_task(place.maintenance.run())
    yield place
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await place.maintenance.close()


def test_every_event_has_a_row_in_every_state_and_each_leads_back_to_customers():
    assert set(TABLE) == {(state, event) for state in State for event in Event}
    for state in State:
        assert TABLE[state, Event.LEFT].next is State.SERVING
        assert TABLE[state, Event.IDLE].next is State.SERVING


async def test_a_terminal_that_serves_nobody_is_taken_at_once(place):
    await place.maintenance.take()
    assert place.maintenance.state is State.MAINTAINED
    assert await place.gate.obstacles() == [IN_MAINTENANCE]
    assert place.asked == 0, "a device that is being tested is not asked whether it is ready"
    assert [found.code for found in await place.gate.findings()] == [IN_MAINTENANCE]
    await place.maintenance.leave()
    assert await place.gate.obstacles() == []
    assert [name for name, _ in place.noted] == [
        "maintenance.waiting",
        "maintenance.maintained",
        "maintenance.serving",
    ]


async def test_whoever_is_served_comes_to_the_end_first_and_whoever_comes_later_is_told(place):
    await place.customers.acquire()
    assert await place.maintenance.ask() is State.WAITING
    for _ in range(10):
        await asyncio.sleep(0)  # whatever could take it has had its turn
    assert place.maintenance.state is State.WAITING
    assert await place.gate.obstacles() == [], "the customer who is there still asks the gate before the card"
    next_one = asyncio.create_task(_comes(place))
    await asyncio.sleep(0)
    place.customers.release()
    assert await next_one == [IN_MAINTENANCE]


async def _comes(place):
    async with place.customers:
        return await place.gate.obstacles()


async def test_who_asks_with_patience_is_told_how_it_went(place):
    assert await place.maintenance.ask(patience_seconds=30) is State.MAINTAINED
    await place.maintenance.leave()
    await place.customers.acquire()
    assert await place.maintenance.ask(patience_seconds=0.01) is State.WAITING
    place.customers.release()


async def test_who_stops_waiting_changes_nothing_for_anybody(place):
    await place.customers.acquire()
    await place.maintenance.ask()
    assert await place.maintenance.leave() is State.SERVING
    place.customers.release()
    assert await _comes(place) == []


@pytest.mark.parametrize("place", [0.05], indirect=True)
async def test_a_technician_who_went_without_a_word_leaves_the_terminal_to_its_customers(place):
    await place.maintenance.take()
    await place.is_(State.SERVING)
    assert await place.gate.obstacles() == []
    assert place.noted[-1] == ("maintenance.serving", "IDLE")


@pytest.mark.parametrize("place", [0.05], indirect=True)
async def test_waiting_ends_likewise(place):
    await place.customers.acquire()
    await place.maintenance.ask()
    await place.is_(State.SERVING)
    place.customers.release()
    assert await _comes(place) == []


@pytest.mark.parametrize("place", [0.02], indirect=True)
async def test_nobody_is_idle_while_a_test_runs(place):
    await place.maintenance.take()
    going_on = asyncio.Event()
    work = place.maintenance.work(_wait(going_on))
    await asyncio.sleep(0.1)  # five times as long as idleness takes
    assert place.maintenance.state is State.MAINTAINED
    going_on.set()
    await work
    await place.is_(State.SERVING)


async def _wait(event):
    await event.wait()


async def test_leaving_ends_a_test_before_customers_come(place):
    await place.maintenance.take()
    seen = []

    async def _test():
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(await place.gate.obstacles())

    work = place.maintenance.work(_test())
    await asyncio.sleep(0)
    await place.maintenance.leave()
    assert work.cancelled()
    assert seen == [[IN_MAINTENANCE]]
    assert await place.gate.obstacles() == []


async def test_who_asks_again_while_a_test_is_being_ended_is_not_left_with_an_open_gate(place):
    await place.maintenance.take()

    async def _slow_to_end():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)

    place.maintenance.work(_slow_to_end())
    await asyncio.sleep(0)
    leaving = asyncio.create_task(place.maintenance.leave())
    await asyncio.sleep(0)
    await place.maintenance.take()
    await leaving
    assert place.maintenance.state is State.MAINTAINED
    assert await place.gate.obstacles() == [IN_MAINTENANCE]
