"""Looks after the terminal's devices: asks each in the background, and knows what became of it.

A driver opens its line when it is used, and again after a loss. The supervisor sees to it that it is used:
it asks every device from time to time, one that was lost at once and then with a back-off, as
`connection_states.TABLE` says. Whatever anybody hears from a device goes through here (`witness`).
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any, Final, TypeVar

from devices.actions import action_against
from devices.connection_states import MEANING, Connection, Event, Step, advance, back_off_seconds
from devices.drivers import Choice, DeviceClass, Opened, Surroundings
from devices.events import DeviceEvent, ErrorHappened, Sink, StatusChanged
from devices.interfaces import Completion, DeviceState, Result, Status

Device = TypeVar("Device")
Emulator = TypeVar("Emulator")
ChoiceT = TypeVar("ChoiceT", bound=Choice)

log = logging.getLogger(__name__)

FRAMES_KEPT: Final = 200
EVENTS_KEPT: Final = 200
SILENT_SECONDS: Final = 10.0  # a driver that takes longer for a status has not answered


@dataclass(frozen=True)
class FrameSeen:
    at: datetime
    what: str  # masked: direction, kind and length


@dataclass(frozen=True)
class World:
    """What of the world a supervisor is given. `look_seconds`: how often a device that is well is asked."""

    sink: Sink
    now: Callable[[], datetime]
    random: Random
    look_seconds: float


class Supervised:
    """One device of the terminal, by its name in the settings. Implements `devices.witness.Witness`."""

    def __init__(self, name: str, device_class: DeviceClass, choice: Choice, world: World) -> None:
        self.name = name
        self.device_class = device_class
        self.driver = choice.driver
        self.port = choice.port
        self.device: Any = None  # the driver's own object, while it is open
        self.state = Connection.ABSENT
        self.errors: Counter[str] = Counter()  # by their word, since the start
        self._world = world
        self._status = Status(DeviceState.STARTING, detail="not asked yet")
        self._times_online = 0
        self._failures = 0
        self._due = 0.0  # by the loop's clock
        self._told = False  # since it was last asked
        self._moved = asyncio.Event()
        self._frames: deque[FrameSeen] = deque(maxlen=FRAMES_KEPT)
        self._events: deque[DeviceEvent] = deque(maxlen=EVENTS_KEPT)

    @property
    def status(self) -> Status:
        """What it last said of itself, or that it was silent."""
        return self._status

    @property
    def reconnects(self) -> int:
        """How often it came back, since the start."""
        return max(0, self._times_online - 1)

    def events(self, limit: int = EVENTS_KEPT) -> Sequence[DeviceEvent]:
        """The latest, newest first."""
        return list(reversed(self._events))[:limit]

    def last_frames(self) -> Sequence[FrameSeen]:
        """What went over its line, oldest first, without card data."""
        return list(self._frames)

    async def watch(self) -> None:
        """For ever: ask when it is due."""
        while True:
            await self._until_due()
            self._happen(Event.DUE)
            self._told = False
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    await self.device.status()
            except Exception as error:
                log.warning("device.not_asked", exc_info=error, extra={"device": self.name})
                self.status_told(Status(DeviceState.OFFLINE, detail="it did not answer"))
            if not self._told:
                self._due = _clock() + self._world.look_seconds  # a command keeps it busy

    def closed(self) -> None:
        """No event any more."""
        self.device = None
        self._happen(Event.CLOSED)

    def frame(self, masked: str) -> None:
        self._frames.append(FrameSeen(self._world.now(), masked))

    def status_told(self, status: Status) -> None:
        before, self._status = self._status, status
        self._told = True
        self._happen(MEANING[status.device])
        if (before.device, before.measured) != (status.device, status.measured):
            self._tell(
                StatusChanged(
                    self.name,
                    self.device_class,
                    self._world.now(),
                    before=before.device,
                    after=status.device,
                    measured=dict(status.measured),
                    detail=status.detail,
                )
            )

    def result_told(self, result: Result[Any]) -> None:
        action = action_against(result)
        if action is None:
            return
        word = result.error or result.completion.value
        self.errors[word] += 1
        self._tell(
            ErrorHappened(
                self.name,
                self.device_class,
                self._world.now(),
                completion=result.completion,
                error=word,
                action=action,
                detail=result.detail,
            )
        )
        if result.completion is Completion.CONNECTION_LOST:
            self._happen(Event.COMMAND_LOST)

    def _happen(self, event: Event) -> None:
        before, row = self.state, advance(self.state, event)
        self.state = row.next
        if row.next is Connection.ONLINE:
            self._failures = 0
            self._times_online += before is not Connection.ONLINE
        for step in row.steps:
            self._due = _clock() + self._seconds_until(step)
            self._moved.set()

    def _seconds_until(self, step: Step) -> float:
        if step is Step.BACK_OFF:
            self._failures += 1
            return back_off_seconds(self._failures, self._world.random.random())
        return self._world.look_seconds if step is Step.LOOK_LATER else 0.0

    def _tell(self, event: DeviceEvent) -> None:
        if self.state is Connection.CLOSED:
            return
        self._events.append(event)
        try:
            self._world.sink(event)
        except Exception:
            log.exception("device.event_not_kept", extra={"device": self.name})

    async def _until_due(self) -> None:
        while (left := self._due - _clock()) > 0:
            self._moved.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()


class Supervisor:
    """All devices of a terminal, in the order in which they were opened."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._devices: list[Supervised] = []

    def devices(self) -> Sequence[Supervised]:
        return tuple(self._devices)

    @asynccontextmanager
    async def open(
        self,
        name: str,
        device_class: DeviceClass,
        choice: ChoiceT,
        around: Surroundings,
        opener: Callable[[ChoiceT, Surroundings], AbstractAsyncContextManager[Opened[Device, Emulator]]],
    ) -> AsyncIterator[Opened[Device, Emulator]]:
        """Open a device by one of the `open_…` of `devices.drivers`, and look after it while the block runs.

        Raises what the opener raises; a device that is merely absent is no error.
        """
        supervised = Supervised(name, device_class, choice, self._world)
        async with opener(choice, replace(around, witness=supervised)) as opened:
            supervised.device = opened.device
            self._devices.append(supervised)
            watching = asyncio.create_task(supervised.watch())
            try:
                yield opened
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                supervised.closed()


def _clock() -> float:
    return asyncio.get_running_loop().time()
