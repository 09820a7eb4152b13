"""Which reader the settings mean. pcscd numbers readers in the order in which they came: `ACS ACR39U 00 00`.

The two last numbers are the reader's and the slot's, in hexadecimal; they change when it is plugged in anew.
A serial number, if the reader has one, stands before them in brackets and stays.
"""

import re
from collections.abc import Iterable
from typing import Final

_NUMBERS: Final = re.compile(r" [0-9A-F]{2} [0-9A-F]{2}$")


def stem(name: str) -> str:
    return _NUMBERS.sub("", name)


def find(wanted: str, names: Iterable[str]) -> str | None:
    """The reader of exactly this name, else the first by name that is called so but for its numbers."""
    known = sorted(names)
    alike = [name for name in known if stem(name) == stem(wanted)]
    return wanted if wanted in known else next(iter(alike), None)


def not_found(wanted: str, names: Iterable[str]) -> str:
    """What a technician reads when it is not there."""
    known = ", ".join(repr(name) for name in sorted(names))
    return f"no reader {wanted!r}; " + (f"there is {known}" if known else "there is none: check its cable")
