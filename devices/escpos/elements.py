"""What a receipt is made of, before anybody asks which printer will print it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias


class Align(IntEnum):
    """The values of ESC a."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(frozen=True)
class Style:
    bold: bool = False
    wide: bool = False  # twice the width: half the columns
    tall: bool = False  # twice the height


PLAIN = Style()
BOLD = Style(bold=True)
TALL = Style(bold=True, tall=True)


@dataclass(frozen=True)
class Bitmap:
    """Rows of dots, 1 = black, the leftmost dot in the highest bit, each row padded to whole bytes."""

    row_bytes: int
    data: bytes

    @property
    def rows(self) -> int:
        return len(self.data) // self.row_bytes


@dataclass(frozen=True)
class Line:
    """Text that wraps at spaces. No-break and thin spaces keep an amount together."""

    text: str
    align: Align = Align.LEFT
    style: Style = PLAIN


@dataclass(frozen=True)
class Columns:
    """A label on the left and its value on the right; both wrap, each on its own side."""

    left: str
    right: str
    style: Style = PLAIN


@dataclass(frozen=True)
class Rule:
    """A thin line across the paper."""


@dataclass(frozen=True)
class Space:
    lines: int = 1


@dataclass(frozen=True)
class Qr:
    """A QR code in the middle, error correction M."""

    text: str


@dataclass(frozen=True)
class Image:
    """A picture in the middle. Must not be wider than the paper."""

    bitmap: Bitmap


@dataclass(frozen=True)
class Cut:
    """Feed to the cutter and cut. Ends a receipt."""


Element: TypeAlias = Line | Columns | Rule | Space | Qr | Image | Cut
