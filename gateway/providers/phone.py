"""A mobile number of Kazakhstan: ITU-T E.164, national numbering plan of +7, ten digits.

The operator's code is 700–708, 747 or 771–778. People also write the long-distance prefix 8.

>>> validate("+7 (701) 123-45-67")
'7011234567'
>>> validate("8 701 123 45 67")
'7011234567'
>>> is_valid("7172123456")
False
>>> format("7011234567")
'+7 (701) 123-45-67'
"""

import re
from typing import Final

from gateway.providers.faults import Fault, FaultyValueError, only_digits

LENGTH: Final = 10
_SEPARATORS: Final = str.maketrans("", "", " -().")
_MOBILE: Final = re.compile(r"7(0[0-8]|47|7[1-8])[0-9]{7}")
_LONG: Final = re.compile(r"(\+7|7|8)([0-9]{10})")


def compact(text: str) -> str:
    bare = text.translate(_SEPARATORS)
    found = _LONG.fullmatch(bare)
    return found[2] if found else bare


def validate(text: str) -> str:
    """The ten digits; raises FaultyValueError."""
    digits = only_digits(compact(text))
    if len(digits) != LENGTH:
        raise FaultyValueError(Fault.LENGTH)
    if _MOBILE.fullmatch(digits) is None:
        raise FaultyValueError(Fault.PREFIX)
    return digits


def is_valid(text: str) -> bool:
    try:
        validate(text)
    except FaultyValueError:
        return False
    return True


def format(text: str) -> str:  # noqa: A001 - the name that python-stdnum gives it in every module
    digits = compact(text)
    return f"+7 ({digits[:3]}) {digits[3:6]}-{digits[6:8]}-{digits[8:]}"
