"""For a scraper and a watchdog on this machine: is the terminal alive, may it take money, its numbers.

| path | answers |
|---|---|
| /livez | 200 while the loop turns |
| /readyz | 200, or 503 with the codes of what is in the way |
| /metrics | devices and spool, in Prometheus's text format |
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from agent.device_metrics import of_devices
from agent.readiness import ReadinessGate
from devices.supervisor import Supervised
from gateway.api.listening import listen_on_port, serving
from gateway.metrics import CONTENT_TYPE, of_spool
from gateway.shutdown import Shutdown
from spool import Spool


class Monitor:
    def __init__(
        self,
        spool: Spool,
        gate: ReadinessGate,
        devices: Callable[[], Sequence[Supervised]],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._spool = spool
        self._gate = gate
        self._devices = devices
        self._now = now

    @asynccontextmanager
    async def listening(
        self, address: str | None, shutdown: Shutdown
    ) -> AsyncIterator[tuple[str, int] | None]:
        """Answer at `address` while the block runs; nowhere for None. SettingsError if it is taken."""
        if address is None:
            yield None
            return
        async with serving(self.application(), shutdown=shutdown) as runner:
            yield await listen_on_port(runner, address, key="agent.monitor")

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/livez", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        return app

    async def text(self) -> str:
        """What /metrics answers."""
        spool = of_spool(await self._spool.health(), self._now())
        return "\n".join([*of_devices(self._devices()), *spool]) + "\n"

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _: web.Request) -> web.Response:
        obstacles = await self._gate.obstacles()
        return web.Response(status=503 if obstacles else 200, text="\n".join(obstacles or ["ready"]) + "\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=(await self.text()).encode(), headers={"Content-Type": CONTENT_TYPE})
