"""A line that is looked for each time it is opened: the device may be plugged in elsewhere by now."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from devices.errors import PortLostError
from devices.port import Port


class Line(Port, Protocol):
    @property
    def is_open(self) -> bool: ...


class FoundPort:
    """Implements `devices.port.Port` by the line that `find` leads to.

    `find` blocks, and tells None while there is none. `wanted` is what the settings call it.
    """

    def __init__(self, wanted: str, find: Callable[[], str | None], line: Callable[[str], Line]) -> None:
        self._wanted = wanted
        self._find = find
        self._make = line
        self._line: Line | None = None

    async def open(self) -> None:
        if self._line is not None and self._line.is_open:
            return
        path = await asyncio.to_thread(self._find)
        if path is None:
            raise PortLostError(f"{self._wanted}: no such device is plugged in")
        line = self._make(path)
        await line.open()
        self._line = line

    async def write(self, data: bytes, deadline_seconds: float) -> None:
        await self._found().write(data, deadline_seconds)

    async def read(self, deadline_seconds: float, most: int = 4096) -> bytes:
        return await self._found().read(deadline_seconds, most)

    async def flush_input(self) -> None:
        await self._found().flush_input()

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    def _found(self) -> Line:
        if self._line is None:
            raise PortLostError(f"{self._wanted}: not open")
        return self._line
