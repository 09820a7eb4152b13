"""How e-port's named faults look on HTTP: what goes out instead of, or after, the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateway.sandbox.faults import Fault, FaultName, FaultPlan

XML: Final = "application/xml"
_STATUSES: Final = (500, 502, 503, 504)
_OVERSIZED: Final = b"<response><!-- " + b"-" * 70_000 + b" --></response>"

_ANOTHERS_PAYMENT: Final = (
    b"<response><bank_payment><txn_id>26010199999999999999</txn_id><result>0</result>"
    b"<final>true</final></bank_payment></response>"
)


@dataclass(frozen=True)
class Exchange:
    """One HTTP request under a fault. `answer` is empty if the request took no effect."""

    http: web.Request
    answer: bytes
    plan: FaultPlan
    stopping: asyncio.Event
    anothers: bytes = _ANOTHERS_PAYMENT  # a good answer, to somebody else's question


async def spoil(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    """Answer as the fault says."""
    return await _FORMS[fault.name](fault, exchange)


async def _silence(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    with suppress(TimeoutError):
        async with asyncio.timeout(exchange.plan.silence_seconds):
            await exchange.stopping.wait()
    return _abort(exchange.http)


async def _delay(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    await asyncio.sleep(exchange.plan.delay_seconds)
    return _xml(exchange.answer)


async def _cut(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    if exchange.answer:
        half = web.StreamResponse(headers={"Content-Length": str(len(exchange.answer)), "Content-Type": XML})
        with suppress(ConnectionError):  # the client may have gone first
            await half.prepare(exchange.http)
            await half.write(exchange.answer[: len(exchange.answer) // 2])
    return _abort(exchange.http)


async def _duplicate(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {XML}\r\nContent-Length: {len(exchange.answer)}\r\n\r\n"
    response = _xml(exchange.answer)
    with suppress(ConnectionError):
        await response.prepare(exchange.http)
        await response.write_eof()
    if exchange.http.transport is not None:
        exchange.http.transport.write(head.encode() + exchange.answer)
    return response


async def _garbage(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.answer
    forms = (
        b"\x16\x03\x01 not an answer",
        answer[: len(answer) * 2 // 3] or b"<response><bank_",
        b'<!DOCTYPE response [<!ENTITY e "e">]>' + answer,
        _OVERSIZED,
        exchange.anothers,
        b"",
    )
    return _xml(forms[fault.dice % len(forms)])


async def _refuse(_fault: Fault, _exchange: Exchange) -> web.StreamResponse:
    return web.Response(status=403)


async def _five_xx(fault: Fault, _exchange: Exchange) -> web.StreamResponse:
    return web.Response(status=_STATUSES[fault.dice % len(_STATUSES)], text="fault on purpose")


_FORMS: Final[Mapping[FaultName, Callable[[Fault, Exchange], Awaitable[web.StreamResponse]]]] = {
    FaultName.SILENCE: _silence,
    FaultName.DELAY: _delay,
    FaultName.CUT: _cut,
    FaultName.DUPLICATE: _duplicate,
    FaultName.GARBAGE: _garbage,
    FaultName.REFUSE: _refuse,
    FaultName.FIVE_XX: _five_xx,
}


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=XML, charset="utf-8")


def _abort(http: web.Request) -> web.StreamResponse:
    if http.transport is not None:
        http.transport.abort()
    return web.Response(status=500)  # nobody is there to read it
