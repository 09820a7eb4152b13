"""A TCP relay between any two processes, with the faults of a network, chosen by a seed.

    delay       every chunk waits
    reset       RST as soon as the connection is there, or later in its stream
    cut         the stream ends in the middle, without a word
    black hole  bytes go in and none come out
    drip        one small piece at a time

The choice is a pure function of the seed and the number of the connection. It looks at no byte.
"""

import asyncio
import logging
import random
import socket
import struct
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

_log = logging.getLogger(__name__)

Address = tuple[str, int] | Path  # TCP, or a Unix socket

_CHUNK: Final = 16 * 1024
_DRIP: Final = 17  # splits heads, lengths and records


class NetworkFault(StrEnum):
    DELAY = "delay"
    RESET = "reset"
    CUT = "cut"
    BLACK_HOLE = "black hole"
    DRIP = "drip"


@dataclass(frozen=True)
class Trouble:
    """The fault of one connection; it begins after `after_bytes` of both directions together."""

    fault: NetworkFault
    after_bytes: int
    seconds: float


@dataclass(frozen=True)
class NetworkFaults:
    """Faults of these names for a share `rate` of the connections, numbered from 0."""

    seed: int = 0
    rate: float = 0.0
    names: frozenset[NetworkFault] = frozenset(NetworkFault)
    within_bytes: int = 20_000
    within_seconds: float = 0.5  # of one delay; a drip waits a hundredth of it
    black_hole_seconds: float = 60.0

    def choose(self, connection: int) -> Trouble | None:
        dice = random.Random(f"{self.seed} {connection}")  # noqa: S311  # to be replayed, not to be secret
        if not self.names or dice.random() >= self.rate:
            return None
        fault = dice.choice(sorted(self.names))
        return Trouble(fault, dice.randrange(self.within_bytes), dice.uniform(0, self.within_seconds))


class Relay:
    """Listens and passes on. `faults` may be replaced while it runs: new connections see it."""

    def __init__(self, target: Address, faults: NetworkFaults | None = None) -> None:
        self.faults = NetworkFaults() if faults is None else faults
        self.connections = 0
        self._target = target
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, listen: Address) -> Address:
        """Listen; port 0 takes a free one. Returns the address to connect to."""
        if isinstance(listen, Path):
            self._server = await asyncio.start_unix_server(self._serve, listen)
            return listen
        self._server = await asyncio.start_server(self._serve, *listen)
        return listen[0], int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._running:
            connection.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._running.add(connection)
        trouble = self.faults.choose(self.connections)
        self.connections += 1
        if trouble is not None:
            _log.info(
                "sandbox.relay.trouble", extra={"fault": str(trouble.fault), "after": trouble.after_bytes}
            )
        try:
            await self._pass_on(reader, writer, trouble)
        except asyncio.CancelledError:  # not raised on: in 3.11 asyncio logs a cancelled handler as an error
            writer.transport.abort()
        finally:
            self._running.discard(connection)
            writer.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trouble: Trouble | None
    ) -> None:
        try:
            far_reader, far_writer = await _connect(self._target)
        except OSError:
            _reset(writer)  # a peer that is not there looks as it would without us
            return
        line = _Line(trouble, self.faults.black_hole_seconds)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(line.copy(reader, far_writer))
                both.create_task(line.copy(far_reader, writer))
        except* OSError:  # broken by us, or by one side: the other sees the same
            _reset(writer)
            _reset(far_writer)
        except* _CutError:
            writer.close()
        finally:
            far_writer.close()


class _CutError(Exception):
    """The stream is over, in the middle."""


class _Line:
    """Both directions of one connection, with one trouble between them."""

    def __init__(self, trouble: Trouble | None, black_hole_seconds: float) -> None:
        self._trouble = trouble
        self._black_hole_seconds = black_hole_seconds
        self._passed = 0

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK):
            calm = chunk
            if self._trouble is not None:
                calm = chunk[: max(0, self._trouble.after_bytes - self._passed)]
            self._passed += len(chunk)
            await _write(calm, writer)
            if len(calm) < len(chunk) and self._trouble is not None:
                await _FORMS[self._trouble.fault](self, self._trouble, chunk[len(calm) :], writer)
        writer.write_eof()

    async def delay(self, trouble: Trouble, rest: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(trouble.seconds)
        await _write(rest, writer)

    async def reset(self, _trouble: Trouble, _rest: bytes, _writer: asyncio.StreamWriter) -> None:
        raise ConnectionResetError

    async def cut(self, _trouble: Trouble, _rest: bytes, _writer: asyncio.StreamWriter) -> None:
        raise _CutError

    async def swallow(self, _trouble: Trouble, _rest: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self._black_hole_seconds)
        raise ConnectionResetError

    async def drip(self, trouble: Trouble, rest: bytes, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(rest), _DRIP):
            await asyncio.sleep(trouble.seconds / 100)
            await _write(rest[start : start + _DRIP], writer)


_FORMS: Final[
    Mapping[NetworkFault, Callable[[_Line, Trouble, bytes, asyncio.StreamWriter], Coroutine[Any, Any, None]]]
] = {
    NetworkFault.DELAY: _Line.delay,
    NetworkFault.RESET: _Line.reset,
    NetworkFault.CUT: _Line.cut,
    NetworkFault.BLACK_HOLE: _Line.swallow,
    NetworkFault.DRIP: _Line.drip,
}


async def _connect(target: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(target, Path):
        return await asyncio.open_unix_connection(target)
    return await asyncio.open_connection(*target)


async def _write(data: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(data)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN (SO_LINGER with no time to linger)."""
    with suppress(OSError):  # it may be closed already
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    writer.transport.abort()
