"""One-time codes: twelve characters that are hard to confuse, the last of which checks the others.

Crockford's base 32 (no I, L, O, U): eleven random characters are 55 bits, against five guesses. The check
character is Luhn's algorithm mod 32: every single slip is found, so a typing error costs no guess.

>>> formatted(new_code(bytes))
'0000-0000-0000'
>>> compact("0000 oooo-000o")
'000000000000'
"""

from collections.abc import Callable
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PATTERN: Final = rf"^[{ALPHABET}]{{12}}$"
_RANDOM_CHARACTERS: Final = 11
_LOOK_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_BASE: Final = len(ALPHABET)


class MistypedCodeError(ValueError):
    """Not twelve characters, one that no code has, or the check character says otherwise."""


def new_code(random_bytes: Callable[[int], bytes]) -> str:
    """A code in its compact form."""
    body = "".join(ALPHABET[byte % _BASE] for byte in random_bytes(_RANDOM_CHARACTERS))
    return body + _check_character(body)


def compact(typed: str) -> str:
    """What was meant, however it was spaced and whatever case it had. Raises MistypedCodeError."""
    code = typed.upper().translate(_LOOK_ALIKE)
    if len(code) != _RANDOM_CHARACTERS + 1 or not set(code) <= set(ALPHABET):
        raise MistypedCodeError("a code is 12 letters and digits, such as 7K3M-Q0TZ-9XWD")
    if _check_character(code[:-1]) != code[-1]:
        raise MistypedCodeError("a character of the code is mistyped: its last one does not fit")
    return code


def formatted(code: str) -> str:
    """In fours, as it is read out."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def _check_character(body: str) -> str:
    total = 0
    for place, character in enumerate(reversed(body)):
        number = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += number // _BASE + number % _BASE
    return ALPHABET[-total % _BASE]
