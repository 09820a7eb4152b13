"""Totals per provider as bars: what an SVG needs, in its own units. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.act.document import Sums, sum_of
from gateway.act.facts import ActFacts, Adjustment, ProviderDay

WIDTH: Final = 300  # of the longest bar
ROW: Final = 34
_LEAST: Final = 2  # a bar that there is can be seen


@dataclass(frozen=True)
class Bar:
    provider: str
    sums: Sums
    top: int
    width: int


def sums_per_provider(facts: ActFacts) -> Mapping[str, Sums]:
    """Of closed days, with the corrections that were booked on them."""
    rows: tuple[ProviderDay | Adjustment, ...] = (*facts.days, *facts.adjustments)
    codes = sorted({row.provider for row in rows})
    return {
        code: sum_of(
            Sums(count=row.count, sum=row.sum_minor, fee=row.fee_minor)
            for row in rows
            if row.provider == code
        )
        for code in codes
    }


def bars(totals: Mapping[str, Sums]) -> Sequence[Bar]:
    """The longest first."""
    longest = max((abs(sums.total) for sums in totals.values()), default=0) or 1
    ranked = sorted(totals.items(), key=lambda item: (-item[1].total, item[0]))
    return [
        Bar(code, sums, place * ROW, max(_LEAST, abs(sums.total) * WIDTH // longest) if sums.total else 0)
        for place, (code, sums) in enumerate(ranked)
    ]
