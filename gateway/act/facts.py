"""What a monthly act rests on. Pure; sums are integers of tiyn.

Facts of a month whose days are all closed never change, so that its act regenerates byte for byte: a closed day
is frozen, a later correction is an adjustment of a later day, and an open item is judged by what was decided
when the month's last day was closed, not by what was decided since.
"""

from dataclasses import dataclass
from datetime import date

from gateway.act.month import Month


@dataclass(frozen=True, kw_only=True)
class ProviderDay:
    """What was accepted for one provider on one closed day: what matched, and what was decided until its close.

    `provider`: its code in the catalogue. `day`: by e-port's finished_at. No row stands for nothing.
    """

    day: date
    provider: str
    count: int
    sum_minor: int
    fee_minor: int


@dataclass(frozen=True, kw_only=True)
class DayRegistry:
    """e-port's registry that a closed day rests on; an empty day has one too."""

    day: date
    registry_id: str
    sha256: str  # of the whole body, lower-case hex


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """A correction of an earlier, closed day, booked on `day`. Count and sums are signed."""

    number: int  # of all adjustments, as they were decided
    day: date
    about_day: date
    provider: str
    txn_id: str
    count: int
    sum_minor: int
    fee_minor: int
    reason: str
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class OpenItem:
    """A case of this month or of an earlier one that nobody had decided when the month's last day was closed."""

    case: int
    day: date
    kind: str  # ONLY_EPORT, AMOUNT_DIFF, …
    provider: str
    txn_id: str
    sum_minor: int  # as e-port's line says, else as our book does
    fee_minor: int


@dataclass(frozen=True, kw_only=True)
class ActFacts:
    """Of one point and month. `days` are sorted by day and provider, all others by their first fields."""

    point: str
    month: Month
    days: tuple[ProviderDay, ...]
    registries: tuple[DayRegistry, ...]
    adjustments: tuple[Adjustment, ...]
    open_items: tuple[OpenItem, ...]

    def open_days(self) -> tuple[date, ...]:
        """The days of the month that are not closed."""
        closed = {registry.day for registry in self.registries}
        return tuple(day for day in self.month.days() if day not in closed)
