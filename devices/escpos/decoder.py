"""The byte stream to a printer → commands, by the same table that layout writes with. No input, no output.

It never raises: what it does not know it passes over, as printers do, and what is not complete yet waits
for more bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from devices.escpos import opcodes
from devices.escpos.opcodes import Opcode

LONGEST_COMMAND: Final = 1 << 20  # a header that announces more is not one of ours

_ESCAPES: Final = frozenset(opcode.prefix[0] for opcode in opcodes.TABLE if len(opcode.prefix) > 1)
_PREFIXES: Final = {opcode.prefix[:length] for opcode in opcodes.TABLE for length in range(1, 4)}
_BY_PREFIX: Final = {opcode.prefix: opcode for opcode in opcodes.TABLE}
_LONGEST_PREFIX: Final = max(map(len, _BY_PREFIX))
_FIRST_PRINTABLE: Final = 0x20


@dataclass(frozen=True)
class Command:
    opcode: Opcode
    parameters: bytes

    @property
    def wire(self) -> bytes:
        return self.opcode.prefix + self.parameters


@dataclass(frozen=True)
class Characters:
    """Bytes to print in whatever code page is selected. A text may arrive in several pieces."""

    wire: bytes


@dataclass(frozen=True)
class Unknown:
    """Control bytes outside our table: passed over."""

    wire: bytes


Piece: TypeAlias = Command | Characters | Unknown


class Decoder:
    """`feed` it bytes as they come; each piece comes out once, as soon as it is complete."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Piece]:
        self._waiting += data
        while (piece := _first(self._waiting)) is not None:
            del self._waiting[: len(piece.wire)]
            yield piece


def decode(data: bytes) -> list[Piece]:
    """All of a job. An unfinished command at its end is left out."""
    return list(Decoder().feed(data))


def _first(data: bytearray) -> Piece | None:
    """The piece that `data` begins with; None if there is not enough of it."""
    if not data:
        return None
    if data[0] >= _FIRST_PRINTABLE:
        return Characters(_printable(data))
    opcode = _opcode(data)
    if opcode is None:
        return None if bytes(data) in _PREFIXES else Unknown(bytes(data[: 2 if data[0] in _ESCAPES else 1]))
    start = len(opcode.prefix)
    length = opcode.tail(bytes(data[start : start + 8]))
    if length is not None and length > LONGEST_COMMAND:
        return Unknown(opcode.prefix)
    if length is None or len(data) < start + length:
        return None
    return Command(opcode, bytes(data[start : start + length]))


def _opcode(data: bytearray) -> Opcode | None:
    beginnings = (bytes(data[:length]) for length in range(1, _LONGEST_PREFIX + 1))
    return next((_BY_PREFIX[start] for start in beginnings if start in _BY_PREFIX), None)


def _printable(data: bytearray) -> bytes:
    end = next((at for at, byte in enumerate(data) if byte < _FIRST_PRINTABLE), len(data))
    return bytes(data[:end])
