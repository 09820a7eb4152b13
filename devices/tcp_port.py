"""A line over TCP: a network printer on its raw port, usually 9100.

What is handed over may be lost without a word: a write to a peer that has died succeeds once. Proof is the
driver's matter.
"""

import asyncio
import contextlib
from typing import Final

from devices.errors import PortLostError, PortStalledError

CONNECT_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 2.0
MOST_UNREAD: Final = 65536  # bytes; a printer that says more is not listened to meanwhile


class TcpPort:
    """Implements `devices.port.Port`. A printer serves one connection, so that it is ours while it stands."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._name = f"tcp:{host}:{port}"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._unread = bytearray()

    @property
    def is_open(self) -> bool:
        return self._streams is not None

    async def open(self) -> None:
        if self._streams is not None and not self._streams[0].at_eof():
            return
        await self.close()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                streams = await asyncio.open_connection(self._host, self._port, limit=MOST_UNREAD)
        except TimeoutError:
            raise PortLostError(
                f"{self._name}: no answer: is it switched on, and is this its address?"
            ) from None
        except OSError as error:
            raise PortLostError(f"{self._name}: {error.strerror or error}") from error
        streams[1].transport.set_write_buffer_limits(high=0)  # written is what our kernel has taken
        self._streams = streams
        self._unread.clear()

    async def write(self, data: bytes, deadline_seconds: float) -> None:
        """As `Port.write`. An interrupted one ends the connection: how many bytes have left is unknown."""
        streams = self._open_streams()
        writer = streams[1]
        done = False
        try:
            async with asyncio.timeout(deadline_seconds):
                writer.write(data)
                await writer.drain()
            done = True
        except TimeoutError:
            raise PortStalledError(
                f"{self._name}: took no {len(data)} bytes in {deadline_seconds} s"
            ) from None
        except OSError as error:
            raise PortLostError(f"{self._name}: {error.strerror or error}") from error
        finally:
            if not done:
                await self.close()
        if self._streams is not streams:
            raise PortLostError(f"{self._name}: closed while writing")

    async def read(self, deadline_seconds: float, most: int = 4096) -> bytes:
        if not self._unread:
            await self._receive(deadline_seconds)
        taken = bytes(self._unread[:most])
        del self._unread[:most]
        return taken

    async def flush_input(self) -> None:
        await asyncio.sleep(0)  # the loop takes what has arrived off the socket
        await self._receive(0)
        self._unread.clear()

    async def close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is None:
            return
        writer = streams[1]
        writer.transport.abort()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await writer.wait_closed()

    async def _receive(self, deadline_seconds: float) -> None:
        reader, _ = self._open_streams()
        heard = None
        try:
            async with asyncio.timeout(deadline_seconds):
                heard = await reader.read(MOST_UNREAD)
        except TimeoutError:
            return
        except OSError as error:
            await self.close()
            raise PortLostError(f"{self._name}: {error.strerror or error}") from error
        if not heard:
            await self.close()
            raise PortLostError(f"{self._name}: the printer ended the connection")
        self._unread += heard

    def _open_streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise PortLostError(f"{self._name}: not open")
        return self._streams
