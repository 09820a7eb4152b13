"""How the card host's named faults look on its wire: what goes out instead of, or after, the answer."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from gateway.sandbox import card_messages
from gateway.sandbox.card_messages import CardMessage
from gateway.sandbox.faults import Fault, FaultName

SYSTEM_MALFUNCTION: Final = "96"
ISSUER_INOPERATIVE: Final = "91"


@dataclass(frozen=True, repr=False)
class Reply:
    """One answer under a fault. `answer` is empty if the request took no effect."""

    writer: asyncio.StreamWriter
    message: CardMessage
    answer: bytes
    delay_seconds: float


async def send(writer: asyncio.StreamWriter, answer: bytes) -> None:
    """One message behind its length. A caller that has gone is no error of ours."""
    await _write(writer, framed(answer))


def framed(message: bytes) -> bytes:
    """2-byte big-endian length that excludes itself (PROTOCOLS §5)."""
    return struct.pack(">H", len(message)) + message


async def spoil(fault: Fault, reply: Reply) -> None:
    """Answer as the fault says."""
    await _FORMS[fault.name](fault, reply)


async def _silence(_fault: Fault, _reply: Reply) -> None:
    """The line stays up."""


async def _delay(_fault: Fault, reply: Reply) -> None:
    await asyncio.sleep(reply.delay_seconds)
    await send(reply.writer, reply.answer)


async def _cut(_fault: Fault, reply: Reply) -> None:
    await _write(reply.writer, framed(reply.answer)[: len(reply.answer) // 2])
    reply.writer.transport.abort()


async def _duplicate(_fault: Fault, reply: Reply) -> None:
    await send(reply.writer, reply.answer)
    await send(reply.writer, reply.answer)


async def _garbage(fault: Fault, reply: Reply) -> None:
    stan = reply.message.fields.get(11, "000001")
    another = {11: f"{(int(stan) + 1) % 1_000_000:06d}"} if stan.isdecimal() else {}
    anothers = replace(reply.message, fields={**reply.message.fields, **another})
    forms = (
        b"0110 this is no bitmap",
        reply.answer[: len(reply.answer) // 2] or b"01",
        card_messages.answer(anothers, "00"),
    )
    await send(reply.writer, forms[fault.dice % len(forms)])


async def _refuse(_fault: Fault, reply: Reply) -> None:
    await send(reply.writer, card_messages.answer(reply.message, ISSUER_INOPERATIVE))


async def _five_xx(_fault: Fault, reply: Reply) -> None:
    await send(reply.writer, card_messages.answer(reply.message, SYSTEM_MALFUNCTION))


_FORMS: Final[Mapping[FaultName, Callable[[Fault, Reply], Awaitable[None]]]] = {
    FaultName.SILENCE: _silence,
    FaultName.DELAY: _delay,
    FaultName.CUT: _cut,
    FaultName.DUPLICATE: _duplicate,
    FaultName.GARBAGE: _garbage,
    FaultName.REFUSE: _refuse,
    FaultName.FIVE_XX: _five_xx,
}


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(ConnectionError):
        writer.write(data)
        await writer.drain()
