"""A life of the owning process: its number, its clock, and what the breakers remember.

What the last life had in flight stays claimed until a forwarder takes it over: it knows the schedules by
which that is sent again, and a process that ends before it forwards changes nothing about them.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import apsw

from spool.breaker import Circuit, CircuitState
from spool.clock import resume
from spool.disk import KEY_BYTES, Disk, beside
from spool.errors import KeyFileError
from spool.transaction import Transaction, milliseconds

_STORE = "SELECT epoch, clock_ms, wall_ms, key_check, copied_ms, restored_ms FROM store"
_NEW = """
INSERT INTO store (one, created_ms, epoch, clock_ms, wall_ms, key_check)
VALUES (1, :now_ms, :epoch, :clock_ms, :now_ms, :key_check)
"""
_NEXT = """
UPDATE store SET epoch = :epoch, clock_ms = :clock_ms, wall_ms = :now_ms,
                 restored_ms = coalesce(copied_ms, restored_ms), copied_ms = NULL
"""
_CIRCUITS = "SELECT name, breaker, unanswered, probes, probe_ms, last_answer_ms FROM destination"


@dataclass(frozen=True)
class Life:
    """`clock_ms`: the store's clock at its start."""

    epoch: int
    clock_ms: int
    key: bytes
    restored_at: datetime | None
    circuits: dict[str, Circuit]


class KeyFile:
    """The HMAC key of the idempotent answers: made with the store, and never without it."""

    def __init__(self, store: Path, *, disk: Disk) -> None:
        self._path = beside(store, "key")
        self._disk = disk

    def make(self, random_bytes: Callable[[int], bytes]) -> bytes:
        """The key of a new store; one that an unfinished start left is taken. Raises KeyFileError."""
        key = self._disk.read_key(self._path)
        if key is None:
            key = random_bytes(KEY_BYTES)
            self._disk.write_key(self._path, key)
        return self._checked(key, key_check(key))

    def read(self, check: bytes) -> bytes:
        """The key that `check` recognises. Raises KeyFileError."""
        key = self._disk.read_key(self._path)
        if key is None:
            raise KeyFileError(f"{self._path} is missing; it belongs to the store: restore it from a backup")
        return self._checked(key, check)

    def _checked(self, key: bytes, check: bytes) -> bytes:
        if len(key) != KEY_BYTES or not hmac.compare_digest(key_check(key), check):
            raise KeyFileError(f"{self._path} is not this store's key; restore the right one from a backup")
        return key


def key_check(key: bytes) -> bytes:
    """What the store keeps to recognise its key."""
    return hmac.digest(key, b"tolem spool key", hashlib.sha256)


@dataclass(frozen=True)
class LastLife:
    """What the store says of the life before, without beginning another. `clock_ms`: the store's clock now."""

    epoch: int
    clock_ms: int
    key_check: bytes


def last_life(connection: apsw.Connection, *, now: datetime) -> LastLife | None:
    """None: nothing has lived here yet."""
    row = connection.execute(_STORE).fetchone()
    if row is None:
        return None
    return LastLife(row[0], resume(clock_ms=row[1], wall_ms=row[2], now_ms=milliseconds(now)), row[3])


def circuits(tx: Transaction) -> dict[str, Circuit]:
    """What the breakers remember."""
    return {name: Circuit(CircuitState(state), *rest) for name, state, *rest in tx.execute(_CIRCUITS)}


def begin_life(
    connection: apsw.Connection, key_file: KeyFile, *, random_bytes: Callable[[int], bytes], now: datetime
) -> Life:
    """Begin the next life in one transaction: count it, go on with the clock."""
    now_ms = milliseconds(now)
    connection.execute("BEGIN IMMEDIATE")
    last = last_life(connection, now=now)
    if last is None:
        epoch, clock_ms = 1, now_ms
        key = key_file.make(random_bytes)
        connection.execute(
            _NEW, {"epoch": epoch, "clock_ms": clock_ms, "now_ms": now_ms, "key_check": key_check(key)}
        )
    else:
        epoch, clock_ms = last.epoch + 1, last.clock_ms
        key = key_file.read(last.key_check)
        connection.execute(_NEXT, {"epoch": epoch, "clock_ms": clock_ms, "now_ms": now_ms})
    tx = Transaction(connection, now=now, clock_ms=clock_ms, epoch=epoch, durable=True)
    life = Life(
        epoch=epoch,
        clock_ms=clock_ms,
        key=key,
        restored_at=_restored_at(tx),
        circuits=circuits(tx),
    )
    connection.execute("COMMIT")
    return life


def _restored_at(tx: Transaction) -> datetime | None:
    row = tx.one(_STORE)
    assert row is not None, "it was written in this transaction"
    return None if row[5] is None else datetime.fromtimestamp(row[5] / 1000, UTC)
