"""Letters as dots: a monospaced font drawn into the printer's cells, in black and white.

One cell is 12 dots wide, as in font A, and 30 high: font A's 24 and the room for what stands above a
capital and below a baseline. The same cells make raster lines and the pictures of receipts, so that a
raster line can be read back letter by letter.
"""

from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from devices.escpos.codepages import UNKNOWN
from devices.escpos.elements import Style

WIDTH: Final = 12
HEIGHT: Final = 30
_BASELINE: Final = 24
_EM: Final = 24  # an advance of half an em fills the cell
_FINER: Final = 4  # drawn so many times larger, then averaged: crisp at every size
_INK: Final = 128  # averages darker than this become a dot

_FACES: Final = {False: "iosevka-medium.ttf", True: "iosevka-extrabold.ttf"}


@lru_cache(4096)
def cell(char: str, style: Style) -> Image.Image:
    """One character, mode "1", ink = 1. What the font lacks is drawn as the replacement character."""
    large = _drawn(char, bold=style.bold)
    if large.tobytes() == _missing(bold=style.bold):
        large = _drawn(UNKNOWN, bold=style.bold)
    return large.resize(size(style), Image.Resampling.BOX).point(_THRESHOLD, mode="1")


def size(style: Style) -> tuple[int, int]:
    """Width and height of a cell in dots."""
    return WIDTH << style.wide, HEIGHT << style.tall


_THRESHOLD: Final = [0 if grey < _INK else 255 for grey in range(256)]


@lru_cache(1024)
def _drawn(char: str, *, bold: bool) -> Image.Image:
    canvas = Image.new("L", (WIDTH * _FINER, HEIGHT * _FINER), 0)
    ImageDraw.Draw(canvas).text((0, _BASELINE * _FINER), char, fill=255, font=_face(bold=bold), anchor="ls")
    return canvas


@cache
def _missing(*, bold: bool) -> bytes:
    """What the font draws for a character that it does not have."""
    return _drawn("\uffff", bold=bold).tobytes()


@cache
def _face(*, bold: bool) -> ImageFont.FreeTypeFont:
    data = resources.files(__package__).joinpath("fonts", _FACES[bold]).read_bytes()
    return ImageFont.truetype(BytesIO(data), _EM * _FINER, layout_engine=ImageFont.Layout.BASIC)
