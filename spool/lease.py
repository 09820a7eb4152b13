"""Claims are leases: who sends an entry holds its token, and an acknowledgement without it counts for nothing.

The token is the number of moves the entry had made when it was claimed, so that each claim of the same entry
has a larger one. A claim needs no sync: losing it only repeats the same key.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from spool.agenda import Quota
from spool.entry import Entry
from spool.entry_states import Event, State
from spool.errors import LeaseLost
from spool.moves import move, standing, wall_time
from spool.transaction import Transaction
from spool.verdicts import Again, Delivered, ToPerson, Verdict

_HEADS = """
SELECT id, due_ms, kind, key, attempts, moves, epoch, faults, created_ms, expires_ms FROM entry
 WHERE state = 'ready' AND destination = :destination AND lane = :lane
 ORDER BY due_ms, id LIMIT :at_most + 1
"""
_CLAIM = "UPDATE entry SET state = 'claimed', lease = moves, claimed_ms = :now_ms WHERE id = :id AND state = 'ready'"
_BODY = "SELECT payload FROM body WHERE entry_id = :id"
_NEXT_HEAD = """
SELECT destination, lane, due_ms FROM entry
 WHERE state = 'ready' AND (lane, destination) > (:lane, :destination)
 ORDER BY lane, destination, due_ms LIMIT 1
"""
_ALL_CLAIMED = "SELECT id, kind, attempts FROM entry WHERE state = 'claimed'"


@dataclass(frozen=True)
class Claim:
    """An entry in flight and the token of its lease. `faults`: how often in a row we failed ourselves."""

    entry: Entry
    lease: int
    faults: int


@dataclass(frozen=True)
class Taken:
    """What one lane gave. `next_due_ms` is when its next entry is due (store clock); None: it has none."""

    quota: Quota
    claims: list[Claim]
    next_due_ms: int | None


def _event(verdict: Verdict) -> tuple[Event, str]:
    match verdict:
        case Delivered(note):
            return Event.DELIVERED, note
        case Again(note):
            return Event.AGAIN, note
        case ToPerson(reason):
            return Event.HANDED_OVER, reason


def claim(tx: Transaction, quotas: Iterable[Quota]) -> list[Taken]:
    """Begin attempts, the longest due first in each lane."""
    return [_claim_lane(tx, quota) for quota in quotas]


def acknowledge(
    tx: Transaction, held: Claim, verdict: Verdict, *, due_ms: int | None = None, fault: bool = False
) -> State:
    """End the attempt `held` by its verdict, then run what the verdict applies, in the same transaction.

    `due_ms` is for Again. An entry that its owner closed meanwhile stays closed, but the answer is still
    applied. Raises LeaseLost, with nothing done, when the entry was claimed again since.
    """
    before = standing(tx, entry_id=held.entry.id)
    if before is None or before.lease != held.lease:
        raise LeaseLost(f"entry {held.entry.id} is no longer held by lease {held.lease}")
    event, note = _event(verdict)
    if before.state is State.CLOSED:
        event = Event.ANSWERED_LATE
    state = move(tx, before, event, note=note, due_ms=due_ms, fault=fault)
    if verdict.apply is not None:
        verdict.apply(tx)
    return state


def heads(tx: Transaction) -> list[tuple[str, str, int]]:
    """Destination, lane and earliest due time of every lane that waits: one look into the index for each."""
    found: list[tuple[str, str, int]] = []
    last = ("", "")
    while row := tx.one(_NEXT_HEAD, {"destination": last[0], "lane": last[1]}):
        found.append((row[0], row[1], row[2]))
        last = row[0], row[1]
    return found


def take_back(tx: Transaction, delay_ms: Callable[[str, int], int]) -> None:
    """Have everything in flight wait as after any other attempt without an answer: whoever held it is gone, and
    it may have left.

    `delay_ms` is told the kind, and the number of attempts with this one.
    """
    for entry_id, kind, attempts in list(tx.execute(_ALL_CLAIMED)):
        before = standing(tx, entry_id=entry_id)
        assert before is not None, "it was found in this transaction"
        due_ms = tx.clock_ms + delay_ms(kind, attempts + 1)
        move(tx, before, Event.RETURNED, note="it was cut off; the schedule goes on", due_ms=due_ms)


def _claim_lane(tx: Transaction, quota: Quota) -> Taken:
    claims: list[Claim] = []
    for row in list(tx.execute(_HEADS, quota._asdict())):
        due_ms = row[1]
        if len(claims) == quota.at_most or due_ms > tx.clock_ms:
            return Taken(quota, claims, due_ms)
        tx.execute(_CLAIM, {"id": row[0], "now_ms": tx.now_ms})
        claims.append(_claim(tx, quota, row))
    return Taken(quota, claims, None)


def _claim(tx: Transaction, quota: Quota, row: tuple[Any, ...]) -> Claim:
    entry_id, _, kind, key, attempts, moves, epoch, faults, created_ms, expires_ms = row
    body = tx.one(_BODY, {"id": entry_id})
    assert body is not None, "an open entry has its body"
    entry = Entry(
        id=entry_id,
        kind=kind,
        destination=quota.destination,
        lane=quota.lane,
        key=key,
        payload=body[0],
        attempts=attempts,
        maybe_sent=attempts > 0 or epoch < tx.epoch,
        created_at=datetime.fromtimestamp(created_ms / 1000, UTC),
        expires_at=None if expires_ms is None else wall_time(tx, expires_ms),
    )
    return Claim(entry, lease=moves, faults=faults)
