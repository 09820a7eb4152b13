"""A serial line by pyserial: real ports, USB adapters and the slave of a pseudo-terminal alike."""

import contextlib
import fcntl
import termios
from functools import partial
from typing import Final

import serial

from devices.threaded_port import ThreadedPort

_FAILURES: Final = (serial.SerialException, OSError, termios.error)


class SerialPort(ThreadedPort):
    """8 data bits, no parity, 1 stop bit, no flow control."""

    def __init__(self, path: str, *, baud: int = 9600) -> None:
        super().__init__(path, partial(_SerialLine, baud=baud))


class _SerialLine:
    """Ours alone: flock keeps out who asks for it, TIOCEXCL whoever else opens what looks like a modem."""

    def __init__(self, path: str, *, baud: int) -> None:
        self._line = serial.Serial(path, baud, exclusive=True)
        self.cancel_read = self._line.cancel_read
        self.cancel_write = self._line.cancel_write
        self.forget_input = self._line.reset_input_buffer
        with contextlib.suppress(OSError):  # a line that is no terminal needs none
            fcntl.ioctl(self._line.fileno(), termios.TIOCEXCL)

    def take(self, most: int) -> bytes:
        first = bytes(self._line.read(1))
        rest = min(self._line.in_waiting, most - 1) if first else 0
        return first + bytes(self._line.read(rest)) if rest else first

    def write(self, data: bytes) -> int:
        return self._line.write(data) or 0

    def close(self) -> None:
        with contextlib.suppress(*_FAILURES):
            fcntl.ioctl(
                self._line.fileno(), termios.TIOCNXCL
            )  # it outlives us where somebody else holds the line
        with contextlib.suppress(*_FAILURES):
            self._line.reset_output_buffer()  # else the kernel waits up to 30 s for a far end that takes nothing
        with contextlib.suppress(*_FAILURES):
            self._line.close()
