"""Which field stands in which message to the card host, and what it may hold (PROTOCOLS §5).

Numbers are texts, as pyiso8583 has them; "t" is the MTI. Every value is a text of ASCII.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from re import Pattern
from types import MappingProxyType
from typing import Final


class Presence(Enum):
    YES = "yes"
    MAY = "may"
    NO = "no"


HOLD: Final = "0100"
CAPTURE: Final = "0220"
REVERSAL: Final = "0420"
ECHO: Final = "0800"


@dataclass(frozen=True)
class Field:
    """`presence` by MTI; `pattern` is what a value of ours must match in full."""

    number: str
    presence: Mapping[str, Presence]
    pattern: Pattern[str]


def _field(number: int, columns: str, pattern: str) -> Field:
    presence = map(Presence, columns.split())
    by_mti = dict(zip((HOLD, CAPTURE, REVERSAL, ECHO), presence, strict=True))
    return Field(str(number), MappingProxyType(by_mti), re.compile(pattern))


# fmt: off
LAYOUT: Final = (
    #          0100 0220 0420 0800
    _field(2,  "may  no   no   no", r"[0-9]{12,19}"),  # PAN, together with 14
    _field(3,  "yes  yes  yes  no", r"[0-9]{6}"),  # processing code
    _field(4,  "yes  yes  yes  no", r"[0-9]{12}"),  # total with fee, minor units
    _field(7,  "yes  yes  yes  yes", r"[0-9]{10}"),  # MMDDhhmmss in UTC
    _field(11, "yes  yes  yes  yes", r"[0-9]{6}"),  # STAN
    _field(12, "yes  yes  yes  no", r"[0-9]{6}"),  # hhmmss at the bank
    _field(13, "yes  yes  yes  no", r"[0-9]{4}"),  # MMDD at the bank
    _field(14, "may  no   no   no", r"[0-9]{2}(0[1-9]|1[0-2])"),  # YYMM
    _field(22, "yes  no   no   no", r"051"),  # chip, PIN possible
    _field(25, "yes  no   no   no", r"00"),
    _field(32, "yes  yes  yes  no", r"[0-9]{1,11}"),  # acquirer
    _field(35, "may  no   no   no", r"(?=.{1,37}$)[0-9]{12,19}=[0-9]{7,}"),  # tag 57 with its D as =
    _field(37, "yes  yes  yes  no", r"[0-9]{12}"),  # RRN
    _field(38, "no   may  may  no", r"[\x20-\x7e]{6}"),  # approval code, from the 0110
    _field(41, "yes  yes  yes  no", r"(?=.{8}$)[0-9A-Za-z]+ *"),  # terminal
    _field(42, "yes  yes  yes  no", r"(?=.{15}$)[\x21-\x7e]+ *"),  # merchant
    _field(49, "yes  yes  yes  no", r"398"),  # KZT
    _field(52, "yes  no   no   no", r"[0-9A-F]{16}"),  # encrypted PIN block
    _field(55, "may  no   no   no", r"([0-9A-F]{2}){1,255}"),  # EMV TLV
    _field(62, "may  no   no   no", r"([0-9A-F]{2}){8,10}"),  # KSN, with DUKPT only
    _field(70, "no   no   no   yes", r"301"),  # echo test
    _field(90, "no   no   yes  no", r"0100[0-9]{27}0{11}"),  # the original 0100
)
# fmt: on

HOLD_FUNDS: Final = "500000"  # field 3
ECHO_TEST: Final = "301"  # field 70
CHIP_WITH_PIN: Final = "051"  # field 22
NORMAL_CONDITION: Final = "00"  # field 25
TERMINAL_WIDTH: Final = 8  # field 41
MERCHANT_WIDTH: Final = 15  # field 42
ACQUIRER_WIDTH: Final = 11  # field 32 inside field 90
AMOUNT_WIDTH: Final = 12  # field 4
