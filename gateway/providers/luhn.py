"""The Luhn check digit: ISO/IEC 7812-1 annex B. The last digit is the check digit.

>>> validate("7992 7398 713")
'79927398713'
>>> is_valid("79927398710")
False
>>> check_digit("7992739871")
'3'
>>> format("79927398713")
'79927398713'
"""

from gateway.providers.faults import Fault, FaultyValueError, only_digits


def compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def check_digit(digits: str) -> str:
    """The digit that makes `digits` + it valid."""
    doubled = (
        2 * int(digit) if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits))
    )
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def validate(text: str) -> str:
    """The compact number; raises FaultyValueError."""
    digits = only_digits(compact(text))
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
    return compact(text)
