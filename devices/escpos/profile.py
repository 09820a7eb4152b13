"""What one model of printer can do. The layout asks the profile; nothing else depends on a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from devices.escpos.codepages import CP866, KZ1048, CodePage


@dataclass(frozen=True)
class Profile:
    columns: int  # characters of font A in a line
    dots: int  # printable width
    line_dots: int  # from one line to the next: 1/6 inch, which many compatible printers take as 30 dots
    pages: tuple[CodePage, ...]  # in the order of preference
    native_qr: bool  # knows GS ( k for QR codes
    starts_in_kanji: bool  # made for China: eats Cyrillic in pairs until told otherwise


def _epson(columns: int) -> Profile:
    return Profile(columns, columns * 12, 34, (CP866, KZ1048), native_qr=True, starts_in_kanji=False)


def _compatible(columns: int) -> Profile:
    return Profile(columns, columns * 12, 30, (CP866,), native_qr=False, starts_in_kanji=True)


# Keyed by the name that `driver` has in `[devices.<name>]` of the settings (PROTOCOLS §9).
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "escpos": _epson(48),  # 576 dots: TM-T20, TM-T88, TM-T82 and kiosk printers of that family
        "escpos_58": _epson(32),  # 384 dots
        "escpos_compatible": _compatible(48),
        "escpos_compatible_58": _compatible(32),
    }
)
