"""How the platform's named faults look: on a message that it sends, and on its answer to one that came.

A message that it sends (steps 3, 5, 11, 14, 16, 17, "rjct …", "… answer"):

    silence, 5xx   before: it is not sent; after: it is, and the bank's answer is lost
    cut, garbage   before: half of it, or rubbish (`dice`: tampered, half, a foreign header, no XML, a DTD)
    refuse         before: the platform goes on as if the bank had refused it (steps 3, 11, 14, 16)
    delay, duplicate   it comes late, or twice at once

An answer (steps 2, 4, 9, 13, 16.1, 17.1): as e-port's; `refuse` before is a failed validation, 422 and the
end of the chain. Steps 10 and 15 are the platform's own: `refuse` is a position (even dice) or a limit, and
a commit that fails.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from gateway.sandbox.faults import Fault, FaultName, FaultPlan

_STATUSES: Final = (500, 502, 503, 504)
_RUBBISH: Final = (b"\x16\x03\x01 not an answer", b"HTTP/1.1 20", b"HTTP/1.1 two hundred\r\n\r\n")


@dataclass(frozen=True)
class Parcel:
    """A message that is ready to leave."""

    body: bytes
    headers: Mapping[str, str]
    cut: bool = False

    @property
    def data(self) -> bytes | AsyncIterator[bytes]:
        return _half(self.body) if self.cut else self.body


def spoilt(fault: Fault, parcel: Parcel) -> Parcel:
    """Under `cut` and `garbage`."""
    if fault.name is FaultName.CUT:
        return replace(parcel, cut=True)
    return _GARBAGE[fault.dice % len(_GARBAGE)](parcel)


async def _half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise ConnectionResetError("cut on purpose")


_GARBAGE: Final[tuple[Callable[[Parcel], Parcel], ...]] = (
    lambda it: replace(it, body=it.body.replace(b"MsgId>NPK", b"MsgId>XXX", 1)),
    lambda it: replace(it, body=it.body[: len(it.body) // 2]),
    lambda it: replace(it, headers={**it.headers, "end-to-end-id": "another"}),
    lambda it: replace(it, headers={**it.headers, "Content-Type": "application/json"}),
    lambda it: replace(it, body=b'<!DOCTYPE Document [<!ENTITY e "e">]>' + it.body.partition(b"?>")[2]),
)


async def spoil(
    fault: Fault, http: web.Request, plan: FaultPlan, stopping: asyncio.Event
) -> web.StreamResponse:
    """Answer as the fault says, whatever the message did."""
    if fault.name in {FaultName.DELAY, FaultName.DUPLICATE}:
        await asyncio.sleep(plan.delay_seconds)
        return web.Response()
    if fault.name is FaultName.REFUSE:
        return web.Response(status=403)
    if fault.name is FaultName.FIVE_XX:
        return web.Response(status=_STATUSES[fault.dice % len(_STATUSES)], text="fault on purpose")
    if fault.name is FaultName.SILENCE:
        with suppress(TimeoutError):
            async with asyncio.timeout(plan.silence_seconds):
                await stopping.wait()
    if http.transport is not None:
        if fault.name is FaultName.GARBAGE:
            http.transport.write(_RUBBISH[fault.dice % len(_RUBBISH)])
            http.transport.close()
        else:
            http.transport.abort()
    return web.Response(status=500)  # nobody is there to read it
