"""The barcode of a bill: where in it a requisite stands.

A pattern is as long as the code: # stands for one character of the value, ? for one that does not matter, a
trailing * for any rest, everything else for itself.

>>> read("0117##########*", "0117204817365800152300")
'2048173658'
>>> read("KZ-####", "RU-1234") is None
True
"""

from gateway.providers.masks import PLACE

ANY = "?"
REST = "*"


def read(pattern: str, code: str) -> str | None:
    """The value; None if this is another kind of code."""
    fixed = pattern.removesuffix(REST)
    if len(code) < len(fixed) or (fixed == pattern and len(code) != len(fixed)):
        return None
    pairs = list(zip(fixed, code, strict=False))
    if any(sign not in {PLACE, ANY, character} for sign, character in pairs):
        return None
    return "".join(character for sign, character in pairs if sign == PLACE)
