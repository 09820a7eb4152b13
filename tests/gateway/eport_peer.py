"""An e-port over HTTPS that a test scripts, and one attempt at it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

from gateway.eport.client import EportClient, EportTimers
from gateway.eport.messages import StatusRequest, build
from gateway.eport.operations import Operation

TXN_ID = "26112200000001234567"
MESSAGE = build(StatusRequest(point="10001", terminal="ATM00017", txn_id=TXN_ID))
ACCEPTED = (
    f"<response><bank_payment><txn_id>{TXN_ID}</txn_id><result>0</result><final>true</final>"
    "</bank_payment></response>"
).encode()
QUICK = EportTimers(connect_seconds=5, check_seconds=5, payment_seconds=5)


@dataclass
class HttpEport:
    """An HTTP peer that keeps what it got and answers what the test put in."""

    status: int = 200
    body: bytes = ACCEPTED
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    peers: list[tuple[str, int]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((request.method, request.path, dict(request.headers), await request.read()))
        self.peers.append(request.transport.get_extra_info("peername"))
        if self.silent:
            await asyncio.Event().wait()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@contextlib.asynccontextmanager
async def http_peer(eport: HttpEport, context: ssl.SSLContext) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", eport.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}/api"
    finally:
        await runner.cleanup()


def says(answer: bytes, *, reset: bool = False):
    """What a peer does that reads a request's head, writes these bytes and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if reset:
            writer.transport.abort()

    return serve


async def attempt(url: str, context: ssl.SSLContext, *, timers: EportTimers = QUICK, **of):
    client = EportClient(url, context, timers)
    try:
        return await client.send(of.pop("operation", Operation.PAYMENT), MESSAGE, txn_id=TXN_ID, **of)
    finally:
        await client.close()


async def outcome_of(eport: HttpEport, contexts, **of):
    server, client = contexts
    async with http_peer(eport, server) as url:
        return await attempt(url, client, **of)
