"""Which code page can say a line: cp866 first, then kz1048 where the printer has it, else none (PROTOCOLS §8).

A line that no page can say becomes a raster image: a Kazakh letter or ₸ never prints as a question mark.
Text from outside (a payer's name) is cleaned first, so that it cannot carry commands to the printer.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "\ufffd"
NO_BREAK: Final = "\u00a0"


@dataclass(frozen=True)
class CodePage:
    number: int  # n of ESC t
    codec: str  # Python's name for the same 256 characters


CP866: Final = CodePage(17, "cp866")  # Russian, and lines for tables; no Kazakh letters, no « »
KZ1048: Final = CodePage(53, "kz1048")  # STRK1048: Kazakh and Russian; no ₸, no lines
PAGES: Final = (CP866, KZ1048)

_ASCII_ONLY: Final = "ascii"


def clean(text: str) -> str:
    """Composed letters; no control characters, no invisible ones; every space plain or no-break.

    Thin and other spaces are as wide as a plain one here, where all columns are equal.
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join(char if char == " " else _CLEAN.get(unicodedata.category(char), char) for char in composed)


def plain_spaces(line: str) -> str:
    """For a line that is broken already: no page needs a character for the no-break space."""
    return line.replace(NO_BREAK, " ")


_CLEAN: Final = {
    "Cc": " ",  # control: would be a command
    "Zs": NO_BREAK,  # every other kind of space
    "Zl": " ",
    "Zp": " ",
    "Cf": "",  # invisible: direction marks, soft hyphens, joiners
    "Mn": "",  # a mark that no composed letter took up
    "Cn": UNKNOWN,
    "Co": UNKNOWN,
    "Cs": UNKNOWN,
}


def page_for(text: str, pages: Sequence[CodePage]) -> CodePage | None:
    """The first page that can say all of `text`; None if no page can."""
    return next((page for page in pages if _says(page, text)), None)


def _says(page: CodePage, text: str) -> bool:
    try:
        text.encode(page.codec)
    except UnicodeEncodeError:
        return False
    return True


def decode(data: bytes, number: int) -> str:
    """What a printer with this page selected shows for `data`; a page unknown to us shows ASCII only."""
    codec = next((page.codec for page in PAGES if page.number == number), _ASCII_ONLY)
    return data.decode(codec, errors="replace")
