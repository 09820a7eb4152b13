"""Frames of the card host: two bytes of length, big-endian, that exclude themselves. No input or output.

>>> deframer = Deframer()
>>> stream = frame(b"0800" + b"0" * 16)
>>> [len(message) for part in (stream[:1], stream[1:9], stream[9:]) for message in deframer.feed(part)]
[20]
"""

from collections.abc import Iterator
from typing import Final

_LENGTH_BYTES: Final = 2
SHORTEST_MESSAGE: Final = 20  # MTI and one bitmap
LONGEST_MESSAGE: Final = 4096  # four times what we send; noise is recognised before it fills up


class FramingError(ValueError):
    """The stream is out of step and cannot be read any further."""


def frame(message: bytes) -> bytes:
    if not SHORTEST_MESSAGE <= len(message) <= LONGEST_MESSAGE:
        raise FramingError(f"a message of {len(message)} bytes cannot be framed")
    return len(message).to_bytes(_LENGTH_BYTES, "big") + message


class Deframer:
    """Takes a stream as it arrives and gives its messages. After a FramingError it is of no use."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that `data` completes. Raises FramingError on a length that none can have."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH_BYTES:
            length = int.from_bytes(self._buffer[:_LENGTH_BYTES], "big")
            if not SHORTEST_MESSAGE <= length <= LONGEST_MESSAGE:
                raise FramingError(f"a length of {length} bytes is none of a message")
            end = _LENGTH_BYTES + length
            if len(self._buffer) < end:
                return
            message = bytes(self._buffer[_LENGTH_BYTES:end])
            del self._buffer[:end]
            yield message
