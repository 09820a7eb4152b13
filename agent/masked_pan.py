"""A card number as it may be printed and stored: first 6, last 4 (DESIGN §3.9).

>>> MaskedPan.of("9999990000000018")
MaskedPan('999999******0018')
"""

import re
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_MASKED = re.compile(r"[0-9]{6}\*{2,9}[0-9]{4}", re.ASCII)


class MaskedPan(str):
    """Only a masked number can be one of these; a whole number is refused, not masked in passing."""

    __slots__ = ()

    def __new__(cls, masked: str) -> Self:
        if _MASKED.fullmatch(masked) is None:
            raise ValueError("not a masked card number: first 6, stars, last 4")
        return super().__new__(cls, masked)

    @classmethod
    def of(cls, pan: str) -> Self:
        """The masked form of a whole number of 12 to 19 digits (ISO/IEC 7812-1)."""
        if not (pan.isdecimal() and pan.isascii() and 12 <= len(pan) <= 19):
            raise ValueError("not a card number of 12 to 19 digits")
        return cls(pan[:6] + "*" * (len(pan) - 10) + pan[-4:])

    @property
    def last4(self) -> str:
        return str(self[-4:])

    def __repr__(self) -> str:
        return f"MaskedPan({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
