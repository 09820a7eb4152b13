"""A line that blocks, in a thread of its own: no call of it ever runs on the loop's thread.

The thread blocks without any time-out of its own. The deadline is the loop's, and interrupts it, so
that a loop with another clock stays in command.
"""

import asyncio
import errno
import logging
import termios
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from devices.errors import PortBusyError, PortError, PortLostError, PortStalledError
from devices.port_holder import holder

T = TypeVar("T")

log = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 2.0  # a wedged USB driver may hold close() in the kernel; we leave its thread behind

_FAILURES: Final = (OSError, termios.error)  # pyserial's own are OSErrors

_WHY: Final[dict[object, str]] = {
    errno.ENOENT: "no such port: is the device plugged in?",
    errno.EACCES: "no permission: add this user to the group that owns the port (dialout on Debian)",
    errno.EIO: "input/output error: the device was unplugged or switched off",
}


class BlockingLine(Protocol):
    """An open line. All but the two `cancel_…` block and are for the port's thread; they raise OSError."""

    def take(self, most: int) -> bytes:
        """The first byte as it comes, then what has piled up behind it; short or empty when interrupted."""

    def write(self, data: bytes) -> int:
        """How many bytes were handed over: fewer when interrupted."""

    def forget_input(self) -> None: ...

    def cancel_read(self) -> None:
        """End a `take` that waits, or the next one."""

    def cancel_write(self) -> None: ...

    def close(self) -> None:
        """At once, whatever the far end has not taken. Never raises."""


class ThreadedPort:
    """Implements `devices.port.Port`. `opening` blocks as well, and raises OSError.

    One task reads or writes at a time; any task may close.
    """

    def __init__(self, path: str, opening: Callable[[str], BlockingLine]) -> None:
        self._path = path
        self._opening = opening
        self._line: BlockingLine | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._unread = bytearray()

    @property
    def is_open(self) -> bool:
        return self._line is not None

    async def open(self) -> None:
        if self._line is not None:
            return
        worker = ThreadPoolExecutor(1, thread_name_prefix=f"port {self._path}")
        job = asyncio.get_running_loop().run_in_executor(worker, partial(_open, self._opening, self._path))
        try:
            self._line = await asyncio.shield(job)
        except asyncio.CancelledError:
            job.add_done_callback(_close_unwanted)
            raise
        finally:
            if self._line is None:
                worker.shutdown(wait=False)
        self._worker = worker
        self._unread.clear()

    async def write(self, data: bytes, deadline_seconds: float) -> None:
        """As `Port.write`. An interrupted one closes the line: how many bytes have left is unknown."""
        line = self._open_line()
        written: int | None = 0
        try:
            written = await self._run(line, partial(line.write, data), line.cancel_write, deadline_seconds)
        finally:
            closed_meanwhile = self._line is not line
            if written != len(data):
                await self.close()
        if closed_meanwhile:
            raise PortLostError(f"{self._path}: closed while writing")
        if written != len(data):
            raise PortStalledError(f"{self._path}: took no {len(data)} bytes in {deadline_seconds} s")

    async def read(self, deadline_seconds: float, most: int = 4096) -> bytes:
        clock = asyncio.get_running_loop().time
        end = clock() + deadline_seconds
        while not self._unread:
            line = self._open_line()
            await self._run(line, partial(line.take, most), line.cancel_read, end - clock(), self._keep)
            if clock() >= end:
                break
        taken = bytes(self._unread[:most])
        del self._unread[:most]
        return taken

    async def flush_input(self) -> None:
        line = self._open_line()
        await self._run(line, line.forget_input, lambda: None, CLOSE_SECONDS)
        self._unread.clear()

    async def close(self) -> None:
        line, worker = self._line, self._worker
        self._line = self._worker = None
        if line is None or worker is None:
            return
        line.cancel_read()
        line.cancel_write()
        job = asyncio.get_running_loop().run_in_executor(worker, line.close)
        worker.shutdown(wait=False)
        closed, _ = await asyncio.wait({job}, timeout=CLOSE_SECONDS)
        if not closed:
            log.warning("port.close_hangs", extra={"port": self._path})

    def _open_line(self) -> BlockingLine:
        if self._line is None:
            raise PortLostError(f"{self._path}: not open")
        return self._line

    def _keep(self, job: "asyncio.Future[bytes]") -> None:
        """Bytes outlive the task that asked for them: it may have been cancelled meanwhile."""
        if not job.cancelled() and job.exception() is None:
            self._unread += job.result()

    def _interrupt(self, line: BlockingLine, interrupt: Callable[[], None]) -> None:
        """Only while the line is ours: a closing one may give its descriptors to somebody else."""
        if self._line is line:
            interrupt()

    async def _run(
        self,
        line: BlockingLine,
        work: Callable[[], T],
        interrupt: Callable[[], None],
        deadline_seconds: float,
        keep: Callable[["asyncio.Future[T]"], None] = lambda _: None,
    ) -> T:
        job = asyncio.get_running_loop().run_in_executor(self._worker, work)
        job.add_done_callback(keep)
        try:
            done, _ = await asyncio.wait({job}, timeout=deadline_seconds)
            if not done:
                self._interrupt(line, interrupt)
                await asyncio.wait({job})
        except asyncio.CancelledError:
            self._interrupt(line, interrupt)
            raise
        try:
            return job.result()
        except _FAILURES as error:
            await self.close()
            raise _lost(self._path, error) from error


def _open(opening: Callable[[str], BlockingLine], path: str) -> BlockingLine:
    """Raises PortLostError; whoever holds the port is named, as far as the system tells."""
    try:
        return opening(path)
    except _FAILURES as error:
        lost = _lost(path, error)
        if isinstance(lost, PortBusyError) and (who := holder(Path(path))):
            lost = PortBusyError(f"{lost}: {who}")
        raise lost from error


def _close_unwanted(job: "asyncio.Future[BlockingLine]") -> None:
    if not job.cancelled() and job.exception() is None:
        job.result().close()


def _lost(path: str, error: Exception) -> PortError:
    number = error.args[0] if error.args else None  # SerialException, OSError and termios.error alike
    if number in {errno.EAGAIN, errno.EBUSY}:
        return PortBusyError(f"{path}: another process uses this port")
    return PortLostError(f"{path}: {_WHY.get(number, str(error))}")
