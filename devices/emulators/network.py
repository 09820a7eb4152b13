"""The far end of a network line: a printer's raw port, which serves one connection at a time.

It stands in for a pseudo-terminal. Unplugging is the printer's network cable or power: nobody is told, the
connection is dead; plugged in again, it listens at the same port.
"""

import asyncio
import contextlib
import socket
from typing import Self

from devices.emulators.terminals import UnpluggedError

MOST_UNREAD = 65536


class NetworkLine:
    """Use as an async context manager. Has the methods that an emulated printer calls of its line."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._place = free.getsockname()
        self._server: asyncio.Server | None = None
        self._plugging: asyncio.Task[None] | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connected = asyncio.Event()

    @property
    def path(self) -> str:
        return f"tcp:{self._place[0]}:{self._place[1]}"

    @property
    def plugged(self) -> bool:
        return self._server is not None

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, *self._place, limit=MOST_UNREAD)

    def plug(self) -> None:
        """It listens a moment later, as a printer that has just got its address does."""
        self._plugging = asyncio.create_task(self.listen())

    def unplug(self) -> None:
        if self._plugging is not None:
            self._plugging.cancel()
        if self._server is not None:
            self._server.close()
        self._server = None
        self._hang_up()

    async def wait_plugged(self) -> None:
        await self._connected.wait()

    async def read(self, most: int = 4096) -> bytes:
        streams = self._open_streams()
        data = b""
        with contextlib.suppress(OSError):
            data = await streams[0].read(most)
        if not data:
            if self._streams is streams:
                self._hang_up()
            raise UnpluggedError("the connection ended")
        return data

    async def write(self, data: bytes) -> None:
        _, writer = self._open_streams()
        writer.write(data)
        try:
            await writer.drain()
        except OSError as error:
            raise UnpluggedError("the connection ended") from error

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.unplug()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._streams is not None:
            writer.transport.abort()  # somebody else is being served
            return
        self._streams = (reader, writer)
        self._connected.set()

    def _hang_up(self) -> None:
        streams, self._streams = self._streams, None
        self._connected.clear()
        if streams is not None:
            streams[1].transport.abort()

    def _open_streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise UnpluggedError("nobody is connected")
        return self._streams
