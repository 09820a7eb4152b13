"""Whether the terminal serves customers or is in a technician's hands, as a table. It alone decides.

A technician gets the terminal between two customers: who is being served comes to the end first, whoever
comes later finds it out of service. It returns by itself when the technician has gone without a word.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from agent.journal import Data
from agent.readiness import ReadinessGate
from gateway.state_table import Row, advance

log = logging.getLogger(__name__)
AT_ONCE_SECONDS: Final = 1.0  # a terminal that serves nobody is taken within it
IN_MAINTENANCE: Final = "terminal.maintenance"  # the readiness gate's one obstacle meanwhile

Note = Callable[[str, Data], Awaitable[None]]
"""Writes a line of the journal."""


class State(StrEnum):
    SERVING = "SERVING"
    WAITING = "WAITING"  # for a customer's journey to end
    MAINTAINED = "MAINTAINED"


class Event(StrEnum):
    ASKED = "ASKED"
    NOBODY_SERVED = "NOBODY_SERVED"
    LEFT = "LEFT"
    IDLE = "IDLE"  # the technician has not been heard of for too long


class Step(StrEnum):
    WAIT = "WAIT"
    STOP_WAITING = "STOP_WAITING"
    CLOSE = "CLOSE"  # the gate
    END_WORK = "END_WORK"  # tests that still run
    OPEN = "OPEN"


_BACK: Final = Row(State.SERVING, (Step.END_WORK, Step.OPEN))
_NOT_ANY_MORE: Final = Row(State.SERVING, (Step.STOP_WAITING,))

# fmt: off
TABLE: Final[Mapping[tuple[State, Event], Row[State, Step]]] = MappingProxyType(
    {
        (State.SERVING,    Event.ASKED):         Row(State.WAITING, (Step.WAIT,)),
        (State.SERVING,    Event.NOBODY_SERVED): Row(State.SERVING),
        (State.SERVING,    Event.LEFT):          Row(State.SERVING),
        (State.SERVING,    Event.IDLE):          Row(State.SERVING),

        (State.WAITING,    Event.ASKED):         Row(State.WAITING),
        (State.WAITING,    Event.NOBODY_SERVED): Row(State.MAINTAINED, (Step.CLOSE,)),
        (State.WAITING,    Event.LEFT):          _NOT_ANY_MORE,
        (State.WAITING,    Event.IDLE):          _NOT_ANY_MORE,

        (State.MAINTAINED, Event.ASKED):         Row(State.MAINTAINED),
        (State.MAINTAINED, Event.NOBODY_SERVED): Row(State.MAINTAINED),
        (State.MAINTAINED, Event.LEFT):          _BACK,
        (State.MAINTAINED, Event.IDLE):          _BACK,
    }
)
# fmt: on


class Maintenance:
    """`customers` is held by whoever serves one. `idle_seconds` of the loop's time without `touch` end it."""

    def __init__(
        self, customers: asyncio.Lock, gate: ReadinessGate, note: Note, *, idle_seconds: float
    ) -> None:
        self._customers = customers
        self._gate = gate
        self._note = note
        self._idle_seconds = idle_seconds
        self._state = State.SERVING
        self._touched_at = 0.0
        self._changed = asyncio.Event()
        self._moving = asyncio.Lock()
        self._waiting: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._steps: Mapping[Step, Callable[[], Awaitable[None]]] = {
            Step.WAIT: self._wait,
            Step.STOP_WAITING: self._stop_waiting,
            Step.CLOSE: self._close,
            Step.END_WORK: self._end_work,
            Step.OPEN: self._open,
        }

    @property
    def state(self) -> State:
        return self._state

    def touch(self) -> None:
        """The technician is there."""
        self._touched_at = asyncio.get_running_loop().time()

    async def ask(self, *, patience_seconds: float = 0.0) -> State:
        """Take the terminal as soon as nobody is served, and come back with its state after so long at most."""
        self.touch()
        await self._happen(Event.ASKED)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                await self._settled()
        return self._state

    async def take(self) -> None:
        """The same, and wait until it is taken, or left again by somebody else."""
        await self.ask()
        await self._settled()

    async def leave(self) -> State:
        """Give the terminal back to its customers; tests that still run are ended."""
        return await self._happen(Event.LEFT)

    def work(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Something that ends with the maintenance at the latest. While it goes on nobody counts as idle."""
        task = asyncio.create_task(job)
        self._work.add(task)
        task.add_done_callback(self._done)
        return task

    async def run(self) -> None:
        """For ever: end what nobody has touched for too long."""
        loop = asyncio.get_running_loop()
        while True:
            while self._state is State.SERVING:
                await self._changed.wait()
            left = self._touched_at + self._idle_seconds - loop.time()
            if self._work:
                await asyncio.wait(self._work)
            elif left > 0:
                await asyncio.sleep(left)
            else:
                await self._happen(Event.IDLE)

    async def close(self) -> None:
        """The terminal ends."""
        await self._stop_waiting()
        await self._end_work()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        self.touch()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("maintenance.work_failed", exc_info=error)

    async def _settled(self) -> None:
        while self._state is State.WAITING:
            await self._changed.wait()

    async def _happen(self, event: Event) -> State:
        """One after the other: what a move still has to end is ended before the next one begins."""
        async with self._moving:
            before, row = self._state, advance(TABLE, self._state, event)
            self._state = row.next
            for step in row.steps:
                await self._steps[step]()
            if row.next is not before:
                changed, self._changed = self._changed, asyncio.Event()
                changed.set()
                await self._note(f"maintenance.{row.next.lower()}", {"event": event})
        return row.next

    async def _wait(self) -> None:
        self._waiting = asyncio.create_task(self._take_between_customers())

    async def _take_between_customers(self) -> None:
        async with self._customers:
            await self._happen(Event.NOBODY_SERVED)

    async def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.gather(self._waiting, return_exceptions=True)

    async def _close(self) -> None:
        self._gate.close(IN_MAINTENANCE)

    async def _end_work(self) -> None:
        for task in (*self._work,):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _open(self) -> None:
        self._gate.open()
