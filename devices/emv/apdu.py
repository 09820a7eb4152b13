"""Short command APDUs and their responses (ISO 7816-4, 5.1), and the few that EMV needs."""

from dataclasses import dataclass
from typing import Final

LONGEST_DATA: Final = 255


class MalformedResponseError(ValueError):
    """A response without its two status bytes."""


@dataclass(frozen=True, repr=False)
class Command:
    """`le` None: no data is expected; 0: as much as there is. `repr` shows no data."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def encode(self) -> bytes:
        head = bytes([self.cla, self.ins, self.p1, self.p2])
        body = bytes([len(self.data)]) + self.data if self.data else b""
        return head + body + (bytes([self.le]) if self.le is not None else b"")

    def __repr__(self) -> str:
        return f"Command({self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X}, {len(self.data)} bytes)"


@dataclass(frozen=True, repr=False)
class Response:
    """`status`: SW1 and SW2 as one number. `repr` shows no data."""

    data: bytes
    status: int

    @classmethod
    def decode(cls, answer: bytes) -> "Response":
        """Raises MalformedResponseError."""
        if len(answer) < 2:
            raise MalformedResponseError("a response of fewer than two bytes")
        return cls(answer[:-2], int.from_bytes(answer[-2:], "big"))

    def __repr__(self) -> str:
        return f"Response({len(self.data)} bytes, {self.status:04X})"


def select(name: bytes, *, following: bool = False) -> Command:
    """By name, or by its beginning; `following`: the next application that begins so."""
    return Command(0x00, 0xA4, 0x04, 0x02 if following else 0x00, name, 0)


def read_record(sfi: int, record: int) -> Command:
    return Command(0x00, 0xB2, record, sfi << 3 | 0x04, b"", 0)


def get_processing_options(data: bytes) -> Command:
    return Command(0x80, 0xA8, 0x00, 0x00, data, 0)


def generate_ac(kind: int, data: bytes) -> Command:
    """`kind`: 80 asks for an ARQC, 00 for an AAC."""
    return Command(0x80, 0xAE, kind, 0x00, data, 0)


def get_response(length: int) -> Command:
    return Command(0x00, 0xC0, 0x00, 0x00, b"", length)
