"""A serial line by pyserial, in a thread of its own: no call of it ever runs on the loop's thread.

The thread blocks without any time-out of its own. The deadline is the loop's, and interrupts it, so
that a loop with another clock stays in command. Works on real ports, USB adapters and the slave of a
pseudo-terminal alike.
"""

import asyncio
import contextlib
import errno
import logging
import termios
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

import serial

from devices.errors import PortBusyError, PortError, PortLostError, PortStalledError

T = TypeVar("T")

log = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 2.0  # a wedged USB driver may hold close() in the kernel; we leave its thread behind

_FAILURES: Final = (serial.SerialException, OSError, termios.error)

_WHY: Final[dict[object, str]] = {
    errno.ENOENT: "no such port: is the device plugged in?",
    errno.EACCES: "no permission: add this user to the group that owns the port (dialout on Debian)",
    errno.EIO: "input/output error: the device was unplugged or switched off",
}


class SerialPort:
    """8 data bits, no parity, 1 stop bit, no flow control. Implements `devices.port.Port`.

    One task reads or writes at a time; any task may close.
    """

    def __init__(self, path: str, *, baud: int = 9600) -> None:
        self._path = path
        self._baud = baud
        self._line: serial.Serial | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._unread = bytearray()

    async def open(self) -> None:
        if self._line is not None:
            return
        worker = ThreadPoolExecutor(1, thread_name_prefix=f"serial {self._path}")
        opening = partial(serial.Serial, self._path, self._baud, exclusive=True)
        job = asyncio.get_running_loop().run_in_executor(worker, opening)
        try:
            self._line = await asyncio.shield(job)
        except asyncio.CancelledError:
            job.add_done_callback(_close_unwanted)
            raise
        except _FAILURES as error:
            raise _lost(self._path, error) from error
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
            await self._run(line, partial(_take, line, most), line.cancel_read, end - clock(), self._keep)
            if clock() >= end:
                break
        taken = bytes(self._unread[:most])
        del self._unread[:most]
        return taken

    async def flush_input(self) -> None:
        line = self._open_line()
        await self._run(line, line.reset_input_buffer, lambda: None, CLOSE_SECONDS)
        self._unread.clear()

    async def close(self) -> None:
        line, worker = self._line, self._worker
        self._line = self._worker = None
        if line is None or worker is None:
            return
        line.cancel_read()
        line.cancel_write()
        job = asyncio.get_running_loop().run_in_executor(worker, _close_line, line)
        worker.shutdown(wait=False)
        closed, _ = await asyncio.wait({job}, timeout=CLOSE_SECONDS)
        if not closed:
            log.warning("serial_port.close_hangs", extra={"port": self._path})

    def _open_line(self) -> serial.Serial:
        if self._line is None:
            raise PortLostError(f"{self._path}: not open")
        return self._line

    def _keep(self, job: "asyncio.Future[bytes]") -> None:
        """Bytes outlive the task that asked for them: it may have been cancelled meanwhile."""
        if not job.cancelled() and job.exception() is None:
            self._unread += job.result()

    def _interrupt(self, line: serial.Serial, interrupt: Callable[[], None]) -> None:
        """Only while the line is ours: a closing one may give its descriptors to somebody else."""
        if self._line is line:
            interrupt()

    async def _run(
        self,
        line: serial.Serial,
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


def _take(line: serial.Serial, most: int) -> bytes:
    """The first byte as it comes, then what has piled up behind it; short or empty when interrupted."""
    first = bytes(line.read(1))
    rest = min(line.in_waiting, most - 1) if first else 0
    return first + bytes(line.read(rest)) if rest else first


def _close_line(line: serial.Serial) -> None:
    with contextlib.suppress(*_FAILURES):
        line.reset_output_buffer()  # else the kernel waits up to 30 s for a far end that takes nothing
    with contextlib.suppress(*_FAILURES):
        line.close()


def _close_unwanted(job: "asyncio.Future[serial.Serial]") -> None:
    if not job.cancelled() and job.exception() is None:
        _close_line(job.result())


def _lost(path: str, error: Exception) -> PortError:
    number = error.args[0] if error.args else None  # SerialException, OSError and termios.error alike
    if number in {errno.EAGAIN, errno.EBUSY}:
        return PortBusyError(f"{path}: another process uses this port")
    return PortLostError(f"{path}: {_WHY.get(number, str(error))}")
