"""Whose card it is, as its records say; what they say twice must agree (EMV 4.3 Book 3, 7; PROTOCOLS §7)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from devices.emv.faults import CardFaultError, Fault
from devices.emv.tags import Tag
from devices.emv.tlv import Tlv

_TRACK2: Final = re.compile(r"(?P<pan>[0-9]{12,19})D(?P<expiry>[0-9]{4})[0-9]{3,16}", re.ASCII)
_PAN: Final = re.compile(r"[0-9]{12,19}", re.ASCII)
_EXPIRY: Final = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{2}", re.ASCII)

_SAID_ONCE: Final = frozenset(
    {Tag.TRACK2, Tag.PAN, Tag.EXPIRY, Tag.PAN_SEQUENCE, Tag.CDOL1, Tag.CDOL2, Tag.AIP}
)


@dataclass(frozen=True, repr=False)
class Cardholder:
    """Lives in memory only; `repr` shows none of it."""

    pan: str
    expiry_yymm: str
    track2: str  # digits, D as separator, no padding
    pan_sequence: str | None

    def __repr__(self) -> str:
        return "Cardholder(…)"

    def expired(self, today: date) -> bool:
        """A card is good until the end of its month. Two-digit years are of this century."""
        year, month = int(self.expiry_yymm[:2]) + 2000, int(self.expiry_yymm[2:])
        return (year, month) < (today.year, today.month)


def gather(nodes: Iterable[Tlv]) -> Mapping[int, bytes]:
    """Elements by tag. Raises CardFaultError if one that decides something is there with two values."""
    found: dict[int, bytes] = {}
    for node in nodes:
        if found.setdefault(node.tag, node.value) != node.value and node.tag in _SAID_ONCE:
            raise CardFaultError(Fault.PROTOCOL_ERROR, f"two values of tag {node.tag:X}")
    return found


def read_cardholder(elements: Mapping[int, bytes]) -> Cardholder:
    """Tags 57, 5F24, 5F34 and, if it is there, 5A. Raises CardFaultError."""
    track2 = _TRACK2.fullmatch(_digits(elements, Tag.TRACK2))
    expiry = _digits(elements, Tag.EXPIRY)
    if track2 is None or _EXPIRY.fullmatch(expiry) is None:
        raise CardFaultError(Fault.PROTOCOL_ERROR, "tag 57 or 5F24 is missing or malformed")
    pan = _digits(elements, Tag.PAN) or track2["pan"]
    if _PAN.fullmatch(pan) is None or pan != track2["pan"]:
        raise CardFaultError(Fault.PROTOCOL_ERROR, "tags 57 and 5A disagree")
    if track2["expiry"] != expiry[:4]:
        raise CardFaultError(Fault.PROTOCOL_ERROR, "tags 57 and 5F24 disagree")
    sequence = _digits(elements, Tag.PAN_SEQUENCE)
    return Cardholder(pan, expiry[:4], track2[0], sequence or None)


def _digits(elements: Mapping[int, bytes], tag: Tag) -> str:
    return elements.get(tag, b"").hex().upper().rstrip("F")
