"""What can be wrong with a value that somebody typed."""

from enum import StrEnum


class Fault(StrEnum):
    """A stable word; the terminal has a sentence for it in each language."""

    MISSING = "missing"
    NOT_ASKED_FOR = "not_asked_for"
    CHARACTERS = "characters"
    LENGTH = "length"
    MASK = "mask"
    PREFIX = "prefix"  # no such operator, or not one of this product
    DATE = "date"  # the birthday inside an IIN
    CHECK_DIGIT = "check_digit"
    NOT_IN_LIST = "not_in_list"
    TOO_MANY_DECIMALS = "too_many_decimals"
    RANGE = "range"


class FaultyValueError(ValueError):
    """`fault` says what is wrong; the text never quotes the value, which may be personal data."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def only_digits(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise FaultyValueError(Fault.CHARACTERS)
    return text
