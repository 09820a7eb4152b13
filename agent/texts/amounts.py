r"""Sums and times as each language writes them.

>>> amount_text(Amount(123456700), "ru")
'1\u202f234\u202f567,00\xa0₸'
>>> amount_text(Amount(4505), "en")
'45.05\xa0₸'
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agent.texts import Language
from gateway.money import Amount

THIN_SPACE: Final = "\u202f"  # does not break
NO_BREAK_SPACE: Final = "\u00a0"
_DECIMAL_MARK: Final[dict[Language, str]] = {"kk": ",", "ru": ",", "en": "."}
_TIME: Final[dict[Language, str]] = {
    "kk": "%d.%m.%Y %H:%M:%S",
    "ru": "%d.%m.%Y %H:%M:%S",
    "en": "%Y-%m-%d %H:%M:%S",
}


def amount_text(amount: Amount, language: Language) -> str:
    """Thousands apart by thin spaces, always two decimals, the tenge sign behind; nowhere breakable."""
    whole, cents = divmod(amount.minor, 100)
    grouped = f"{whole:,}".replace(",", THIN_SPACE)
    return f"{grouped}{_DECIMAL_MARK[language]}{cents:02d}{NO_BREAK_SPACE}₸"


def time_text(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """An instant as the clock on the wall showed it."""
    return at.astimezone(zone).strftime(_TIME[language])
