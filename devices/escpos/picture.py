"""The bytes that went down the wire → a picture of the paper: the proof of what a person would read."""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from devices.escpos import glyphs, raster
from devices.escpos.elements import Align
from devices.escpos.paper import Drawn, Printed, Severed, Strip, Symbol, strips
from devices.escpos.profile import Profile

SCALE: Final = 2  # pixels a dot in the finished picture
MARGIN: Final = 64  # pixels of white beside the print head's reach and beyond the last line
TOOTH: Final = 14  # pixels of the edge that the cutter leaves
TABLE: Final = 48  # pixels of what the paper lies on

PAPER_COLOUR: Final = (253, 252, 249)
INK_COLOUR: Final = (38, 38, 44)
TABLE_COLOUR: Final = (231, 232, 235)
SHADOW_COLOUR: Final = (176, 178, 184)


def picture(job: bytes, profile: Profile) -> Image.Image:
    """RGB: the paper with its cut edges, lying on a table."""
    dots = ImageOps.expand(impression(job, profile).convert("L"), MARGIN // SCALE, 0)
    large = dots.resize((dots.width * SCALE, dots.height * SCALE), Image.Resampling.BICUBIC)
    return _on_table(ImageOps.colorize(large, black=PAPER_COLOUR, white=INK_COLOUR))


def impression(job: bytes, profile: Profile) -> Image.Image:
    """Mode "1", ink = 1, one pixel a dot, as wide as the print head's reach."""
    return stack(strips(job, profile), profile)


def stack(found: Iterable[Strip], profile: Profile) -> Image.Image:
    """Strips one below the other, as `impression`."""
    drawn = [_draw(strip, profile) for strip in found]
    canvas = Image.new("1", (profile.dots, max(1, sum(image.height for image in drawn))), 0)
    top = 0
    for image in drawn:
        canvas.paste(image, (0, top))
        top += image.height
    return canvas


def _draw(strip: Strip, profile: Profile) -> Image.Image:
    """As wide as the print head's reach, as high as the paper moves."""
    match strip:
        case Printed():
            return _letters(strip, profile)
        case Drawn(bitmap, align):
            return _placed(raster.to_image(bitmap), align, profile)
        case Symbol(text, align):
            return _placed(raster.to_image(raster.qr_code(text, profile)), align, profile)
        case Severed():
            return Image.new("1", (profile.dots, 1), 0)
        case _:
            assert_never(strip)


def _letters(line: Printed, profile: Profile) -> Image.Image:
    """Letters of different heights stand on one baseline."""
    width = sum(glyphs.size(span.style)[0] * len(span.text) for span in line.spans)
    _, height = glyphs.size(line.style)
    canvas = Image.new("1", (max(width, 1), raster.line_rows(line.style, profile)), 0)
    at = 0
    for span in line.spans:
        for char in span.text:
            cell = glyphs.cell(char, span.style)
            canvas.paste(cell, (at, height - cell.height))
            at += cell.width
    return _placed(canvas, line.align, profile)


def _placed(image: Image.Image, align: Align, profile: Profile) -> Image.Image:
    """Where the printer puts what is narrower than its reach. What is wider is lost at the right."""
    spare = max(0, profile.dots - image.width)
    left = {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[align]
    canvas = Image.new("1", (profile.dots, image.height), 0)
    canvas.paste(image, (left, 0))
    return canvas


def _on_table(paper: Image.Image) -> Image.Image:
    size = (paper.width + 2 * TABLE, paper.height + 2 * TABLE)
    outline = Image.new("L", size, 0)
    ImageDraw.Draw(outline).polygon(list(_edges(paper)), fill=255)
    shadow = outline.filter(ImageFilter.GaussianBlur(10))
    table = Image.new("RGB", size, TABLE_COLOUR)
    table.paste(SHADOW_COLOUR, (0, 6), shadow)
    spread = Image.new("RGB", size, PAPER_COLOUR)
    spread.paste(paper, (TABLE, TABLE))
    table.paste(spread, (0, 0), outline)
    return table


def _edges(paper: Image.Image) -> Iterator[tuple[int, int]]:
    """Two straight sides; teeth at the top, from the cut before, and at the bottom."""
    count = paper.width // TOOTH
    right = [TABLE + paper.width * step // count for step in range(count + 1)]
    for step, x in enumerate(right):
        yield x, TABLE + (step % 2) * TOOTH // 2
    for step, x in enumerate(reversed(right)):
        yield x, TABLE + paper.height - (step % 2) * TOOTH // 2
