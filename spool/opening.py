"""How a store is opened: lock, pragmas, migrations, clock, key, and the leases of the last life.

Everything here blocks, and runs in a worker thread unless a simulation owns the loop. Whatever it refuses,
it leaves as it was.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import apsw

from spool import lease
from spool.breaker import Circuit, CircuitState
from spool.clock import StoreClock, resume
from spool.connections import writer_connection
from spool.disk import KEY_BYTES, Disk, Lock, beside
from spool.errors import KeyFileError, StoreError, StoreUnsafe
from spool.migrations import Migrations, migrate
from spool.reserve import Reserve
from spool.settings import SpoolSettings
from spool.transaction import Transaction, milliseconds

log = logging.getLogger(__name__)

IMPLAUSIBLE_SYNC_SECONDS = 30e-6  # no medium that survives a power cut is done that fast
LARGEST_CHECKED_BYTES = 64 * 1024 * 1024  # a larger file is checked by hand: opening stays under a second

_STORE = "SELECT epoch, clock_ms, wall_ms, key_check, copied_ms, restored_ms FROM store"
_NEW = """
INSERT INTO store (one, created_ms, epoch, clock_ms, wall_ms, key_check)
VALUES (1, :now_ms, 1, :now_ms, :now_ms, :key_check)
"""
_CIRCUITS = "SELECT name, breaker, unanswered, probes, probe_ms, last_answer_ms FROM destination"
_NEXT_LIFE = """
UPDATE store SET epoch = :epoch, clock_ms = :clock_ms, wall_ms = :now_ms, key_check = :key_check,
                 copied_ms = NULL, restored_ms = :restored_ms
"""


@dataclass(frozen=True)
class Opened:
    """What a life of the process starts with."""

    lock: Lock
    connection: apsw.Connection
    clock: StoreClock
    epoch: int
    key: bytes
    reserve: Reserve
    sync_seconds: float
    restored_at: datetime | None
    circuits: dict[str, Circuit]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How to open the store at `path`."""

    path: Path
    rooms: Sequence[Migrations]
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    random: Random
    disk: Disk
    settings: SpoolSettings

    def open(self) -> Opened:
        """Raises StoreError: StoreBusy, StoreTooNew, MigrationChanged, StoreUnsafe, KeyFileError."""
        try:
            lock = self.disk.lock(self.path)
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; the folder must exist and be writable"
            ) from error
        try:
            return self._open(lock)
        except BaseException:
            lock.release()
            raise

    def _open(self, lock: Lock) -> Opened:
        sync_seconds = self.disk.sync_seconds(self.path)
        if sync_is_implausible(sync_seconds):
            log.warning("spool.disk_may_lie", extra={"sync_microseconds": round(sync_seconds * 1e6, 1)})
        reserve = Reserve(self.path, disk=self.disk, size=self.settings.reserve_bytes)
        reserve.take()
        self.disk.create(self.path)
        connection = writer_connection(self.path, vfs=self.disk.vfs)
        try:
            self._check(connection)
            now = self.now()
            migrate(connection, self.rooms, now=now)
            return self._begin_life(lock, connection, now=now, sync_seconds=sync_seconds, reserve=reserve)
        except BaseException:
            connection.close()
            raise

    def _check(self, connection: apsw.Connection) -> None:
        if self.path.stat().st_size > LARGEST_CHECKED_BYTES:
            return
        found = connection.pragma("quick_check", 1)
        if found != "ok":
            raise StoreUnsafe(f"{self.path} is damaged: {found}; restore it from a backup")

    def _begin_life(
        self,
        lock: Lock,
        connection: apsw.Connection,
        *,
        now: datetime,
        sync_seconds: float,
        reserve: Reserve,
    ) -> Opened:
        now_ms = milliseconds(now)
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute(_STORE).fetchone()
        key = self._key(None if row is None else row[3])
        if row is None:
            epoch, clock_ms, restored_ms = 1, now_ms, None
            connection.execute(_NEW, {"now_ms": now_ms, "key_check": _key_check(key)})
        else:
            epoch, restored_ms = row[0] + 1, row[5] if row[4] is None else row[4]
            clock_ms = resume(clock_ms=row[1], wall_ms=row[2], now_ms=now_ms)
            connection.execute(
                _NEXT_LIFE,
                {
                    "epoch": epoch,
                    "clock_ms": clock_ms,
                    "now_ms": now_ms,
                    "key_check": _key_check(key),
                    "restored_ms": restored_ms,
                },
            )
        tx = Transaction(connection, now=now, clock_ms=clock_ms, epoch=epoch, durable=True)
        returned = lease.return_all(tx, note="the process ended meanwhile")
        circuits = {
            name: Circuit(CircuitState(breaker), *rest) for name, breaker, *rest in tx.execute(_CIRCUITS)
        }
        connection.execute("COMMIT")
        log.info("spool.opened", extra={"path": str(self.path), "epoch": epoch, "returned": returned})
        return Opened(
            lock=lock,
            connection=connection,
            clock=StoreClock(clock_ms, self.monotonic),
            epoch=epoch,
            key=key,
            reserve=reserve,
            sync_seconds=sync_seconds,
            restored_at=None if restored_ms is None else datetime.fromtimestamp(restored_ms / 1000, UTC),
            circuits=circuits,
        )

    def _key(self, check: bytes | None) -> bytes:
        """The HMAC key of the idempotent answers, made with the store and never without it."""
        path = beside(self.path, "key")
        key = self.disk.read_key(path)
        if key is None and check is None:
            key = self.random.randbytes(KEY_BYTES)
            self.disk.write_key(path, key)
        if key is None:
            raise KeyFileError(f"{path} is missing; it belongs to the store: restore it from a backup")
        if len(key) != KEY_BYTES or (check is not None and not hmac.compare_digest(_key_check(key), check)):
            raise KeyFileError(f"{path} is not this store's key; restore the right one from a backup")
        return key


def sync_is_implausible(sync_seconds: float) -> bool:
    return sync_seconds < IMPLAUSIBLE_SYNC_SECONDS


def _key_check(key: bytes) -> bytes:
    return hmac.digest(key, b"tolem spool key", hashlib.sha256)
