"""A receipt for a terminal's screen: its text as decoded from the bytes, on a strip of white paper."""

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final, assert_never

from PIL import Image

from devices.escpos import raster
from devices.escpos.elements import Style
from devices.escpos.paper import Severed, Symbol
from devices.escpos.profile import Profile
from devices.escpos.reading import Reading, Text, Unread, read

_INK_ON_PAPER: Final = "\x1b[38;5;235;48;5;255m"
_BOLD_INK: Final = "\x1b[1;38;5;16;48;5;255m"
_EDGE: Final = "\x1b[38;5;255m"
_RESET: Final = "\x1b[0m"
_BLOCKS: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_INK: Final = 127  # greys above it show as ink
_MARGIN: Final = 2


def terminal_picture(job: bytes, profile: Profile, *, colour: bool = True) -> str:
    """One string of many lines, each a column for a column of the paper. Without colour: a frame."""
    rows = [row for reading in read(job, profile) for row in _rows(reading, profile)]
    width = max([profile.columns, *(len(row) for row, _ in rows)])
    paint = _painted if colour else _framed
    return "\n".join(paint(rows, width))


def _painted(rows: list[tuple[str, bool]], width: int) -> Iterator[str]:
    yield f"{_EDGE}{'▄' * (width + 2 * _MARGIN)}{_RESET}"
    for text, bold in rows:
        ink = _BOLD_INK if bold else _INK_ON_PAPER
        yield f"{ink}{' ' * _MARGIN}{text.ljust(width)}{' ' * _MARGIN}{_RESET}"
    yield f"{_EDGE}{'▀' * (width + 2 * _MARGIN)}{_RESET}"


def _framed(rows: list[tuple[str, bool]], width: int) -> Iterator[str]:
    yield f"┌{'─' * (width + 2)}┐"
    for text, _ in rows:
        yield f"│ {text.ljust(width)} │"
    yield f"└{'─' * (width + 2)}┘"


def _rows(reading: Reading, profile: Profile) -> Iterator[tuple[str, bool]]:
    """Rows of the screen, and whether they are bold. What is tall on paper is bold here."""
    match reading:
        case Text(text, style):
            yield _narrow(text, style, profile), style.bold or style.tall
        case Symbol(text):
            yield from _blocks(raster.to_image(raster.qr_code(text, profile)), profile)
        case Unread(image):
            yield from _blocks(image, profile)
        case Severed():
            pass
        case _:
            assert_never(reading)


def _narrow(text: str, style: Style, profile: Profile) -> str:
    """Letters of one width, standing as far between the edges as the wide ones did."""
    letters = text.lstrip()
    before = (len(text) - len(letters)) << style.wide
    spare = profile.columns - (len(letters) << style.wide)
    share = before / spare if spare > 0 else 0
    return " " * round(share * (profile.columns - len(letters))) + letters


def _blocks(image: Image.Image, profile: Profile) -> Iterator[tuple[str, bool]]:
    """An image of squares, such as a QR code, with one square for half a character; else reduced to fit."""
    box = image.getbbox()
    if box is None:
        return
    inked = image.crop(box)
    side = max(_square(inked), math.ceil(inked.width / profile.columns))
    small = inked.convert("L").resize((inked.width // side, inked.height // side), Image.Resampling.BOX)
    rows = [small.crop((0, y, small.width, y + 1)).tobytes() for y in range(small.height)]
    yield "", False
    for upper, lower in zip_longest(rows[::2], rows[1::2], fillvalue=bytes(small.width)):
        halves = zip(upper, lower, strict=True)
        yield "".join(_BLOCKS[up > _INK, low > _INK] for up, low in halves).center(profile.columns), False
    yield "", False


def _square(image: Image.Image) -> int:
    """Dots of the largest square that the image is made of: what all changes along its rows divide by."""
    size = image.width
    for top in range(image.height):
        row = image.crop((0, top, image.width, top + 1))
        left = row.getbbox()
        size = math.gcd(size, *(left[::2] if left else ()))
    return size
