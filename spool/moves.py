"""The only code that changes an entry's state, apart from a claim (`spool.lease`).

Each move is guarded by the state it leaves and writes its line of history in the same transaction.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from spool.entry_states import ENDS_ATTEMPT, FINAL, NEXT, Event, State
from spool.errors import SpoolError
from spool.transaction import Ready, Transaction, milliseconds

BODY_MS: Final = 7 * 24 * 3600 * 1000  # payloads of ended entries
KEY_MS: Final = 90 * 24 * 3600 * 1000  # their keys, results and history
LONGEST_DELAY_MS: Final = 31 * 24 * 3600 * 1000
_NOTE_LENGTH = 500

_MOVE = """
UPDATE entry
   SET state = :state, moves = moves + 1, attempts = attempts + :attempts,
       faults = CASE WHEN :fault = 1 THEN faults + 1 ELSE 0 END,
       due_ms = coalesce(:due_ms, due_ms), lease = CASE WHEN :keep_lease = 1 THEN lease END,
       purge_ms = :purge_ms, changed_ms = :now_ms, note = :note
 WHERE id = :id AND state = :leaves
RETURNING moves, claimed_ms, destination, lane, due_ms, kind, expires_ms
"""
_REMEMBER = """
INSERT INTO history (entry_id, n, at_ms, epoch, event, state, claimed_ms, person, note)
VALUES (:entry_id, :n, :at_ms, :epoch, :event, :state, :claimed_ms, :person, :note)
"""


class Place(NamedTuple):
    """Where an entry stands before a move."""

    id: int
    state: State


def move(  # noqa: PLR0913 - one step and what it may carry, all by keyword
    tx: Transaction,
    place: Place,
    event: Event,
    *,
    note: str,
    due_ms: int | None = None,
    fault: bool = False,
    person: str | None = None,
) -> State:
    """Take one step of the table and return the new state. A step that is not there raises SpoolError."""
    state = NEXT.get((place.state, event))
    if state is None:
        raise SpoolError(f"entry {place.id} is {place.state}: {event} does not apply")
    note = note[:_NOTE_LENGTH]
    row = tx.one(
        _MOVE,
        {
            "id": place.id,
            "leaves": place.state,
            "state": state,
            "attempts": int(event in ENDS_ATTEMPT),
            "fault": int(fault),
            "due_ms": due_ms,
            "keep_lease": int((place.state, event) == (State.CLAIMED, Event.CLOSED)),
            "purge_ms": tx.clock_ms + BODY_MS if state in FINAL else None,
            "now_ms": tx.now_ms,
            "note": note,
        },
    )
    if row is None:
        raise SpoolError(f"entry {place.id} is no longer {place.state}")
    n, claimed_ms, *ready = row
    tx.execute(
        _REMEMBER,
        {
            "entry_id": place.id,
            "n": n,
            "at_ms": tx.now_ms,
            "epoch": tx.epoch,
            "event": event,
            "state": state,
            "claimed_ms": claimed_ms if event in ENDS_ATTEMPT else None,
            "person": person,
            "note": note,
        },
    )
    if state is State.READY:
        tx.announce(Ready(*ready))
    return state


def store_time(tx: Transaction, moment: datetime | None) -> int:
    """A wall-clock moment on the store's clock: never in its past, at most 31 days ahead. None is now."""
    if moment is None:
        return tx.clock_ms
    return tx.clock_ms + min(max(milliseconds(moment) - tx.now_ms, 0), LONGEST_DELAY_MS)


def wall_time(tx: Transaction, store_ms: int) -> datetime:
    """What the wall clock is expected to say when the store's clock says `store_ms`."""
    return tx.now + timedelta(milliseconds=store_ms - tx.clock_ms)
