"""A receipt's elements → the bytes for one printer. Pure: the same elements and profile, the same bytes.

Settings are sent only where they change. Each line goes as text in the first code page that can say
it, else as a raster image (PROTOCOLS §8).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, assert_never

from devices.escpos import opcodes, raster
from devices.escpos.codepages import clean, page_for, plain_spaces
from devices.escpos.elements import (
    PLAIN,
    Align,
    Bitmap,
    Columns,
    Cut,
    Element,
    Image,
    Line,
    Qr,
    Rule,
    Space,
    Style,
)
from devices.escpos.profile import Profile
from devices.escpos.typeset import columns, longest_word, wrap

_MODEL_2: Final = bytes([50, 0])
_CORRECTION_M: Final = bytes([49])


def layout(elements: Iterable[Element], profile: Profile) -> bytes:
    """The whole job, from the printer's reset on. Raises ValueError for an image wider than the paper."""
    job = _Job(profile)
    for element in elements:
        _add(job, element)
    return b"".join(job.commands)


def _add(job: "_Job", element: Element) -> None:
    match element:
        case Line(text, align, style):
            fitting = job.fitting(text, style)
            for line in wrap(clean(text), job.columns(fitting)):
                job.line(line, fitting, align)
        case Columns(left, right, style):
            for line in columns(clean(left), clean(right), job.columns(style)):
                job.line(line, style, Align.LEFT)
        case Rule():
            job.line("─" * job.columns(PLAIN), PLAIN, Align.LEFT)
        case Space(lines):
            job.commands.append(opcodes.LINE_FEED() * lines)
        case Qr(text):
            job.qr(text)
        case Image(bitmap):
            job.bitmap(bitmap, Align.CENTRE)
        case Cut():
            job.commands.append(opcodes.CUT(opcodes.PARTIAL_CUT, 0))
        case _:
            assert_never(element)


class _Job:
    """The commands so far and what the printer is set to by them."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._align, self._style = Align.LEFT, PLAIN
        self._page = -1  # the printer's default is anybody's guess
        self.commands = [opcodes.INITIALIZE()]
        if profile.starts_in_kanji:
            self.commands.append(opcodes.KANJI_OFF())

    def columns(self, style: Style) -> int:
        return self._profile.columns >> style.wide

    def fitting(self, text: str, style: Style) -> Style:
        """Not wide if a word would have to be cut for it: half an amount is another amount."""
        return replace(style, wide=style.wide and longest_word(clean(text)) <= self.columns(style))

    def line(self, text: str, style: Style, align: Align) -> None:
        plain = plain_spaces(text).rstrip()
        page = page_for(plain, self._profile.pages)
        if page is None:
            self.bitmap(raster.text_line(plain, style, align, self._profile), align)
            return
        self._set_align(align)
        self._set_style(style)
        if not plain.isascii() or self._page < 0:
            self._set_page(page.number)
        self.commands += [plain.encode(page.codec), opcodes.LINE_FEED()]

    def bitmap(self, bitmap: Bitmap, align: Align) -> None:
        if bitmap.row_bytes * 8 > self._profile.dots:
            raise ValueError(f"an image of {bitmap.row_bytes * 8} dots, paper of {self._profile.dots}")
        self._set_align(align)
        self.commands += raster.commands(bitmap)

    def qr(self, text: str) -> None:
        if not self._profile.native_qr:
            self.bitmap(raster.qr_code(text, self._profile), Align.CENTRE)
            return
        self._set_align(Align.CENTRE)
        module = raster.qr_module_dots(text, self._profile)
        self.commands += [
            opcodes.symbol(opcodes.QR_MODEL, _MODEL_2),
            opcodes.symbol(opcodes.QR_MODULE, bytes([module])),
            opcodes.symbol(opcodes.QR_CORRECTION, _CORRECTION_M),
            opcodes.symbol(opcodes.QR_STORE, text.encode()),
            opcodes.symbol(opcodes.QR_PRINT),
        ]

    def _set_align(self, align: Align) -> None:
        if align is not self._align:
            self.commands.append(opcodes.ALIGN(align))
            self._align = align

    def _set_style(self, style: Style) -> None:
        if style.bold != self._style.bold:
            self.commands.append(opcodes.EMPHASIS(style.bold))
        if (style.wide, style.tall) != (self._style.wide, self._style.tall):
            self.commands.append(opcodes.SIZE(opcodes.sized(wide=style.wide, tall=style.tall)))
        self._style = style

    def _set_page(self, number: int) -> None:
        if number != self._page:
            self.commands.append(opcodes.CODE_PAGE(number))
            self._page = number
