"""Which characters one drawn cell can stand for, and which of them is meant.

Many Latin and Cyrillic letters share a drawing, and so do the plain zero and O. As readers do, the
choice goes by the company that a letter keeps: by its word, else by its line.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

from devices.escpos import glyphs
from devices.escpos.codepages import NO_BREAK, PAGES, UNKNOWN
from devices.escpos.elements import Style

DIGITS: Final = "0123456789"
LATIN: Final = "".join(filter(str.isalpha, map(chr, range(0x41, 0x7B))))
CYRILLIC: Final = "".join(map(chr, range(0x410, 0x450))) + "ЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
_ASCII: Final = "".join(map(chr, range(0x20, 0x7F)))
_SIGNS: Final = "₸№«»—–…•·×−€₽‘’‚“”„≤≥✓"
_LATIN_EXTENDED: Final = "".join(map(chr, range(0xA1, 0x180)))
_PAGED: Final = "".join(bytes(range(0x80, 0x100)).decode(page.codec, "ignore") for page in PAGES)
_ALPHABET: Final = _ASCII + CYRILLIC + _SIGNS + _LATIN_EXTENDED + _PAGED.replace(NO_BREAK, "") + UNKNOWN


@cache
def drawings(style: Style) -> dict[bytes, str]:
    """From a cell's dots to every character that is drawn so, the likeliest first."""
    found: dict[bytes, str] = {}
    for char in dict.fromkeys(_ALPHABET):
        dots = glyphs.cell(char, style).tobytes()
        found[dots] = found.get(dots, "") + char
    return found


def choose(cells: Sequence[str]) -> str:
    """One character for each cell, from the characters that the cell can stand for.

    >>> choose(["0OО", "1"])
    '01'
    >>> choose(["CС", "у", "м", "м", "aа"])
    'Сумма'
    """
    words = _words(cells)
    line = _script([cell for word in words for cell in word], LATIN)
    return "".join("".join(_read_word(word, line)) for word in words)


def _words(cells: Sequence[str]) -> list[list[str]]:
    """Split before and after every space."""
    words: list[list[str]] = [[]]
    for cell in cells:
        if cell[0] == " " or words[-1][-1:] == [" "]:
            words.append([])
        words[-1].append(cell[0] if cell[0] == " " else cell)
    return words


def _read_word(cells: Sequence[str], script_of_line: str) -> list[str]:
    script = _script(cells, script_of_line)
    letters = any(cell[0] not in DIGITS and cell[0].isalpha() for cell in cells)
    counts = any(cell in DIGITS for cell in cells) or not letters
    return [_pick(cell, (DIGITS if counts else "") + script) for cell in cells]


def _script(cells: Sequence[str], otherwise: str) -> str:
    """The one that letters with a single reading belong to."""
    certain = {cell for cell in cells if len(cell) == 1}
    found = [script for script in (CYRILLIC, LATIN) if certain & set(script)]
    return found[0] if found else otherwise


def _pick(cell: str, preferred: str) -> str:
    return next((char for char in cell if char in preferred), cell[0])
