"""What a job says, as text: the printer's own letters, and raster lines read back cell by cell.

No guessing: raster cells are compared with the very cells they were drawn from, a cell that differs in
one dot is not a letter, and what is not a line stays an image.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, product
from typing import Final, TypeAlias

from PIL import Image

from devices.escpos import glyphs, lookalikes, raster
from devices.escpos.elements import Align, Style
from devices.escpos.paper import Drawn, Printed, Severed, Strip, Symbol, strips
from devices.escpos.picture import stack
from devices.escpos.profile import Profile

_STYLES: Final = tuple(Style(bold, wide, tall) for wide, tall, bold in product((False, True), repeat=3))


@dataclass(frozen=True)
class Text:
    """One line with the spaces before it, in columns of its style: half as many if it is wide."""

    text: str
    style: Style


@dataclass(frozen=True)
class Unread:
    """Dots that are no line of text: mode "1", ink = 1, no white around them."""

    image: Image.Image


Reading: TypeAlias = Text | Unread | Symbol | Severed


def read(job: bytes, profile: Profile) -> list[Reading]:
    """From top to bottom. White around images is left out, an empty line of text is not."""
    return list(_read(strips(job, profile), profile))


def printed_text(job: bytes, profile: Profile) -> list[str]:
    """The lines of text alone, as they stand on the paper."""
    return [reading.text for reading in read(job, profile) if isinstance(reading, Text)]


def _read(found: Iterable[Strip], profile: Profile) -> Iterator[Reading]:
    for drawn, group in groupby(found, key=lambda strip: isinstance(strip, Drawn)):
        if drawn:
            yield from _read_canvas(stack(group, profile), profile)
        else:
            yield from (_typed(strip, profile) for strip in group)


def _typed(strip: Strip, profile: Profile) -> Reading:
    match strip:
        case Printed(spans, align):
            text = "".join(span.text for span in spans)
            spare = (profile.columns >> strip.style.wide) - len(text)
            indent = {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[align]
            return Text((" " * indent + text).rstrip(), strip.style)
        case Drawn():
            return Unread(raster.to_image(strip.bitmap))
        case Symbol() | Severed():
            return strip


def _read_canvas(canvas: Image.Image, profile: Profile) -> Iterator[Reading]:
    """Lines where lines can be read; the rows between them as images."""
    top = unread = 0
    while top < canvas.height:
        line = _line_at(canvas, top, profile)
        if line is None:
            top += 1
            continue
        yield from _image(canvas, unread, top)
        yield line
        top = unread = top + raster.line_rows(line.style, profile)
    yield from _image(canvas, unread, canvas.height)


def _image(canvas: Image.Image, top: int, bottom: int) -> Iterator[Unread]:
    rows = canvas.crop((0, top, canvas.width, bottom))
    box = rows.getbbox()
    if box is not None:
        yield Unread(rows.crop(box))


def _line_at(canvas: Image.Image, top: int, profile: Profile) -> Text | None:
    """The line of text whose cells begin in this very row. White alone is not a line."""
    for style in _STYLES:
        bottom = top + raster.line_rows(style, profile)
        rows = canvas.crop((0, top, canvas.width, bottom))
        box = rows.getbbox()
        if box is None or bottom > canvas.height:
            continue
        width, _ = glyphs.size(style)
        for phase in (0, width // 2):  # a centred line of an odd number of letters stands half a cell aside
            text = _cells(rows, style, phase)
            if text is not None:
                return Text(text.rstrip(), style)
    return None


def _cells(rows: Image.Image, style: Style, phase: int) -> str | None:
    width, height = glyphs.size(style)
    drawings = lookalikes.drawings(style)
    box = rows.getbbox()
    if box is None or box[0] < phase or box[3] > height:
        return None
    found: list[str] = []
    first = (box[0] - phase) // width
    for left in range(phase + first * width, box[2], width):
        char = drawings.get(rows.crop((left, 0, left + width, height)).tobytes())
        if char is None:
            return None
        found.append(char)
    return " " * first + lookalikes.choose(found)
