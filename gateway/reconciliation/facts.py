"""What the monthly act rests on, out of the days that are closed (`gateway.act.facts`).

Facts of a month whose days are all closed never change: a closed day is frozen, a decision after its close is an
adjustment of a later day, and an open item is one that was open when the last closed day of the month was closed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from gateway.act.facts import ActFacts, Adjustment, DayRegistry, OpenItem, ProviderDay
from gateway.act.month import Month
from gateway.reconciliation import book
from gateway.reconciliation.book import ReconciledDay
from gateway.reconciliation.matching import AGREED
from gateway.times import to_ms
from spool import Transaction

# What was decided before the day was closed is part of the day; what came later corrects an earlier one.
_ADJUSTED: Final = """
SELECT a.number, a.day, k.day, a.provider, k.txn_id, a.sum_minor, a.fee_minor, a.reason, a.person
FROM adjustment a JOIN reconciliation_case k ON k.case_id = a.case_id
WHERE a.day = :day ORDER BY a.number
"""
_OPEN_THEN: Final = """
SELECT case_id, day, class, provider, txn_id, coalesce(eport_sum, our_sum, 0), coalesce(eport_fee, our_fee, 0)
FROM reconciliation_case
WHERE day <= :last AND opened_ms <= :closed_ms AND (closed_ms IS NULL OR closed_ms > :closed_ms) ORDER BY case_id
"""


def act_facts(tx: Transaction, point: str, month: Month) -> ActFacts:
    """Of the days of the month that are closed; `ActFacts.open_days` names the others."""
    closed = [one for one in book.days_between(tx, month.first, month.last) if one.closed_at is not None]
    adjustments = [adjusted for one in closed for adjusted in _adjustments(tx, one.day)]
    return ActFacts(
        point=point,
        month=month,
        days=tuple(row for one in closed for row in _provider_days(tx, one.day, adjustments)),
        registries=tuple(
            DayRegistry(day=one.day, registry_id=one.registry_id, sha256=one.sha256) for one in closed
        ),
        adjustments=tuple(
            sorted((one for one in adjustments if one.day != one.about_day), key=lambda one: one.number)
        ),
        open_items=tuple(_open_items(tx, closed)),
    )


def _provider_days(tx: Transaction, day: date, adjustments: Sequence[Adjustment]) -> Iterator[ProviderDay]:
    """What both books agree on, and what was decided about the day while it was open."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (provider, kind), found in book.totals_of(tx, day).items():
        if kind in AGREED:
            _add(sums[provider], found.eport_count, found.eport_sum, found.eport_fee)
    for one in adjustments:
        if one.day == one.about_day == day:
            _add(sums[one.provider], one.count, one.sum_minor, one.fee_minor)
    for provider, (count, sum_minor, fee_minor) in sorted(sums.items()):
        if count:
            yield ProviderDay(
                day=day, provider=provider, count=count, sum_minor=sum_minor, fee_minor=fee_minor
            )


def _adjustments(tx: Transaction, day: date) -> Iterator[Adjustment]:
    for number, on, about, provider, txn_id, sum_, fee, reason, person in tx.execute(
        _ADJUSTED, {"day": day.isoformat()}
    ):
        yield Adjustment(
            number=number,
            day=date.fromisoformat(on),
            about_day=date.fromisoformat(about),
            provider=provider,
            txn_id=txn_id,
            count=1,  # of a difference nothing was counted before
            sum_minor=sum_,
            fee_minor=fee,
            reason=reason,
            decided_by=person,
        )


def _open_items(tx: Transaction, closed: Sequence[ReconciledDay]) -> Iterator[OpenItem]:
    if not closed or closed[-1].closed_at is None:
        return
    then = {"last": closed[-1].day.isoformat(), "closed_ms": to_ms(closed[-1].closed_at)}
    for case_id, day, kind, provider, txn_id, sum_, fee in tx.execute(_OPEN_THEN, then):
        yield OpenItem(
            case=case_id,
            day=date.fromisoformat(day),
            kind=kind,
            provider=provider,
            txn_id=txn_id,
            sum_minor=sum_,
            fee_minor=fee,
        )


def _add(sums: list[int], *more: int) -> None:
    sums[:] = [old + new for old, new in zip(sums, more, strict=True)]
