"""The bank's central system: takes the bank's own registries, kind BANK, over mutual TLS (PROTOCOLS §2.5).

A server of its own with a book of its own. It knows payments from registries alone, so that the demo's
comparison finds what a registry lost or invented.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.sandbox.faults import FaultPlan
from gateway.sandbox.ledger import Seen
from gateway.sandbox.registry_book import RegistryBook
from gateway.sandbox.registry_desk import RegistryDesk

_CLOSING_SECONDS: Final = 0.5


class CentralServer:
    """`points` says which common names speak for a point. The plan may be changed while it runs."""

    def __init__(self, book: RegistryBook, plan: FaultPlan, points: Mapping[str, frozenset[str]]) -> None:
        self._book = book
        self._stopping = asyncio.Event()
        self._desk = RegistryDesk("central", "BANK", book, plan, points, self._stopping)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> int:
        """Listen; port 0 takes a free one. Returns the port."""
        application = web.Application()
        application.router.add_post("/registry", self._desk.post)
        application.router.add_route("*", "/{elsewhere:.*}", self._elsewhere)
        self._runner = web.AppRunner(
            application, access_log=None, auto_decompress=False, shutdown_timeout=_CLOSING_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _elsewhere(self, http: web.Request) -> web.Response:
        status = 405 if http.path == "/registry" else 404
        says = "only POST /registry is served"
        seen = Seen("unknown", f"http {status}", rule="address", place="the request line", says=says)
        self._book.ledger.record(seen)
        return web.Response(status=status, text=says)
