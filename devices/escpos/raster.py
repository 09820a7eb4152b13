"""Lines, QR codes and pictures as bitmaps, and bitmaps as the printer's raster commands."""

import math
from collections.abc import Iterator

import segno
from PIL import Image

from devices.escpos import glyphs, opcodes
from devices.escpos.elements import Align, Bitmap, Style
from devices.escpos.profile import Profile

MODULE_DOTS = 6  # of a QR code's square: 0.75 mm, which phones read at arm's length
QUIET_MODULES = 4  # white around a QR code, ISO/IEC 18004 §9.1
BAND_BYTES = 2048  # of one raster command: what an interrupted job can leave unfinished stays short


def line_rows(style: Style, profile: Profile) -> int:
    """Dots from the top of a line in this style to the top of the next."""
    return profile.line_dots + glyphs.HEIGHT * style.tall


def text_line(text: str, style: Style, align: Align, profile: Profile) -> Bitmap:
    """One line, as wide as its letters, padded to whole bytes on the sides where `align` wants it."""
    width, _ = glyphs.size(style)
    dots = _whole_bytes(width * len(text)) * 8
    spare = {
        Align.LEFT: 0,
        Align.CENTRE: dots - width * len(text) >> 1,
        Align.RIGHT: dots - width * len(text),
    }
    canvas = Image.new("1", (dots, line_rows(style, profile)), 0)
    for position, char in enumerate(text):
        canvas.paste(glyphs.cell(char, style), (spare[align] + position * width, 0))
    return from_image(canvas)


def qr_code(text: str, profile: Profile) -> Bitmap:
    """With its quiet zone, as large as `qr_module_dots` allows."""
    matrix = [bytes(row) for row in segno.make_qr(text, error="m", boost_error=False).matrix]
    side = len(matrix) + 2 * QUIET_MODULES
    dots = qr_module_dots(text, profile)
    modules = Image.frombytes("L", (len(matrix), len(matrix)), b"".join(matrix)).point([0] + [255] * 255, "1")
    canvas = Image.new("1", (side, side), 0)
    canvas.paste(modules, (QUIET_MODULES, QUIET_MODULES))
    return from_image(canvas.resize((side * dots, side * dots), Image.Resampling.NEAREST))


def qr_module_dots(text: str, profile: Profile) -> int:
    """Dots of a module's side: `MODULE_DOTS`, or what the paper has room for."""
    side = segno.make_qr(text, error="m", boost_error=False).symbol_size(border=QUIET_MODULES)[0]
    return max(1, min(MODULE_DOTS, profile.dots // int(side)))


def from_image(image: Image.Image) -> Bitmap:
    """From mode "1" with ink = 1."""
    return Bitmap(_whole_bytes(image.width), image.tobytes())


def to_image(bitmap: Bitmap) -> Image.Image:
    """Mode "1" with ink = 1."""
    return Image.frombytes("1", (bitmap.row_bytes * 8, bitmap.rows), bitmap.data)


def commands(bitmap: Bitmap) -> Iterator[bytes]:
    """Raster commands, each at most about `BAND_BYTES` long. White rows at both ends cost a byte each."""
    rows = [bitmap.data[at : at + bitmap.row_bytes] for at in range(0, len(bitmap.data), bitmap.row_bytes)]
    inked = [number for number, row in enumerate(rows) if any(row)]
    first, last = (inked[0], inked[-1] + 1) if inked else (len(rows), len(rows))
    yield from _white(first)
    step = BAND_BYTES // bitmap.row_bytes
    for top in range(first, last, step):
        band = rows[top : min(top + step, last)]
        yield opcodes.raster(bitmap.row_bytes, len(band), b"".join(band))
    yield from _white(len(rows) - last)


def _white(rows: int) -> Iterator[bytes]:
    """A band of the least width: feeding by dots has units that differ from model to model."""
    if rows:
        yield opcodes.raster(1, rows, bytes(rows))


def _whole_bytes(dots: int) -> int:
    return math.ceil(dots / 8)
