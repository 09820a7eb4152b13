"""Frames of the VISA PIN pad wire, without any input or output (PROTOCOLS §6).

    text      STX message ETX LRC          LRC = XOR of everything after the opener, closer included
    control   SI  message SO  LRC
    signals   ACK  NAK  EOT                one byte each, between frames

A reader takes bytes in any pieces and never raises: what is no frame is noise, or `Damaged`.
"""

from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import xor
from typing import Final

STX, ETX, EOT, ACK, NAK, SI, SO = 0x02, 0x03, 0x04, 0x06, 0x15, 0x0F, 0x0E
SUB: Final = b"\x1a"
FS: Final = b"\x1c"

LARGEST_MESSAGE: Final = 512  # the longest one in the manuals has 124 bytes


class Envelope(Enum):
    """Which pair of bytes holds the message."""

    TEXT = (STX, ETX)
    CONTROL = (SI, SO)


class Signal(Enum):
    ACK = ACK
    NAK = NAK
    EOT = EOT


@dataclass(frozen=True, repr=False)
class Frame:
    """One message. `repr` shows its code only: accounts and PIN blocks travel here."""

    envelope: Envelope
    message: bytes

    def __repr__(self) -> str:
        return f"Frame({self.envelope.name}, {self.message[:2]!r}, {len(self.message)} bytes)"


@dataclass(frozen=True)
class Damaged:
    """A frame that began and cannot be trusted; the sender should repeat it."""

    why: str


Event = Frame | Signal | Damaged


class UnsendableError(ValueError):
    """What the caller wants to say has no place on this wire. Never quotes it."""


_SIGNALS: Final = {signal.value: signal for signal in Signal}
_OPENERS: Final = {envelope.value[0]: envelope for envelope in Envelope}
_SEPARATORS: Final = frozenset(SUB + FS)


def encode(frame: Frame) -> bytes:
    """The frame's bytes on the wire. Raises UnsendableError for bytes that no message may hold."""
    strange = [byte for byte in frame.message if not _may_stand_in_message(byte)]
    if strange or len(frame.message) > LARGEST_MESSAGE:
        raise UnsendableError("a message has up to 512 bytes: printable ones, FS and SUB")
    opener, closer = frame.envelope.value
    return bytes([opener, *frame.message, closer, lrc(frame.message, closer)])


def lrc(message: bytes, closer: int) -> int:
    """Longitudinal redundancy check: XOR over the message and its closing byte."""
    return reduce(xor, message, closer)


class FrameReader:
    """Bytes in, events out. A byte that cannot stand where it stands ends the frame it damaged."""

    def __init__(self) -> None:
        self._envelope: Envelope | None = None
        self._message = bytearray()
        self._closed = False

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes, in order."""
        return [event for byte in data for event in self._take(byte)]

    def _take(self, byte: int) -> list[Event]:
        if self._envelope is None:
            return self._between_frames(byte)
        if self._closed:
            return [self._finish(self._envelope, byte)]
        if byte == self._envelope.value[1]:
            self._closed = True
            return []
        if not _may_stand_in_message(byte):
            return [self._drop("a byte that no message holds"), *self._between_frames(byte)]
        if len(self._message) == LARGEST_MESSAGE:
            return [self._drop("longer than any message")]
        self._message.append(byte)
        return []

    def _between_frames(self, byte: int) -> list[Event]:
        self._envelope = _OPENERS.get(byte)
        return [_SIGNALS[byte]] if byte in _SIGNALS else []

    def _finish(self, envelope: Envelope, check: int) -> Event:
        message = bytes(self._message)
        expected = lrc(message, envelope.value[1])
        damage = self._drop("LRC")
        return Frame(envelope, message) if check == expected else damage

    def _drop(self, why: str) -> Damaged:
        self._envelope = None
        self._message.clear()
        self._closed = False
        return Damaged(why)


def _may_stand_in_message(byte: int) -> bool:
    return byte >= ord(" ") or byte in _SEPARATORS
