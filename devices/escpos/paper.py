"""What commands leave on paper: strips from top to bottom, as a printer of this profile prints them.

This is the printer's side of the wire: it starts from bytes and knows nothing of the elements that a
layout began with. Pictures, read-back text and the emulator all stand on it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import ClassVar, TypeAlias

from devices.escpos import opcodes
from devices.escpos.codepages import decode as decode_page
from devices.escpos.decoder import Characters, Command, Piece, decode
from devices.escpos.elements import PLAIN, Align, Bitmap, Style
from devices.escpos.opcodes import Opcode
from devices.escpos.profile import Profile


@dataclass(frozen=True)
class Span:
    text: str
    style: Style


@dataclass(frozen=True)
class Printed:
    """One line of the printer's own letters."""

    spans: tuple[Span, ...]
    align: Align

    @property
    def style(self) -> Style:
        """What its height goes by: the tallest span."""
        return max((span.style for span in self.spans), key=lambda style: style.tall, default=PLAIN)


@dataclass(frozen=True)
class Drawn:
    """One raster image."""

    bitmap: Bitmap
    align: Align


@dataclass(frozen=True)
class Symbol:
    """A QR code that the printer made itself."""

    text: str
    align: Align


@dataclass(frozen=True)
class Severed:
    """Here the cutter cut."""


Strip: TypeAlias = Printed | Drawn | Symbol | Severed


@dataclass(frozen=True)
class _Settings:
    """What ESC @ resets."""

    style: Style = PLAIN
    align: Align = Align.LEFT
    page: int = 0


class Paper:
    """Takes commands in order. `strips` is what has come out so far."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._settings = _Settings()
        self._line: list[Span] = []
        self._symbol = b""
        self.strips: list[Strip] = []

    def take(self, piece: Piece) -> None:
        match piece:
            case Characters(data):
                self._characters(decode_page(data, self._settings.page))
            case Command(opcode, parameters) if opcode in self._effects:
                self._effects[opcode](self, parameters)
            case _:  # real-time and unknown commands leave nothing on paper
                pass

    def _characters(self, text: str) -> None:
        """A line that is full is printed by the first character that has no place in it."""
        for char in text:
            style = self._settings.style
            if self._columns_used() + (1 << style.wide) > self._profile.columns:
                self._feed()
            self._line.append(Span(char, style))

    def _columns_used(self) -> int:
        return sum(1 << span.style.wide for span in self._line)

    def _feed(self, _: bytes = b"") -> None:
        spans = self._line or [Span("", self._settings.style)]
        self.strips.append(Printed(tuple(_joined(spans)), self._settings.align))
        self._line = []

    def _initialize(self, _: bytes) -> None:
        self._settings, self._line, self._symbol = _Settings(), [], b""

    def _emphasis(self, parameters: bytes) -> None:
        self._set_style(replace(self._settings.style, bold=bool(parameters[0] & 1)))

    def _size(self, parameters: bytes) -> None:
        width, height = parameters[0] >> 4 & 7, parameters[0] & 7
        self._set_style(replace(self._settings.style, wide=width > 0, tall=height > 0))

    def _set_style(self, style: Style) -> None:
        self._settings = replace(self._settings, style=style)

    def _align(self, parameters: bytes) -> None:
        if parameters[0] in set(Align):
            self._settings = replace(self._settings, align=Align(parameters[0]))

    def _page(self, parameters: bytes) -> None:
        self._settings = replace(self._settings, page=parameters[0])

    def _raster(self, parameters: bytes) -> None:
        row_bytes = int.from_bytes(parameters[1:3], "little")
        if row_bytes and len(parameters) > 5:
            self.strips.append(Drawn(Bitmap(row_bytes, parameters[5:]), self._settings.align))

    def _two_dimensional(self, parameters: bytes) -> None:
        function, data = parameters[2:4], parameters[5:]
        if function == opcodes.QR_STORE[:2]:
            self._symbol = data
        elif function == opcodes.QR_PRINT[:2] and self._symbol:
            self.strips.append(Symbol(self._symbol.decode(errors="replace"), self._settings.align))

    def _cut(self, _: bytes) -> None:
        self.strips.append(Severed())

    _effects: ClassVar[dict[Opcode, Callable[["Paper", bytes], None]]] = {
        opcodes.LINE_FEED: _feed,
        opcodes.INITIALIZE: _initialize,
        opcodes.EMPHASIS: _emphasis,
        opcodes.SIZE: _size,
        opcodes.ALIGN: _align,
        opcodes.CODE_PAGE: _page,
        opcodes.RASTER: _raster,
        opcodes.SYMBOL: _two_dimensional,
        opcodes.CUT: _cut,
    }


def strips(job: bytes, profile: Profile) -> list[Strip]:
    """What a whole job leaves on paper."""
    paper = Paper(profile)
    for piece in decode(job):
        paper.take(piece)
    return paper.strips


def _joined(spans: Iterable[Span]) -> Iterable[Span]:
    """Neighbours of one style become one span."""
    for style, neighbours in groupby(spans, key=attrgetter("style")):
        yield Span("".join(span.text for span in neighbours), style)
