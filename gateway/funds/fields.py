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


@dataclass(frozen=True)
class Kind:
    """A message of ours: its MTI, and field 3 where it has one."""

    mti: str
    processing_code: str | None = None

    @property
    def name(self) -> str:
        return self.mti if self.processing_code is None else f"{self.mti} {self.processing_code}"


HOLD: Final = Kind("0100", "500000")
ACCOUNT: Final = Kind("0100", "310000")  # how does the card's account stand?
BENEFICIARY: Final = Kind("0100", "330000")  # can this IBAN be credited?
CAPTURE: Final = Kind("0220", "500000")
CREDIT: Final = Kind("0220", "210000")
REVERSAL: Final = Kind("0420", "500000")
ECHO: Final = Kind("0800")
_COLUMNS: Final = (HOLD, ACCOUNT, BENEFICIARY, CAPTURE, CREDIT, REVERSAL, ECHO)


@dataclass(frozen=True)
class Field:
    """`presence` by kind; `pattern` is what a value of ours must match in full."""

    number: str
    presence: Mapping[Kind, Presence]
    pattern: Pattern[str]


def _field(number: int, columns: str, pattern: str) -> Field:
    presence = map(Presence, columns.split())
    by_kind = dict(zip(_COLUMNS, presence, strict=True))
    return Field(str(number), MappingProxyType(by_kind), re.compile(pattern))


# A question about an account has neither PIN block nor cryptogram: each of them is good for one use, the hold's.
# fmt: off
LAYOUT: Final = (
    #          hold acct bene capt cred 0420 0800
    _field(2,  "may  may  no   no   no   no   no", r"[0-9]{12,19}"),  # PAN, together with 14
    _field(3,  "yes  yes  yes  yes  yes  yes  no", r"[0-9]{6}"),  # processing code
    _field(4,  "yes  yes  yes  yes  yes  yes  no", r"[0-9]{12}"),  # minor units; of the payer: total with fee
    _field(7,  "yes  yes  yes  yes  yes  yes  yes", r"[0-9]{10}"),  # MMDDhhmmss in UTC
    _field(11, "yes  yes  yes  yes  yes  yes  yes", r"[0-9]{6}"),  # STAN
    _field(12, "yes  yes  yes  yes  yes  yes  no", r"[0-9]{6}"),  # hhmmss at the bank
    _field(13, "yes  yes  yes  yes  yes  yes  no", r"[0-9]{4}"),  # MMDD at the bank
    _field(14, "may  may  no   no   no   no   no", r"[0-9]{2}(0[1-9]|1[0-2])"),  # YYMM
    _field(22, "yes  yes  no   no   no   no   no", r"051"),  # chip, PIN possible
    _field(25, "yes  yes  no   no   no   no   no", r"00"),
    _field(32, "yes  yes  yes  yes  yes  yes  no", r"[0-9]{1,11}"),  # acquirer
    _field(35, "may  may  no   no   no   no   no", r"(?=.{1,37}$)[0-9]{12,19}=[0-9]{7,}"),  # tag 57, its D as =
    _field(37, "yes  yes  yes  yes  yes  yes  no", r"[0-9]{12}"),  # RRN
    _field(38, "no   no   no   may  no   may  no", r"[\x20-\x7e]{6}"),  # approval code, from the 0110
    _field(41, "yes  yes  yes  yes  yes  yes  no", r"(?=.{8}$)[0-9A-Za-z]+ *"),  # terminal
    _field(42, "yes  yes  yes  yes  yes  yes  no", r"(?=.{15}$)[\x21-\x7e]+ *"),  # merchant
    _field(49, "yes  yes  yes  yes  yes  yes  no", r"398"),  # KZT
    _field(52, "yes  no   no   no   no   no   no", r"[0-9A-F]{16}"),  # encrypted PIN block
    _field(55, "may  no   no   no   no   no   no", r"([0-9A-F]{2}){1,255}"),  # EMV TLV
    _field(62, "may  no   no   no   no   no   no", r"([0-9A-F]{2}){8,10}"),  # KSN, with DUKPT only
    _field(70, "no   no   no   no   no   no   yes", r"301"),  # echo test
    _field(90, "no   no   no   no   no   yes  no", r"0100[0-9]{27}0{11}"),  # the original 0100
    _field(103, "no  no   yes  no   yes  no   no", r"KZ[0-9]{5}[0-9A-Z]{13}"),  # the payee's IBAN
)
# fmt: on

ECHO_TEST: Final = "301"  # field 70
CHIP_WITH_PIN: Final = "051"  # field 22
NORMAL_CONDITION: Final = "00"  # field 25
TERMINAL_WIDTH: Final = 8  # field 41
MERCHANT_WIDTH: Final = 15  # field 42
ACQUIRER_WIDTH: Final = 11  # field 32 inside field 90
AMOUNT_WIDTH: Final = 12  # field 4
