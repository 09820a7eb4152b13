"""The days that were compared: what each holds, per provider and class, and whether it is closed.

Days are closed in their order, from the first registry on; a closed day is frozen, and the store itself refuses to
change it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from gateway.bills.business_day import first_open_day
from gateway.reconciliation.comparison import Sums, Totals
from gateway.reconciliation.daily import Daily
from gateway.reconciliation.matching import Class
from gateway.times import from_ms
from spool import Transaction

_RUNS: Final = "SELECT runs FROM reconciled_day WHERE day = :day"
_SAVE: Final = """
INSERT INTO reconciled_day (day, registry_id, sha256, compared_ms, runs)
VALUES (:day, :registry_id, :sha256, :now, :run)
ON CONFLICT (day) DO UPDATE SET compared_ms = excluded.compared_ms, runs = excluded.runs
"""
_FORGET: Final = "DELETE FROM reconciled_total WHERE day = :day"
_TOTAL: Final = """
INSERT INTO reconciled_total (day, provider, class, our_count, our_sum, our_fee, eport_count, eport_sum, eport_fee)
VALUES (:day, :provider, :class, :our_count, :our_sum, :our_fee, :eport_count, :eport_sum, :eport_fee)
"""
_OUR_BOOK: Final = """
SELECT count(*), coalesce(sum(amount_minor), 0), coalesce(sum(fee_minor), 0) FROM payment WHERE business_day = :day
"""
_OUR_TOTALS: Final = """
SELECT coalesce(sum(our_count), 0), coalesce(sum(our_sum), 0), coalesce(sum(our_fee), 0)
FROM reconciled_total WHERE day = :day
"""
_FIRST_REGISTRY: Final = "SELECT min(day) FROM daily_registry WHERE taken_ms IS NOT NULL"
_CLOSE: Final = """
UPDATE reconciled_day SET closed_ms = :now, closed_by = :by WHERE day = :day AND closed_ms IS NULL
"""
_DAYS: Final = "SELECT day, registry_id, sha256, compared_ms, closed_ms, closed_by FROM reconciled_day"


class NotClosableError(Exception):
    """The day cannot be closed now; the text says why."""


@dataclass(frozen=True)
class ReconciledDay:
    day: date
    registry_id: str
    sha256: str
    compared_at: datetime
    closed_at: datetime | None
    closed_by: str | None


def next_run(tx: Transaction, day: date) -> int:
    found = tx.one(_RUNS, {"day": day.isoformat()})
    return 1 if found is None else int(found[0]) + 1


def save(tx: Transaction, registry: Daily, totals: Totals, *, run: int) -> None:
    """What a comparison of an open day has found, in the place of what the last one had."""
    day = registry.day.isoformat()
    told = {"day": day, "registry_id": registry.registry_id, "sha256": registry.sha256}
    tx.execute(_SAVE, {**told, "now": tx.now_ms, "run": run})
    tx.execute(_FORGET, {"day": day})
    for (provider, kind), sums in sorted(totals.items()):
        numbers = {name: getattr(sums, name) for name in Sums.__slots__}
        tx.execute(_TOTAL, {"day": day, "provider": provider, "class": kind, **numbers})


def is_current(tx: Transaction, day: date) -> bool:
    """Whether the totals still hold every payment of ours that belongs to the day."""
    bindings = {"day": day.isoformat()}
    return tx.one(_OUR_BOOK, bindings) == tx.one(_OUR_TOTALS, bindings)


def close(tx: Transaction, day: date, *, by: str) -> None:
    """Freeze it. Raises NotClosableError."""
    found = load(tx, day)
    if found is None:
        raise NotClosableError(f"{day.isoformat()} was not compared yet")
    if found.closed_at is not None:
        raise NotClosableError(f"{day.isoformat()} was closed by {found.closed_by}")
    first = tx.one(_FIRST_REGISTRY)
    assert first is not None, "a compared day has a registry"
    turn = first_open_day(tx) or date.fromisoformat(first[0])
    if day != turn:
        raise NotClosableError(f"days are closed in their order, and it is the turn of {turn.isoformat()}")
    tx.execute(_CLOSE, {"day": day.isoformat(), "by": by, "now": tx.now_ms})


def load(tx: Transaction, day: date) -> ReconciledDay | None:
    return next(_read(tx, "WHERE day = :value", day.isoformat()), None)


def days_between(tx: Transaction, first: date, last: date) -> Sequence[ReconciledDay]:
    """Both included, in order."""
    where = f"WHERE day BETWEEN '{first.isoformat()}' AND :value ORDER BY day"
    return list(_read(tx, where, last.isoformat()))


def newest(tx: Transaction, *, limit: int) -> Sequence[ReconciledDay]:
    return list(_read(tx, "ORDER BY day DESC LIMIT :value", limit))


def totals_of(tx: Transaction, day: date) -> Mapping[tuple[str, Class], Sums]:
    rows = tx.execute(
        f"SELECT provider, class, {', '.join(Sums.__slots__)} FROM reconciled_total"  # noqa: S608 - our own names
        " WHERE day = :day ORDER BY provider, class",
        {"day": day.isoformat()},
    )
    return {(provider, Class(kind)): Sums(*numbers) for provider, kind, *numbers in rows}


def _read(tx: Transaction, rest: str, value: Any) -> Iterator[ReconciledDay]:
    for day, registry_id, sha256, compared_ms, closed_ms, closed_by in tx.execute(
        f"{_DAYS} {rest}", {"value": value}
    ):
        closed_at = None if closed_ms is None else from_ms(closed_ms)
        yield ReconciledDay(
            date.fromisoformat(day), registry_id, sha256, from_ms(compared_ms), closed_at, closed_by
        )
