"""Which fields each message carries, and their forms (PROTOCOLS §5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Layout:
    """One message: the operation it asks, the MTI of its answer, its fields, its processing code."""

    operation: str
    answer: str
    required: frozenset[int]
    optional: frozenset[int]
    code: str = "500000"


_ADVICE: Final = frozenset({3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49})
_CARD: Final = frozenset({2, 14, 35})  # at least 35, or 2 with 14
_REVERSAL: Final = Layout("reversal", "0430", _ADVICE | {90}, frozenset({38}))

LAYOUTS: Final[Mapping[str, Layout]] = {
    "0100": Layout("hold", "0110", _ADVICE | {22, 25, 52, 55}, _CARD | {62}),
    "0220": Layout("capture", "0230", _ADVICE, frozenset({38})),
    "0420": _REVERSAL,
    "0421": _REVERSAL,
    "0800": Layout("echo", "0810", frozenset({11, 70}), frozenset({7, 12, 13, 32, 37, 41, 42})),
}
# What a processing code makes of an MTI; every other code is none that the MTI has.
OF_ACCOUNTS: Final[Mapping[tuple[str, str], Layout]] = {
    ("0100", "310000"): Layout(
        "account_status", "0110", _ADVICE | {22, 25}, _CARD | {52, 55, 62}, code="310000"
    ),
    ("0100", "330000"): Layout("beneficiary", "0110", _ADVICE | {103}, frozenset({22, 25}), code="330000"),
    ("0220", "210000"): Layout("credit", "0230", _ADVICE | {103}, frozenset(), code="210000"),
}
CARD_OPERATIONS: Final = frozenset({"hold", "account_status"})  # what has card data

ECHOED: Final = (3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49, 70, 103)  # what an answer repeats if it is there


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


FORMS: Final[Mapping[int, re.Pattern[str]]] = {
    2: _form(r"\d{12,19}"),
    3: _form(r"500000|310000|330000|210000"),
    4: _form(r"(?!0{12})\d{12}"),
    7: _form(r"\d{10}"),
    11: _form(r"(?!000000)\d{6}"),
    12: _form(r"\d{6}"),
    13: _form(r"\d{4}"),
    14: _form(r"\d{4}"),
    22: _form(r"051"),
    25: _form(r"00"),
    32: _form(r"\d{1,11}"),
    35: _form(r"\d{12,19}[D=]\d{7,20}"),
    37: _form(r"\d{12}"),
    38: _form(r"[0-9A-Za-z]{6}"),
    41: _form(r"[0-9A-Za-z]{1,8} *"),
    42: _form(r"[ -~]{15}"),
    49: _form(r"398"),
    52: _form(r"[0-9A-Fa-f]{16}"),
    55: _form(r"([0-9A-Fa-f]{2})+"),
    62: _form(r"[0-9A-Fa-f]{16,20}"),
    70: _form(r"301"),
    103: _form(r"KZ\d{2}\d{3}[0-9A-Z]{13}"),
    90: _form(r"0100\d{6}\d{10}\d{11}0{11}"),
}
