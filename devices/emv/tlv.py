r"""BER-TLV as EMV uses it (EMV 4.3 Book 3 annex B): parse, build, walk. Order and duplicates survive.

>>> [(hex(node.tag), node.value) for node in parse(bytes.fromhex("5F34010150024142"))]
[('0x5f34', b'\x01'), ('0x50', b'AB')]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_TAG: Final = 3  # bytes
LONGEST_LENGTH: Final = 2  # bytes behind the first: values up to 65535
DEEPEST: Final = 8

_CONSTRUCTED: Final = 0x20
_LOW_BITS: Final = 0x1F
_HIGH_BIT: Final = 0x80


class MalformedTlvError(ValueError):
    """The bytes are no TLV. Names the offset, never quotes a value."""


@dataclass(frozen=True, repr=False)
class Tlv:
    """One element. `repr` shows no value: any may be a cardholder's."""

    tag: int
    value: bytes

    @property
    def constructed(self) -> bool:
        """Whether the value is TLV again."""
        return bool(tag_bytes(self.tag)[0] & _CONSTRUCTED)

    def encode(self) -> bytes:
        return tag_bytes(self.tag) + _length_bytes(len(self.value)) + self.value

    def __repr__(self) -> str:
        return f"Tlv({self.tag:X}, {len(self.value)} bytes)"


def parse(data: bytes) -> list[Tlv]:
    """One level, in order; zero bytes between elements are skipped. Raises MalformedTlvError."""
    found, at = [], 0
    while at < len(data):
        if data[at] == 0:
            at += 1
            continue
        tag, at = read_tag(data, at)
        length, at = _read_length(data, at)
        if at + length > len(data):
            raise MalformedTlvError(f"the element before offset {at} is longer than the data")
        found.append(Tlv(tag, data[at : at + length]))
        at += length
    return found


def walk(nodes: Iterable[Tlv], depth: int = 0) -> Iterator[Tlv]:
    """Each element and, right behind a constructed one, what is in it. Raises MalformedTlvError."""
    if depth > DEEPEST:
        raise MalformedTlvError("nested too deeply")
    for node in nodes:
        yield node
        if node.constructed:
            yield from walk(parse(node.value), depth + 1)


def first(nodes: Iterable[Tlv], tag: int) -> bytes | None:
    """The first value of this tag at any depth. Raises MalformedTlvError."""
    return next((node.value for node in walk(nodes) if node.tag == tag), None)


def build(*nodes: tuple[int, bytes]) -> bytes:
    """The elements one behind the other."""
    return b"".join(Tlv(tag, value).encode() for tag, value in nodes)


def tag_bytes(tag: int) -> bytes:
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big")


def read_tag(data: bytes, at: int) -> tuple[int, int]:
    """The tag at this offset and the offset behind it. Raises MalformedTlvError."""
    end = at + 1
    if data[at] & _LOW_BITS == _LOW_BITS:
        while end < len(data) and data[end] & _HIGH_BIT:
            end += 1
        end += 1
    if end > len(data) or end - at > LONGEST_TAG:
        raise MalformedTlvError(f"tag at offset {at}")
    return int.from_bytes(data[at:end], "big"), end


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise MalformedTlvError(f"no length at offset {at}")
    more = data[at] - _HIGH_BIT
    if more < 0:
        return data[at], at + 1
    end = at + 1 + more
    if not 0 < more <= LONGEST_LENGTH or end > len(data):
        raise MalformedTlvError(f"length at offset {at}")
    return int.from_bytes(data[at + 1 : end], "big"), end


def _length_bytes(length: int) -> bytes:
    if length < _HIGH_BIT:
        return bytes([length])
    size = (length.bit_length() + 7) // 8
    if size > LONGEST_LENGTH:
        raise ValueError(f"a value of {length} bytes is longer than any card's")
    return bytes([_HIGH_BIT | size]) + length.to_bytes(size, "big")
