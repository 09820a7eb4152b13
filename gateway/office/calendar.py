"""A month's days in weeks, each with how it stands. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.act.month import Month

_WEEK: Final = 7


@dataclass(frozen=True)
class CalendarDay:
    """`standing` is a key of `words.STANDINGS`; `told`: there is a page about it."""

    day: date
    standing: str
    differences: int = 0
    open_cases: int = 0
    told: bool = False


def weeks(
    month: Month, compared: Iterable[Mapping[str, Any]], *, today: date
) -> Sequence[Sequence[CalendarDay | None]]:
    """From Monday to Sunday; None outside of the month. `compared` are items of `reconcile.days`."""
    known = {item["day"]: item for item in compared}
    days = [_day(day, known.get(day.isoformat()), today=today) for day in month.days()]
    before = month.first.weekday()
    cells = [*[None] * before, *days]
    cells += [None] * (-len(cells) % _WEEK)
    return [cells[place : place + _WEEK] for place in range(0, len(cells), _WEEK)]


def _day(day: date, item: Mapping[str, Any] | None, *, today: date) -> CalendarDay:
    if item is None:
        return CalendarDay(day, "missing" if day < today else "later", told=day < today)
    open_cases = item["open_cases"]
    standing = "closed" if item["state"] == "closed" else "differs" if open_cases else "agrees"
    return CalendarDay(day, standing, item["differences"], open_cases, told=True)
