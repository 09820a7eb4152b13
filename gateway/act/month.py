"""A calendar month, as an act names it. Pure.

>>> month = Month.parse("2028-02")
>>> str(month), str(month.previous()), str(Month.parse("2026-12").next()), len(month.days())
('2028-02', '2028-01', '2027-01', 29)
>>> date(2028, 2, 29) in month
True
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

_WRITTEN: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


class NotAMonthError(ValueError):
    """The text is no month such as 2026-10."""


@dataclass(frozen=True, order=True)
class Month:
    """`number`: 1 is January. Its days are business days, in the time zone of the settings."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise NotAMonthError(f"{text!r} is not a month such as 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    def days(self) -> tuple[date, ...]:
        return tuple(self.first.replace(day=n) for n in range(1, self.last.day + 1))

    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def previous(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def __contains__(self, day: date) -> bool:
        return Month.of(day) == self

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
