"""The simple types of ISO 20022, as the official schemas define them: what the structure check is made of.

A text outside its datatype is what the schema would refuse (400). What Tolem asks beyond that is in
`formats` (422).

>>> MAX_35_TEXT.accepts("x" * 36)
False
>>> DATE_TIME.accepts("2026-02-29T10:00:00")  # no offset is fine here, a day that never was is not
False
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Datatype:
    """`name` is ISO 20022's."""

    name: str
    accepts: Callable[[str], bool]


def _text(name: str, longest: int) -> Datatype:
    return Datatype(name, lambda text: 1 <= len(text) <= longest)


def _pattern(name: str, pattern: str) -> Datatype:
    matches = re.compile(pattern).fullmatch
    return Datatype(name, lambda text: matches(text) is not None)


def _code(name: str, *values: str) -> Datatype:
    return Datatype(name, frozenset(values).__contains__)


_SPACE = " \t\r\n"  # what XML Schema collapses around a number
_DECIMAL = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?")
_DATE = r"(-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_DAY_OF_MONTH = re.compile(_DATE + r".*", re.DOTALL)


def _decimal(name: str, *, total_digits: int, fraction_digits: int, may_be_negative: bool = True) -> Datatype:
    def accepts(text: str) -> bool:
        found = _DECIMAL.fullmatch(text.strip(_SPACE))
        if found is None or not any(character.isdigit() for character in found[0]):
            return False
        fraction = (found[3] or "").rstrip("0")
        is_negative = found[1] == "-" and bool(found[2] or fraction)
        digits = len(found[2]) + len(fraction)
        return (
            digits <= total_digits
            and len(fraction) <= fraction_digits
            and (may_be_negative or not is_negative)
        )

    return Datatype(name, accepts)


def _dated(name: str, pattern: str) -> Datatype:
    matches = re.compile(pattern).fullmatch

    def accepts(text: str) -> bool:
        return matches(text) is not None and _day_exists(text)

    return Datatype(name, accepts)


def _day_exists(text: str) -> bool:
    found = _DAY_OF_MONTH.fullmatch(text)
    assert found is not None
    year = int(found[1][-4:])  # leap years repeat every 400 years, so the last four digits tell
    return found[1].lstrip("-") != "0000" and int(found[3]) <= monthrange(year or 2000, int(found[2]))[1]


MAX_4_TEXT: Final = _text("ExternalCode (1 to 4)", 4)
MAX_3_TEXT: Final = _text("ExternalCashClearingSystem1Code", 3)
MAX_5_TEXT: Final = _text("ExternalClearingSystemIdentification1Code", 5)
MAX_16_TEXT: Final = _text("Max16Text", 16)
MAX_34_TEXT: Final = _text("Max34Text", 34)
MAX_35_TEXT: Final = _text("Max35Text", 35)
MAX_70_TEXT: Final = _text("Max70Text", 70)
MAX_105_TEXT: Final = _text("Max105Text", 105)
MAX_140_TEXT: Final = _text("Max140Text", 140)
MAX_350_TEXT: Final = _text("Max350Text", 350)
MAX_2048_TEXT: Final = _text("Max2048Text", 2048)
MAX_20000_TEXT: Final = _text("Max20000Text", 20_000)

EXACT_4_ALPHANUMERIC: Final = _pattern("Exact4AlphaNumericText", r"[a-zA-Z0-9]{4}")
MAX_15_NUMERIC: Final = _pattern("Max15NumericText", r"[0-9]{1,15}")
BIC_IDENTIFIER: Final = _pattern("BICFIDec2014Identifier", r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
IBAN_IDENTIFIER: Final = _pattern("IBAN2007Identifier", r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}")
LEI_IDENTIFIER: Final = _pattern("LEIIdentifier", r"[A-Z0-9]{18}[0-9]{2}")
UUID_V4: Final = _pattern(
    "UUIDv4Identifier", r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"
)
COUNTRY: Final = _pattern("CountryCode", r"[A-Z]{2}")
CURRENCY: Final = _pattern("ActiveCurrencyCode", r"[A-Z]{3}")

AMOUNT: Final = _decimal("ActiveCurrencyAndAmount", total_digits=18, fraction_digits=5, may_be_negative=False)
DECIMAL_NUMBER: Final = _decimal("DecimalNumber", total_digits=18, fraction_digits=17)
BASE_ONE_RATE: Final = _decimal("BaseOneRate", total_digits=11, fraction_digits=10)

DATE_TIME: Final = _dated("ISODateTime", rf"{_DATE}T{_TIME}{_ZONE}")
DATE: Final = _dated("ISODate", _DATE + _ZONE)
TIME: Final = _pattern("ISOTime", _TIME + _ZONE)
BOOLEAN: Final = _pattern("TrueFalseIndicator", rf"[{_SPACE}]*(true|false|1|0)[{_SPACE}]*")

SETTLEMENT_METHOD: Final = _code("SettlementMethod1Code", "INDA", "INGA", "COVE", "CLRG")
CHARGE_BEARER: Final = _code("ChargeBearerType1Code", "DEBT", "CRED", "SHAR", "SLEV")
CLEARING_CHANNEL: Final = _code("ClearingChannel2Code", "RTGS", "RTNS", "MPNS", "BOOK")
PRIORITY_2: Final = _code("Priority2Code", "HIGH", "NORM")
PRIORITY_3: Final = _code("Priority3Code", "URGT", "HIGH", "NORM")
INSTRUCTION: Final = _code("Instruction4Code", "PHOA", "TELA")
ADDRESS_TYPE: Final = _code("AddressType2Code", "ADDR", "PBOX", "HOME", "BIZZ", "MLTO", "DLVY")
