"""Data object lists: a card says which elements it wants and how long each; we fill in what we have.

Rules for lengths: EMV 4.3 Book 3, 5.4. An element that we do not have is zeros.
"""

from collections.abc import Mapping
from typing import Final

from devices.emv.tags import Form, form_of
from devices.emv.tlv import MalformedTlvError, read_tag

LONGEST: Final = 252  # what fits into one command behind its template


def parse_dol(data: bytes) -> list[tuple[int, int]]:
    """(tag, length) in the card's order. Raises MalformedTlvError, also for a list that asks too much."""
    wanted, at = [], 0
    while at < len(data):
        tag, at = read_tag(data, at)
        if at >= len(data):
            raise MalformedTlvError("a tag without a length at the end of the list")
        wanted.append((tag, data[at]))
        at += 1
    if sum(length for _, length in wanted) > LONGEST:
        raise MalformedTlvError("the list asks for more than a command holds")
    return wanted


def fill_dol(dol: bytes, elements: Mapping[int, bytes]) -> bytes:
    """The bytes that the list asks for, one behind the other. Raises MalformedTlvError."""
    return b"".join(fit(elements.get(tag, b""), length, form_of(tag)) for tag, length in parse_dol(dol))


def fit(value: bytes, length: int, form: Form) -> bytes:
    """Cut or filled up as its format demands; an absent value is zeros whatever its format."""
    if form is Form.NUMERIC:
        return value[max(0, len(value) - length) :].rjust(length, b"\x00")
    filler = b"\xff" if form is Form.COMPRESSED and value else b"\x00"
    return value[:length].ljust(length, filler)
