"""Months, days, sums and kinds of items, as Russian and Kazakh write them."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from babel.dates import get_month_names

from gateway.act.document import Title
from gateway.act.month import Month

NO_BREAK_SPACE: Final = "\u00a0"

KINDS: Final[Mapping[str, Title]] = MappingProxyType(
    {
        "AMOUNT_DIFF": Title(ru="суммы различаются", kk="сомалар әртүрлі"),
        "STATUS_DIFF": Title(ru="состояния различаются", kk="күйлері әртүрлі"),
        "ONLY_BANK": Title(ru="есть только у банка", kk="тек банкте бар"),
        "ONLY_EPORT": Title(ru="есть только у e-port", kk="тек e-port-та бар"),
        "DUPLICATE": Title(ru="повтор", kk="қайталама"),
        "DAY_SHIFT": Title(ru="другой день", kk="басқа күн"),
    }
)


def kind_title(kind: str) -> Title:
    return KINDS.get(kind, Title(ru=kind, kk=kind))


def sum_text(minor: int) -> str:
    r"""Tenge and tiyn, thousands apart; nowhere breakable.

    >>> sum_text(-123456705)
    '−1\xa0234\xa0567,05'
    """
    whole, tiyn = divmod(abs(minor), 100)
    grouped = f"{whole:,}".replace(",", NO_BREAK_SPACE)
    return f"{'−' if minor < 0 else ''}{grouped},{tiyn:02d}"


def count_text(count: int) -> str:
    return f"{count:,}".replace(",", NO_BREAK_SPACE).replace("-", "−")


def day_text(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def month_title(month: str) -> Title:
    """As a heading names it: `октябрь 2026 года`, `2026 жылғы қазан`."""
    parsed = Month.parse(month)
    ru, kk = (get_month_names("wide", "stand-alone", locale)[parsed.number] for locale in ("ru", "kk"))
    return Title(ru=f"{ru.lower()} {parsed.year} года", kk=f"{parsed.year} жылғы {kk.lower()}")
