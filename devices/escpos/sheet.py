"""What a technician prints to see whether a printer can say everything that a receipt may say."""

from typing import Final

from devices.escpos.elements import BOLD, Align, Columns, Cut, Element, Line, Qr, Rule, Space
from devices.escpos.layout import layout
from devices.escpos.profile import PROFILES

KAZAKH: Final = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
RUSSIAN: Final = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
LATIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"

_SHEET: Final[tuple[Element, ...]] = (
    Line("TOLEM", Align.CENTRE, BOLD),
    Rule(),
    Line(KAZAKH),
    Line(RUSSIAN),
    Line(RUSSIAN.lower()),
    Line(LATIN),
    Columns("ТӨЛЕНДІ / ОПЛАЧЕНО / PAID", "1 234 567,89 ₸"),
    Rule(),
    Qr("TOLEM 0123456789"),
    Space(),
    Cut(),
)


def sample_sheet(model: str) -> bytes:
    """The job for a printer of this name in `profile.PROFILES`."""
    return layout(_SHEET, PROFILES[model])
