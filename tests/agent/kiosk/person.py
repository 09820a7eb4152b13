"""An attendant over fakes of its ports, and a finger that presses what its screen shows."""

import asyncio
from contextlib import asynccontextmanager, suppress

from agent.kiosk.attendant import Attendant
from agent.kiosk.desk import Desk
from agent.kiosk.presses import Press
from agent.kiosk.watching import KioskTimers, watch_for_leaving, watch_readiness
from tests.agent.fakes import Lived
from tests.agent.kiosk import scenes

ACCOUNT = "2048173658"
SOON = KioskTimers(more_time_seconds=0.02, start_again_seconds=0.04, read_seconds=0.02, look_seconds=60)


class Earlier:
    def __init__(self, found=None):
        self.locked_seconds = 0.0
        self.found = found
        self.asked = []

    async def find(self, operation_number, last_four):
        self.asked.append((operation_number, last_four))
        return self.found

    async def reprint(self, journey):
        return True


class At:
    """An attendant, and a finger that presses what its screen shows."""

    def __init__(self, *, earlier=None, raises=None, obstacles=(), **lived):
        self.lived = lived
        self.raises = raises
        self.orders = []
        self.gate = list(obstacles)
        self.earlier = earlier or Earlier()
        self.desk = Desk(self._pay, self._obstacles, self._catalogue, self._shortcuts, self.earlier)
        self.attendant = Attendant(self.desk, facts=scenes.FACTS, languages=scenes.LANGUAGES, life="life")

    async def _pay(self, order, customer):
        self.orders.append(order)
        if self.raises is not None:
            raise self.raises
        return await Lived(customer=customer, language=order.language, **self.lived)()

    async def _obstacles(self):
        return self.gate

    async def _catalogue(self):
        return scenes.CATALOGUE

    async def _shortcuts(self):
        return ("samal-tv",)

    @property
    def name(self):
        return self.attendant.screen.name

    def press(self, action, value="", *, seq=None):
        self.attendant.press(Press(action, seq or self.attendant.scene.seq, value))

    async def shows(self, *names):
        async with asyncio.timeout(10):
            while self.name not in names:
                await self.attendant.change(self.attendant.scene.seq)

    async def to_requisite(self):
        await self.shows("welcome")
        self.press("language", "ru")
        self.press("group", "internet-tv")
        self.press("provider", "samal")
        self.press("product", "samal-internet")
        assert self.name == "requisite"

    async def to_review(self):
        await self.to_requisite()
        self.press("enter", ACCOUNT)
        await self.shows("review")


@asynccontextmanager
async def serving(**facts):
    timers = facts.pop("timers", None)
    at = At(**facts)
    watches = [asyncio.create_task(watch_readiness(at.attendant, at.desk, timers or SOON))]
    if timers is not None:
        watches.append(asyncio.create_task(watch_for_leaving(at.attendant, timers)))
    try:
        yield at
    finally:
        await at.attendant.close(grace_seconds=0.1)
        for watch in watches:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
