"""Our own rules of a field: which texts it may hold, and which value they mean (PROTOCOLS §3.2, 422).

Numbers that a person can mistype carry check digits, and those are checked here:

| format | form | check | source |
|---|---|---|---|
| IBAN | `KZ`, 2 check digits, 3 digits of the bank, 13 of the account | mod 97 = 1 | ISO 13616-1 |
| IIN/BIN | 12 digits, the last one a check digit | weights 1..11, then 3..11,1,2, mod 11 | the tax code of Kazakhstan |

>>> is_iban("KZ86125KZT5004100100")
True
>>> is_iban("KZ86125KZT5004100101")
False
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gateway.money import CURRENCY, Amount


@dataclass(frozen=True)
class Format:
    """`read` turns a text of the pattern into a value and raises ValueError; `write` is its way back."""

    name: str
    pattern: re.Pattern[str]
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str

    def value_of(self, text: str) -> Any:
        """The value; raises ValueError, which quotes nothing."""
        if self.pattern.fullmatch(text) is None:
            raise ValueError(self.name)
        try:
            return self.read(text)
        except ValueError:
            raise ValueError(self.name) from None

    def text_of(self, value: Any) -> str:
        """The text, which `value_of` would read; raises ValueError."""
        text = self.write(value)
        self.value_of(text)
        return text


def _exactly(name: str, pattern: str) -> Format:
    return Format(name, re.compile(pattern))


def _checked(name: str, pattern: str, is_valid: Callable[[str], bool]) -> Format:
    def read(text: str) -> str:
        if not is_valid(text):
            raise ValueError
        return text

    return Format(name, re.compile(pattern), read=read)


_IBAN = r"KZ[0-9]{2}[0-9]{3}[0-9A-Z]{13}"
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_BIN_TYPES = frozenset("456")  # the 5th digit of a BIN; in an IIN it begins a day of birth


def is_iban(text: str) -> bool:
    """Of Kazakhstan, without spaces, in upper case."""
    if re.fullmatch(_IBAN, text) is None:
        return False
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return int(digits) % 97 == 1


def is_iin_or_bin(text: str) -> bool:
    """The number of a person (IIN) or an organisation (BIN)."""
    if re.fullmatch(r"[0-9]{12}", text) is None:
        return False
    digits = [int(character) for character in text]
    check = _weighted(digits, _FIRST_WEIGHTS)
    if check == 10:
        check = _weighted(digits, _SECOND_WEIGHTS)
    return check == digits[11]


def is_bin(text: str) -> bool:
    """Whether an IIN/BIN is an organisation's."""
    return text[4] in _BIN_TYPES


def _weighted(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits[:11], weights, strict=True)) % 11


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if not 2000 <= instant.year < 2200:  # keeps arithmetic on it inside what a datetime can hold
        raise ValueError
    return instant


def _amount(text: str) -> Amount:
    whole, cents = text.split(".")
    minor = int(whole) * 100 + int(cents)
    if not minor:
        raise ValueError
    return Amount(minor)


# Control characters, the separators U+2028 and U+2029, surrogates, non-characters: what would break a
# line of a receipt or a journal, or XML itself.
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"


def line(longest: int) -> Format:
    """One line of text of any language."""
    return _exactly(f"a line of 1 to {longest} characters", rf"{_LINE}{{1,{longest}}}")


IDENTIFIER: Final = _exactly("an identifier of 1 to 35 of 0-9 A-Z a-z _ -", r"[0-9A-Za-z_-]{1,35}")
LINK_ID: Final = _exactly("a link id of 24 to 32 of 0-9 A-Z a-z _ -", r"[0-9A-Za-z_-]{24,32}")
MAX_35_TEXT: Final = line(35)
NAME: Final = line(140)
PARTICULARS: Final = line(350)
PURPOSE: Final = _exactly("a line of text", rf"{_LINE}+")  # only the document's size bounds it
UETR: Final = _exactly("a UETR", r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}")
BIC: Final = _exactly("a BIC", r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
IBAN: Final = _checked("an IBAN of Kazakhstan", _IBAN, is_iban)
IIN_BIN: Final = _checked("an IIN or BIN", r"[0-9]{12}", is_iin_or_bin)
KNP: Final = _exactly("a KNP of 3 digits", r"[0-9]{3}")
KBE: Final = _exactly("a KOd or KBe of 2 digits", r"[0-9]{2}")
MONEY: Final = Format(
    "an amount such as 1500.00, above 0.00", re.compile(r"[0-9]{1,13}\.[0-9]{2}"), read=_amount
)
KZT: Final = _exactly(CURRENCY, CURRENCY)
INSTANT: Final = Format(
    "an instant with an offset",
    re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
        r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
    ),
    read=_instant,
    write=datetime.isoformat,
)
REASON: Final = _exactly("a reason code of 4 characters", r"[A-Z0-9]{4}")
REASON_TEXT: Final = line(105)


def enumeration(codes: type[StrEnum]) -> Format:
    """One of an enumeration's values, as its member."""
    return Format(f"one of {', '.join(codes)}", re.compile("|".join(codes)), read=codes)
