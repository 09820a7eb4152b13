"""A device as settings name it, and somebody who is told what happens to it."""

import asyncio
from dataclasses import dataclass

from devices.events import StatusChanged

SOON = 20.0  # a deadline that a working test never reaches


@dataclass(frozen=True)
class Choice:
    driver: str
    port: str


class Told:
    """A sink, and somebody who waits for what it is told."""

    def __init__(self):
        self.events = []
        self._more = asyncio.Event()

    def __call__(self, event):
        self.events.append(event)
        self._more.set()

    async def until(self, wanted):
        async with asyncio.timeout(SOON):
            while not (found := [event for event in self.events if wanted(event)]):
                self._more.clear()
                await self._more.wait()
        return found[-1]

    async def until_state(self, state):
        return await self.until(
            lambda event: isinstance(event, StatusChanged) and self._last is event and event.after is state
        )

    @property
    def _last(self):
        return [event for event in self.events if isinstance(event, StatusChanged)][-1]
