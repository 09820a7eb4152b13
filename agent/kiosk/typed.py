r"""What a person typed: how each kind of requisite is typed and shown, and sums. Pure.

>>> sum_of("1 500,5")
Amount(minor=150050, currency='KZT')
>>> sum_of("0") is None
True
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.money import LARGEST_MINOR, Amount
from gateway.providers import masks
from gateway.providers.shapes import Contract, Iin, Number, Phone, RequisiteShape, Text

_SUM: Final = re.compile(r"([0-9]{1,13})(?:[.,]([0-9]{0,2}))?")


@dataclass(frozen=True)
class Typing:
    """`keys`: which on-screen keyboard. `longest` counts what is typed, without the mask's own signs."""

    keys: str  # digits, decimal, letters, link
    longest: int
    mask: str = ""
    needed: str = ""  # how many digits, where that is fixed: 10, or 6–7


AMOUNT: Final = Typing("decimal", 13)
OPERATION_NUMBER: Final = Typing("digits", 12)
LAST_FOUR: Final = Typing("digits", 4, needed="4")
LINK: Final = Typing("link", 255)
WORDS: Final = Typing("letters", 60)


def typing_of(shape: RequisiteShape) -> Typing:
    match shape:
        case Phone(mask=mask):
            return Typing("digits", masks.places(mask), mask, str(masks.places(mask)))
        case Iin(mask=mask):
            return Typing("digits", 12, mask, "12")
        case Contract(mask=mask, minimum_length=shortest, maximum_length=longest):
            needed = str(longest) if shortest == longest else f"{shortest}–{longest}"
            return Typing("digits", longest, mask or "", needed)
        case Number(decimals=decimals):
            return Typing("decimal" if decimals else "digits", 16)
        case Text(maximum_length=longest):
            return Typing("letters", longest)
        case _:
            return Typing("letters", 255)


def shown(typing: Typing, raw: str) -> str:
    """As the field shows it while it is typed."""
    digits = raw.isascii() and raw.isdigit()
    return masks.apply(typing.mask, raw) if typing.mask and (digits or not raw) else raw


def sum_of(text: str) -> Amount | None:
    """Tenge with a comma or a point before the tiyn; None if it is no sum."""
    found = _SUM.fullmatch("".join(text.split()))
    if found is None:
        return None
    minor = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    return Amount(minor) if 0 < minor <= LARGEST_MINOR else None


ALPHABETS: Final[Mapping[str, tuple[str, ...]]] = {
    "kk": ("аәбвгғдеёжзийкқлмнңоөпрс", "туұүфхһцчшщъыіьэюя"),
    "ru": ("абвгдеёжзийклмнопрстуфхц", "чшщъыьэюя"),
    "en": ("abcdefghijklmnopqrstuvwx", "yz"),
    "123": ("1234567890-/.,№()",),
}
"""The letters keyboard, in parts of 24: what the smallest screen shows at a time."""
LINK_ALPHABETS: Final[Mapping[str, tuple[str, ...]]] = {
    "abc": ("abcdefghijklmnopqrstuvwx", "yz"),
    "caps": ("ABCDEFGHIJKLMNOPQRSTUVWX", "YZ"),
    "123": ("1234567890-_:/.",),
}
"""A link's identifier tells capitals from small letters (PROTOCOLS §4)."""
