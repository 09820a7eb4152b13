"""The weighted modulus 11 of account numbers: weights 2 to 7 repeat from the right.

The check digit is what adds to a multiple of 11; where that would be 10, the number is not given out.
(The scheme of Norwegian account numbers, among others.)

>>> validate("1234 5678 5")
'123456785'
>>> is_valid("123456784")
False
>>> check_digit("12345678")
'5'
>>> format("123456785")
'123456785'
"""

from itertools import cycle

from gateway.providers.faults import Fault, FaultyValueError, only_digits


def compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def check_digit(digits: str) -> str:
    """The digit that makes `digits` + it valid, or X if there is none."""
    weighted = zip(reversed(digits), cycle((2, 3, 4, 5, 6, 7)), strict=False)
    rest = -sum(int(digit) * weight for digit, weight in weighted) % 11
    return "X" if rest == 10 else str(rest)


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
