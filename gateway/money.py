"""Amounts are integers of minor units with a currency: no float, no locale.

>>> Amount.parse("1500.00")
Amount(minor=150000, currency='KZT')
>>> str(Amount(4505))
'45.05'
"""

import re
from dataclasses import dataclass
from typing import Final, Self

CURRENCY: Final = "KZT"
CURRENCY_NUMERIC = "398"  # ISO 4217
LARGEST_MINOR = 10**15 - 1  # 13 digits and two decimals on e-port's wire, PROTOCOLS §2.1

_WIRE = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})", re.ASCII)


class NotAnAmountError(ValueError):
    """The text is not an amount of the wire's form, or the amount is outside its range."""


@dataclass(frozen=True, order=True)
class Amount:
    minor: int
    currency: str = CURRENCY

    def __post_init__(self) -> None:
        if type(self.minor) is not int or not 0 <= self.minor <= LARGEST_MINOR:
            raise NotAnAmountError(f"{self.minor!r} is not a number of minor units from 0 to {LARGEST_MINOR}")
        if self.currency != CURRENCY:
            raise NotAnAmountError(f"currency {self.currency!r} is not {CURRENCY}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read exactly the wire's form, such as `1500.00` (PROTOCOLS §2.1)."""
        found = _WIRE.fullmatch(text)
        if found is None:
            raise NotAnAmountError(f"{text!r} is not an amount such as 1500.00")
        return cls(int(found[1]) * 100 + int(found[2]))

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.minor + other.minor, self.currency)

    def __str__(self) -> str:
        whole, cents = divmod(self.minor, 100)
        return f"{whole}.{cents:02d}"
