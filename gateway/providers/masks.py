"""Masks such as `+7 (###) ###-##-##`: each # stands for one digit, everything else for itself.

>>> apply("####-####-#", "123456785")
'1234-5678-5'
>>> read("####-####-#", "1234-5678-5")
'123456785'
>>> read("####-####-#", "1234 5678 5")
'123456785'
"""

import re

from gateway.providers.faults import Fault, FaultyValueError

PLACE = "#"


def places(mask: str) -> int:
    return mask.count(PLACE)


def apply(mask: str, digits: str) -> str:
    """Fill the mask; what is typed so far may be shorter than it."""
    shown = []
    rest = iter(digits)
    for character in mask:
        filled = next(rest, None) if character == PLACE else character
        if filled is None:
            break
        shown.append(filled)
    return "".join(shown)


def read(mask: str, text: str) -> str:
    """The digits of a text that fits the mask, or that is digits and spaces only."""
    fitting = "".join("([0-9])" if character == PLACE else re.escape(character) for character in mask)
    found = re.fullmatch(fitting, text)
    if found is not None:
        return "".join(found.groups())
    bare = text.replace(" ", "")
    if not (bare.isascii() and bare.isdigit()):
        raise FaultyValueError(Fault.MASK)
    return bare
