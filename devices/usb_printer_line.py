"""A printer of the USB printer class: Linux gives it a file, /dev/usb/lp0, that is read and written."""

import contextlib
import fcntl
import os
import select
from typing import Final

_WAKE: Final = b"\0"


class UsbPrinterLine:
    """Implements `devices.threaded_port.BlockingLine`. Never waits in the driver, so it can be interrupted."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise
        self._reading = _Alarm()
        self._writing = _Alarm()
        self.cancel_read = self._reading.ring
        self.cancel_write = self._writing.ring

    def take(self, most: int) -> bytes:
        if not self._reading.interrupts(self._file, select.POLLIN):
            data = os.read(self._file, most)
            if not data:
                raise OSError(5, "the printer is gone")
            return data
        return b""

    def write(self, data: bytes) -> int:
        written = 0
        while written < len(data):
            if self._writing.interrupts(self._file, select.POLLOUT):
                break
            with contextlib.suppress(BlockingIOError):
                written += os.write(self._file, data[written:])
        return written

    def forget_input(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._file, 4096):
                pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._file)
        self._reading.close()
        self._writing.close()


class _Alarm:
    """Ends a wait from another thread."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._rings, _WAKE)

    def interrupts(self, file: int, event: int) -> bool:
        """Wait until the file is ready, or has failed: False. True: somebody rang."""
        poll = select.poll()
        poll.register(file, event)
        poll.register(self._hears, select.POLLIN)
        ready = dict(poll.poll())
        if self._hears not in ready:
            return False
        with contextlib.suppress(BlockingIOError):
            os.read(self._hears, 4096)
        return True

    def close(self) -> None:
        os.close(self._hears)
        os.close(self._rings)
