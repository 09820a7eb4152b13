"""How a store is: what waits for whom, since when, and whether the disk can be relied on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from spool.breaker import Circuit, CircuitState
from spool.entry_states import State
from spool.transaction import Transaction

# each of the three reads one small index and nothing else
_DEPTHS = """
SELECT destination, 'ready', count(*), min(id) FROM entry WHERE state = 'ready' GROUP BY destination
UNION ALL
SELECT destination, 'claimed', count(*), min(id) FROM entry WHERE state = 'claimed' GROUP BY destination
UNION ALL
SELECT destination, 'to_person', count(*), min(id) FROM entry WHERE state = 'to_person' GROUP BY destination
"""
_CREATED = "SELECT created_ms FROM entry WHERE id = :id"


@dataclass(frozen=True)
class DestinationHealth:
    """`oldest_at` is when the oldest open entry was enqueued; `last_answer_at` lags by up to 10 s after a restart."""

    destination: str
    ready: int
    claimed: int
    to_person: int
    oldest_at: datetime | None
    breaker: CircuitState
    last_answer_at: datetime | None


@dataclass(frozen=True)
class Health:
    """`fault`: why the last commit failed. `sync_is_implausible`: the disk may call done what is not.

    `sync_seconds` is None where nobody owns the store, and so nobody has measured.
    """

    destinations: tuple[DestinationHealth, ...]
    disk_full: bool
    fault: str | None
    sync_seconds: float | None
    sync_is_implausible: bool
    epoch: int


def destinations(
    tx: Transaction, circuits: Mapping[str, Circuit], *, clock_ms: int
) -> tuple[DestinationHealth, ...]:
    """One line for each destination that has, or ever had, anything to do."""
    depths: dict[tuple[str, str], int] = {}
    oldest: dict[str, int] = {}
    for destination, state, count, first_id in tx.execute(_DEPTHS):
        depths[destination, state] = count
        oldest[destination] = min(first_id, oldest.get(destination, first_id))
    return tuple(
        _destination(tx, name, depths, oldest.get(name), circuits.get(name, Circuit()), clock_ms)
        for name in sorted(oldest.keys() | circuits.keys())
    )


def _destination(  # noqa: PLR0913, PLR0917 - gathered for one constructor
    tx: Transaction,
    name: str,
    depths: Mapping[tuple[str, str], int],
    oldest_id: int | None,
    circuit: Circuit,
    clock_ms: int,
) -> DestinationHealth:
    row = None if oldest_id is None else tx.one(_CREATED, {"id": oldest_id})
    return DestinationHealth(
        destination=name,
        ready=depths.get((name, State.READY), 0),
        claimed=depths.get((name, State.CLAIMED), 0),
        to_person=depths.get((name, State.TO_PERSON), 0),
        oldest_at=None if row is None else _utc(row[0]),
        breaker=circuit.state(clock_ms),
        last_answer_at=None if circuit.last_answer_ms is None else _utc(circuit.last_answer_ms),
    )


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
