"""Entries: what must leave this machine, written down in the transaction that makes it so.

The spool knows no payload. Kind, destination and lane are its owner's words; the key makes an entry
happen once, however often it is enqueued.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from spool.entry_states import FINAL, Event, State
from spool.errors import KeyConflict
from spool.moves import move, standing, store_time
from spool.transaction import Ready, Transaction

LONGEST_NAME: Final = 200
LARGEST_PAYLOAD: Final = 16 * 1024 * 1024

_INSERT = """
INSERT INTO entry (kind, destination, lane, key, state, due_ms, expires_ms, epoch, created_ms, changed_ms,
                   payload_length, payload_sha256)
VALUES (:kind, :destination, :lane, :key, 'ready', :due_ms, :expires_ms, :epoch, :now_ms, :now_ms,
        :length, :sha256)
ON CONFLICT (key) DO NOTHING
RETURNING id
"""
_INSERT_BODY = "INSERT INTO body (entry_id, payload) VALUES (:id, :payload)"
_BUSY = """
SELECT 1 FROM entry WHERE lane = :lane AND destination = :destination AND state = 'ready'
UNION ALL SELECT 1 FROM entry WHERE destination = :destination AND lane = :lane AND state = 'claimed' LIMIT 1
"""
_KNOWN = "SELECT id, kind, payload_sha256 FROM entry WHERE key = :key"


@dataclass(frozen=True)
class NewEntry:
    """What `enqueue` takes. `due_at` and `expires_at` are aware; None is "at once" and "never"."""

    kind: str
    destination: str
    lane: str
    key: str
    payload: bytes = field(repr=False)
    due_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("kind", "destination", "lane", "key"):
            if not 1 <= len(getattr(self, name)) <= LONGEST_NAME:
                raise ValueError(f"{name} of an entry has 1 to {LONGEST_NAME} characters")
        if len(self.payload) > LARGEST_PAYLOAD:
            raise ValueError(f"a payload has at most {LARGEST_PAYLOAD} bytes")


@dataclass(frozen=True)
class Entry:
    """An entry as the function that delivers it sees it.

    `attempts` ended before this one. `maybe_sent`: it may have left this machine before, because it was
    tried, or because an earlier life of the process had it and may have tried it.
    """

    id: int
    kind: str
    destination: str
    lane: str
    key: str
    payload: bytes = field(repr=False)
    attempts: int
    maybe_sent: bool
    created_at: datetime
    expires_at: datetime | None


def enqueue(tx: Transaction, new: NewEntry) -> int:
    """Write an entry down and return its id. The same key, kind and payload again give the same id.

    Raises KeyConflict when the key is known with another kind or payload, whatever its state.
    """
    tx.must_be_durable("an entry")
    due_ms = store_time(tx, new.due_at)
    expires_ms = None if new.expires_at is None else store_time(tx, new.expires_at)
    sha256 = hashlib.sha256(new.payload).digest()
    row = tx.one(
        _INSERT,
        {
            "kind": new.kind,
            "destination": new.destination,
            "lane": new.lane,
            "key": new.key,
            "due_ms": due_ms,
            "expires_ms": expires_ms,
            "epoch": tx.epoch,
            "now_ms": tx.now_ms,
            "length": len(new.payload),
            "sha256": sha256,
        },
    )
    if row is None:
        return _known(tx, new, sha256)
    tx.execute(_INSERT_BODY, {"id": row[0], "payload": new.payload})
    tx.announce(Ready(new.destination, new.lane, due_ms, new.kind, expires_ms))
    return int(row[0])


def close_entry(tx: Transaction, key: str, reason: str) -> bool:
    """Nothing is left to send. True if this ended it; an entry that is ended or unknown stays as it is.

    An attempt in flight goes on, and what it brings back is still applied.
    """
    before = standing(tx, key=key)
    if before is None or before.state in FINAL:
        return False
    move(tx, before, Event.CLOSED, note=reason)
    return True


def requeue(tx: Transaction, key: str, reason: str, *, due_at: datetime | None = None) -> bool:
    """Have an open entry sent at `due_at` (None: now). False if it is in flight, ended or unknown."""
    before = standing(tx, key=key)
    if before is None or before.state in {State.CLAIMED, *FINAL}:
        return False
    move(tx, before, Event.REQUEUED, note=reason, due_ms=store_time(tx, due_at))
    return True


def lane_is_busy(tx: Transaction, *, destination: str, lane: str) -> bool:
    """Whether something of this lane is in flight or will still be sent; what waits for a person is not."""
    return tx.one(_BUSY, {"destination": destination, "lane": lane}) is not None


def _known(tx: Transaction, new: NewEntry, sha256: bytes) -> int:
    row = tx.one(_KNOWN, {"key": new.key})
    assert row is not None, "the insert met this key in the same transaction"
    if (row[1], row[2]) != (new.kind, sha256):
        raise KeyConflict(f"key {new.key} is known with another kind or payload")
    return int(row[0])
