"""The other direction of §2.5: who takes our registries fetches them, over mutual TLS, whenever it likes.

| call | answer |
|---|---|
| `GET /registries?after=N` | JSON: `registries` with a number above N, the oldest first, and `more` if that is not all |
| `GET /registry/{registry_id}` | the bytes and the headers that an upload would have |

Only the certificate that the settings name is answered; any other one gets 403, as what is not there gets 404.
A registry is acknowledged, durably, when all of it was answered with 200 and the connection still stood at
the end. A break before that leaves it waiting, and every registry may be fetched again, with the same bytes.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from certs.tls import peer_common_name
from gateway.registry import book
from gateway.registry.body import body, count
from gateway.registry.book import Registry, Series
from gateway.registry.exchange import DAMAGED, REFUSED, RaiseAlarm
from gateway.registry.layout import instant, money
from gateway.registry.upload import headers_of
from spool import CommitFailed, Store, StoreClosed, StoreOverloaded, Transaction, close_entry

_log = logging.getLogger(__name__)

PAGE: Final = 100
LARGEST_NUMBER_DIGITS: Final = 15
_RETRY_AFTER_SECONDS: Final = 5
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RegistryServer:
    """Serves one series to `reader`, the CN of its certificate. `seconds` is for one registry, its body included."""

    def __init__(
        self, spool: Store, series: Series, *, reader: str, seconds: float, raise_alarm: RaiseAlarm
    ) -> None:
        self._spool = spool
        self._series = series
        self._reader = reader
        self._seconds = seconds
        self._raise_alarm = raise_alarm

    def application(self) -> web.Application:
        """For a listener that lets in certificates of the receiver's CA alone."""
        app = web.Application(middlewares=[self._admit])
        app.router.add_get("/registries", self._list, allow_head=False)
        app.router.add_get("/registry/{registry_id}", self._fetch, allow_head=False)
        return app

    @web.middleware
    async def _admit(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        name = peer_common_name(request.transport)
        if name != self._reader:
            _log.warning("registry.reader_refused", extra={"reader": name, "kind": self._series.kind.value})
            raise web.HTTPForbidden(text="this certificate may not fetch registries\n")
        try:
            return await handler(request)
        except (CommitFailed, StoreClosed, StoreOverloaded):
            later = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
            raise web.HTTPServiceUnavailable(text="the store cannot be used now\n", headers=later) from None

    async def _list(self, request: web.Request) -> web.StreamResponse:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= LARGEST_NUMBER_DIGITS):
            raise web.HTTPBadRequest(text="after is the number of a registry\n")
        found = await self._spool.read(
            lambda tx: book.sealed_after(tx, self._series.kind, n=int(after), limit=PAGE + 1)
        )
        listed = {"registries": [_listed(one) for one in found[:PAGE]], "more": len(found) > PAGE}
        return web.json_response(listed, headers={"Cache-Control": "no-store"})

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        registry = await self._load(request.match_info["registry_id"])
        response = web.StreamResponse(headers=headers_of(registry))
        try:
            async with asyncio.timeout(self._seconds):
                await response.prepare(request)
                async for piece in body(self._spool, registry):
                    await response.write(piece)
                await response.write_eof()
        except (TimeoutError, ConnectionError) as error:
            extra = {"registry": registry.header.registry_id, "why": type(error).__name__}
            _log.warning("registry.fetch_broken", extra=extra)
            _hang_up(request)
            return response
        if request.transport is not None and not request.transport.is_closing():
            await self._spool.write(lambda tx: self._fetched(tx, registry))
        return response

    async def _load(self, registry_id: str) -> Registry:
        registry = await self._spool.read(lambda tx: book.load(tx, registry_id))
        if registry is None or registry.header.kind is not self._series.kind or registry.seal is None:
            raise web.HTTPNotFound(text="there is no such registry\n")
        if await count(self._spool, registry) != registry.seal:
            await self._spool.write(lambda tx: self._raise_alarm(tx, REFUSED, registry_id, DAMAGED))
            raise web.HTTPInternalServerError(text=f"{DAMAGED}\n")
        return registry

    def _fetched(self, tx: Transaction, registry: Registry) -> None:
        registry_id = registry.header.registry_id
        found = book.load(tx, registry_id)
        if found is None or found.acknowledged_at is not None:
            return
        book.acknowledged(tx, registry_id)
        if found.sendings:  # it was to be uploaded, before the settings said otherwise
            close_entry(tx, found.key, f"it was fetched by {self._reader}")
        _log.info("registry.fetched", extra={"registry": registry_id})


def _hang_up(request: web.Request) -> None:
    """Not the end of a body that is too short: a reader must not take one half for the whole."""
    if request.transport is not None:
        request.transport.abort()


def _listed(registry: Registry) -> dict[str, Any]:
    header, seal = registry.header, registry.seal
    assert seal is not None, "what is not counted yet is not listed"
    return {
        "registry_id": header.registry_id,
        "number": header.number,
        "from": instant(header.opens_at),
        "to": instant(header.closes_at),
        "count": seal.totals.count,
        **{name: money(getattr(seal.totals, name)) for name in ("sum", "fee", "total")},
        "length": seal.length,
        "sha256": seal.sha256,
        "acknowledged": registry.acknowledged_at is not None,
    }
