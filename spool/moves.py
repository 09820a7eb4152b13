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

_COLUMNS = "id, state, moves, lease, claimed_ms, destination, lane, due_ms, kind, expires_ms"
_BY_ID = f"SELECT {_COLUMNS} FROM entry WHERE id = :id"  # noqa: S608 - the columns are ours
_BY_KEY = f"SELECT {_COLUMNS} FROM entry WHERE key = :key"  # noqa: S608 - the columns are ours
_MOVE = """
UPDATE entry
   SET state = :state, moves = :n, attempts = attempts + :attempts,
       faults = CASE WHEN :fault = 1 THEN faults + 1 ELSE 0 END,
       due_ms = :due_ms, expires_ms = :expires_ms, lease = :lease, purge_ms = :purge_ms, changed_ms = :now_ms, note = :note
 WHERE id = :id AND state = :leaves AND moves = :n - 1
"""
_REMEMBER = """
INSERT INTO history (entry_id, n, at_ms, epoch, event, state, claimed_ms, person, note)
VALUES (:id, :n, :now_ms, :epoch, :event, :state, :claimed_ms, :person, :note)
"""


class Standing(NamedTuple):
    """Where an entry stands before a move."""

    id: int
    state: State
    moves: int
    lease: int | None
    claimed_ms: int | None
    destination: str
    lane: str
    due_ms: int
    kind: str
    expires_ms: int | None


def standing(tx: Transaction, *, entry_id: int | None = None, key: str | None = None) -> Standing | None:
    """Of the entry with this number or this key; None if there is none."""
    row = tx.one(_BY_KEY, {"key": key}) if entry_id is None else tx.one(_BY_ID, {"id": entry_id})
    return None if row is None else Standing(row[0], State(row[1]), *row[2:])


def move(  # noqa: PLR0913 - one step and what it may carry, all by keyword
    tx: Transaction,
    before: Standing,
    event: Event,
    *,
    note: str,
    due_ms: int | None = None,
    fault: bool = False,
    person: str | None = None,
) -> State:
    """Take one step of the table and return the new state. A step that is not there raises SpoolError."""
    state = NEXT.get((before.state, event))
    if state is None:
        raise SpoolError(f"entry {before.id} is {before.state}: {event} does not apply")
    ready = Ready(
        before.destination,
        before.lane,
        before.due_ms if due_ms is None else due_ms,
        before.kind,
        # whoever sends it in spite of its age does not want it back for its age
        None if before.state is State.TO_PERSON else before.expires_ms,
    )
    step = {
        "id": before.id,
        "n": before.moves + 1,
        "leaves": before.state,
        "state": state,
        "event": event,
        "attempts": int(event in ENDS_ATTEMPT),
        "fault": int(fault),
        "due_ms": ready.due_ms,
        "expires_ms": ready.expires_ms,
        "lease": before.lease if event is Event.CLOSED else None,
        "purge_ms": tx.clock_ms + BODY_MS if state in FINAL else None,
        "now_ms": tx.now_ms,
        "epoch": tx.epoch,
        "claimed_ms": before.claimed_ms if event in ENDS_ATTEMPT else None,
        "person": person,
        "note": note[:_NOTE_LENGTH],
    }
    tx.execute(_MOVE, step)
    if tx.changed() != 1:
        raise SpoolError(f"entry {before.id} is no longer {before.state}")
    tx.execute(_REMEMBER, step)
    if state is State.READY:
        tx.announce(ready)
    return state


def store_time(tx: Transaction, moment: datetime | None) -> int:
    """A wall-clock moment on the store's clock: never in its past, at most 31 days ahead. None is now."""
    if moment is None:
        return tx.clock_ms
    return tx.clock_ms + min(max(milliseconds(moment) - tx.now_ms, 0), LONGEST_DELAY_MS)


def wall_time(tx: Transaction, store_ms: int) -> datetime:
    """What the wall clock is expected to say when the store's clock says `store_ms`."""
    return tx.now + timedelta(milliseconds=store_ms - tx.clock_ms)
