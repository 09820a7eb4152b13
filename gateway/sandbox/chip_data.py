"""The BER-TLV of field 55, as far as a host must look at it (EMV Book 3, Annex B). Pure."""

from collections.abc import Iterator
from typing import Final

FORBIDDEN_TAGS: Final = frozenset({"57", "5A", "5F20"})  # track 2, PAN, cardholder's name

_MORE_TAG_BYTES = 0x1F
_LONG_LENGTH = 0x80


class NotTlvError(ValueError):
    """The bytes are not a sequence of complete data objects."""


def tags_of(data: bytes) -> Iterator[str]:
    """The tags of the outermost objects in their order, as hex; NotTlvError where the bytes end early."""
    at = 0
    while at < len(data):
        tag_from = at
        at += 1
        if data[tag_from] & _MORE_TAG_BYTES == _MORE_TAG_BYTES:
            while _byte(data, at) & 0x80:
                at += 1
            at += 1
        tag = data[tag_from:at].hex().upper()
        length = _byte(data, at)
        at += 1
        if length & _LONG_LENGTH:
            octets = length & ~_LONG_LENGTH
            length = int.from_bytes(data[at : at + octets])
            at += octets
        at += length
        if at > len(data):
            raise NotTlvError("an object is longer than what is left")
        yield tag


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise NotTlvError("the bytes end inside an object's head")
    return data[at]
