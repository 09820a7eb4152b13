"""IIN, the number of a natural person in Kazakhstan (ЖСН, ИИН): law of 12 January 2007, № 223-III.

Twelve digits: birthday yymmdd · century and sex (1, 2 the 19th century; 3, 4 the 20th; 5, 6 the 21st;
odd is male; 0 is a foreigner) · four of a sequence · check digit. The check digit is the weighted sum
of the eleven before it, modulo 11, with weights 1 to 11; if that is 10, with weights 3 to 11, 1, 2;
if it is 10 again, the number is not given out.

>>> validate("991231 100122")
'991231100122'
>>> is_valid("991231100123")
False
>>> format("991231100122")
'991231 100122'
"""

from datetime import date
from types import MappingProxyType
from typing import Final

from gateway.providers.faults import Fault, FaultyValueError, only_digits

LENGTH: Final = 12
_CENTURIES: Final = MappingProxyType(
    {"0": (1900, 2000), "1": (1800,), "2": (1800,), "3": (1900,), "4": (1900,), "5": (2000,), "6": (2000,)}
)
_WEIGHTS: Final = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


def compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def check_digit(digits: str) -> str:
    """The twelfth digit for eleven, or X if there is none."""
    for weights in _WEIGHTS:
        rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return str(rest)
    return "X"


def validate(text: str) -> str:
    """The compact number; raises FaultyValueError."""
    digits = only_digits(compact(text))
    if len(digits) != LENGTH:
        raise FaultyValueError(Fault.LENGTH)
    if not _has_a_birthday(digits):
        raise FaultyValueError(Fault.DATE)
    if check_digit(digits[:-1]) != digits[-1]:
        raise FaultyValueError(Fault.CHECK_DIGIT)
    return digits


def is_valid(text: str) -> bool:
    try:
        validate(text)
    except FaultyValueError:
        return False
    return True


def format(text: str) -> str:  # noqa: A001 - the name that python-stdnum gives it in every module
    digits = compact(text)
    return f"{digits[:6]} {digits[6:]}"


def _has_a_birthday(digits: str) -> bool:
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    return any(_is_a_day(century + year, month, day) for century in _CENTURIES.get(digits[6], ()))


def _is_a_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
