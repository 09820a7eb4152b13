"""Do the values that somebody typed fit a product? The same rules at the terminal and at the gateway.

What breaks a rule never leaves the terminal; what passes has one form, whatever was typed around it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from gateway.providers import iin, luhn, masks, mod11, phone
from gateway.providers.faults import Fault, FaultyValueError, only_digits
from gateway.providers.product import Product
from gateway.providers.shapes import Choice, Contract, Iin, Number, Phone, RequisiteShape, Text

# What would break a wire or a registry's column (PROTOCOLS §2.1), and what no keyboard types.
_UNSENDABLE: Final = re.compile(r"[;\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_DIGITS: Final = re.compile(r"[0-9]{1,12}([.,][0-9]+)?")
LONGEST_VALUE: Final = 255


@dataclass(frozen=True)
class RequisiteFaults:
    """What is wrong with each requisite, by its code."""

    by_code: Mapping[str, Fault]


def check(product: Product, values: Mapping[str, str]) -> Mapping[str, str] | RequisiteFaults:
    """The values in the form that is sent, in the product's order; or what is wrong with which."""
    asked_for = {shape.code for shape in product.requisites}
    faults = dict.fromkeys(values.keys() - asked_for, Fault.NOT_ASKED_FOR)
    normalised = {}
    for shape in product.requisites:
        try:
            normalised[shape.code] = check_value(shape, values.get(shape.code, ""))
        except FaultyValueError as faulty:
            faults[shape.code] = faulty.fault
    return RequisiteFaults(MappingProxyType(faults)) if faults else MappingProxyType(normalised)


def check_value(shape: RequisiteShape, text: str) -> str:
    """One value in the form that is sent; raises FaultyValueError."""
    bare = text.strip()
    if not bare:
        raise FaultyValueError(Fault.MISSING)
    if _UNSENDABLE.search(bare):
        raise FaultyValueError(Fault.CHARACTERS)
    if len(bare) > LONGEST_VALUE:
        raise FaultyValueError(Fault.LENGTH)
    return _CHECKS[type(shape)](shape, bare)


def shown(shape: RequisiteShape, value: str) -> str:
    """A checked value as a screen or a receipt shows it."""
    mask = getattr(shape, "mask", None)
    return value if mask is None else masks.apply(mask, value)


def _phone(shape: Phone, text: str) -> str:
    digits = phone.validate(text)
    if shape.prefixes and not digits.startswith(shape.prefixes):
        raise FaultyValueError(Fault.PREFIX)
    return digits


def _contract(shape: Contract, text: str) -> str:
    digits = only_digits(luhn.compact(text)) if shape.mask is None else masks.read(shape.mask, text)
    if not shape.minimum_length <= len(digits) <= shape.maximum_length:
        raise FaultyValueError(Fault.LENGTH)
    return _CHECK_DIGITS[shape.check_digit](digits)


def _iin(shape: Iin, text: str) -> str:
    return iin.validate(masks.read(shape.mask, text))


def _text(shape: Text, text: str) -> str:
    collapsed = " ".join(text.split())
    if not shape.minimum_length <= len(collapsed) <= shape.maximum_length:
        raise FaultyValueError(Fault.LENGTH)
    return collapsed


def _choice(shape: Choice, text: str) -> str:
    if text not in {option.value for option in shape.options}:
        raise FaultyValueError(Fault.NOT_IN_LIST)
    return text


def _number(shape: Number, text: str) -> str:
    bare = text.replace(" ", "").replace(",", ".")
    if _DIGITS.fullmatch(bare) is None:
        raise FaultyValueError(Fault.CHARACTERS)
    if len(bare.partition(".")[2]) > shape.decimals:
        raise FaultyValueError(Fault.TOO_MANY_DECIMALS)
    number = Decimal(bare)
    if not shape.minimum <= number <= shape.maximum:
        raise FaultyValueError(Fault.RANGE)
    return f"{number:.{shape.decimals}f}"


_CHECK_DIGITS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {"none": str, "luhn": luhn.validate, "mod11": mod11.validate}
)
_CHECKS: Final[Mapping[type, Callable[[Any, str], str]]] = MappingProxyType(
    {Phone: _phone, Contract: _contract, Iin: _iin, Text: _text, Choice: _choice, Number: _number}
)
