"""The card host on its wire: ISO 8583:1987 over TCP, a 2-byte length, no TPDU (PROTOCOLS §5).

Messages of one connection are taken in the order in which they came and answered in any. Every message
gets a line in the ledger, and what it did is committed there before its answer leaves.
"""

import asyncio
import logging
import ssl
import struct
from dataclasses import asdict, replace
from typing import Final

from gateway.sandbox import card_messages
from gateway.sandbox.card_book import CardBook
from gateway.sandbox.card_faults import Reply, send, spoil
from gateway.sandbox.card_messages import CardMessage
from gateway.sandbox.card_rules import UndecodableError
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Occasion, Position
from gateway.sandbox.issuer import Issuer, Ruled
from gateway.sandbox.ledger import Seen

_log = logging.getLogger(__name__)

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_GOES_ON: Final = frozenset(
    {FaultName.DELAY, FaultName.DUPLICATE}
)  # before: the request is taken all the same


class CardHostServer:
    """Many connections, one book. The plan may be changed while it runs."""

    def __init__(self, book: CardBook, issuer: Issuer, plan: FaultPlan) -> None:
        self._book = book
        self._issuer = issuer
        self._plan = plan
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; port 0 takes a free one. Returns the port. Off loopback a 0100 must not travel bare."""
        if tls is None and host not in _LOOPBACK:
            raise ValueError(f"the card host needs TLS on {host}: a 0100 carries the PAN")
        self._server = await asyncio.start_server(self._serve, host, port, ssl=tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            async with asyncio.TaskGroup() as answers:
                while (frame := await _frame(reader)) is not None:
                    if not self._take_frame(frame, writer, answers):
                        break
        except asyncio.CancelledError:  # not raised on: in 3.11 asyncio logs a cancelled handler as an error
            writer.transport.abort()
        finally:
            self._connections.discard(connection)
            writer.close()

    def _take_frame(self, frame: bytes, writer: asyncio.StreamWriter, answers: asyncio.TaskGroup) -> bool:
        """False: the frame was no message, and the connection ends."""
        try:
            message = card_messages.decode(frame)
        except UndecodableError as error:
            seen = Seen("unknown", "connection closed", rule="undecodable", place=str(error))
            self._record(replace(seen, says="a frame holds one message of PROTOCOLS §5"))
            writer.transport.abort()
            return False
        answers.create_task(self._answer(message, writer))
        return True

    async def _answer(self, message: CardMessage, writer: asyncio.StreamWriter) -> None:
        fault = self._plan.choose(self._occasion(message))
        if fault is None:
            await send(writer, self._take(message).answer)
            return
        reply = Reply(writer, message, b"", self._plan.delay_seconds)
        if fault.position is Position.AFTER:
            ruled = self._take(message, fault)
            await spoil(fault, replace(reply, answer=ruled.answer))
        elif fault.name is FaultName.REFUSE and message.operation == "hold":
            await send(writer, self._take(message, fault, refuse=True).answer)
        elif fault.name in _GOES_ON:
            await self._take_late_or_twice(message, fault, writer)
        else:
            self._record(_seen(message, "no effect", fault))
            await spoil(fault, reply)

    async def _take_late_or_twice(
        self, message: CardMessage, fault: Fault, writer: asyncio.StreamWriter
    ) -> None:
        if fault.name is FaultName.DELAY:
            await asyncio.sleep(self._plan.delay_seconds)
            ruled = self._take(message, fault)
        else:
            self._take(message, fault)
            ruled = self._take(message, fault, doubled=True)
        await send(writer, ruled.answer)

    def _take(
        self,
        message: CardMessage,
        fault: Fault | None = None,
        *,
        refuse: bool = False,
        doubled: bool = False,
    ) -> Ruled:
        with self._book.ledger.transaction():
            ruled = self._issuer.answer(message, refuse=refuse, doubled=doubled)
            seen = _seen(message, f"39 = {ruled.code}", fault)
            if ruled.broken is not None:
                rule = ruled.broken.rule
                seen = replace(seen, rule=rule.name.lower(), place=ruled.broken.where, says=rule.says)
            self._record(seen)
        return ruled

    def _occasion(self, message: CardMessage) -> Occasion:
        return Occasion(
            wire="card-host",
            operation=message.operation,
            identifier=message.rrn,
            attempt=self._book.ledger.seen_before(message.operation, message.rrn) + 1,
            terminal=message.terminal,
        )

    def _record(self, seen: Seen) -> None:
        self._book.ledger.record(seen)
        level = logging.WARNING if seen.place else logging.INFO
        _log.log(level, "sandbox.card_host.request", extra=asdict(seen))


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame; None where the peer ends, be it in the middle of one."""
    try:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _seen(message: CardMessage, verdict: str, fault: Fault | None) -> Seen:
    return Seen(
        message.operation,
        verdict,
        identifier=message.rrn or None,
        terminal=message.terminal or None,
        fault=None if fault is None else str(fault),
    )
