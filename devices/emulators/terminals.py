"""The far end of a serial line: a pseudo-terminal whose near end a driver opens like any other port.

Bytes pass untouched in both directions (raw mode). Unplugging ends both file descriptors, so that a
driver meets the same errors as with a pulled USB cable; plugging in again gives a new path, as it does
with real ones. `link` keeps a stable name, like those of `/dev/serial/by-id`.
"""

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

_FORGOTTEN_SECONDS: Final = 0.05


class UnpluggedError(Exception):
    """The line ended while the emulated device used it, or is not plugged in."""


class PseudoTerminal:
    """One serial line, plugged in from the start. For one loop and one reader at a time."""

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._master: int | None = None
        self._slave: int | None = None  # held open: a master without any open slave answers EIO
        self._slave_path = ""
        self._waiting: set[asyncio.Future[None]] = set()
        self._plugged = asyncio.Event()
        self.plug()

    @property
    def path(self) -> str:
        """What the driver opens: the link if there is one, else the slave's own path."""
        return str(self._link) if self._link else self._slave_path

    @property
    def plugged(self) -> bool:
        return self._master is not None

    def plug(self) -> None:
        """Make a new line. Does nothing if one is plugged in."""
        if self._master is not None:
            return
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._master, self._slave, self._slave_path = master, slave, os.ttyname(slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._slave_path)
        self._plugged.set()

    def unplug(self) -> None:
        """End the line at once: whoever waits here gets UnpluggedError, the driver an I/O error."""
        if self._master is None or self._slave is None:
            return
        master, slave, self._master, self._slave = self._master, self._slave, None, None
        self._plugged.clear()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(UnpluggedError("unplugged"))
        loop = asyncio.get_running_loop()
        loop.remove_reader(master)
        loop.remove_writer(master)
        os.close(master)
        os.close(slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    close = unplug

    async def wait_plugged(self) -> None:
        await self._plugged.wait()

    async def read(self, most: int = 4096) -> bytes:
        """The next bytes that the driver wrote, at least one. Waits as long as it takes."""
        while True:
            master = self._open_master()
            try:
                return os.read(master, most)
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await self._wait(master, loop.add_reader, loop.remove_reader)

    async def write(self, data: bytes) -> None:
        """Give the driver all of `data`. Waits while the line is full because nobody reads it."""
        rest = memoryview(data)
        while rest:
            master = self._open_master()
            try:
                rest = rest[os.write(master, rest) :]
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await self._wait(master, loop.add_writer, loop.remove_writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.unplug()

    def _open_master(self) -> int:
        if self._master is None:
            raise UnpluggedError("not plugged in")
        return self._master

    async def _wait(
        self,
        master: int,
        watch: Callable[[int, Callable[[], None]], None],
        forget: Callable[[int], bool],
    ) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        self._waiting.add(ready)
        watch(master, wake)
        try:
            await ready
        finally:
            self._waiting.discard(ready)
            if self._master == master:
                forget(master)


async def end(work: "asyncio.Task[None]") -> None:
    """Cancel until it has ended: a TaskGroup whose children fail at that moment forgets a cancellation."""
    while not work.done():
        work.cancel()
        await asyncio.wait({work}, timeout=_FORGOTTEN_SECONDS)
    await asyncio.gather(work, return_exceptions=True)
