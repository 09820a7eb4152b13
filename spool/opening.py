"""How a store is opened: a look, lock, pragmas, migrations, and the next life.

Everything here blocks, and runs in a worker thread unless a simulation owns the loop. A store that is
refused is left as it was: what can be refused is looked at before the first byte is written.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

import apsw

from spool.clock import StoreClock
from spool.connections import is_full, log_of, writer_connection
from spool.disk import Disk, Lock
from spool.errors import StoreError
from spool.life import KeyFile, Life, begin_life
from spool.look import look
from spool.migrations import Migrations, migrate
from spool.reserve import Reserve
from spool.settings import SpoolSettings

log = logging.getLogger(__name__)

IMPLAUSIBLE_SYNC_SECONDS: Final = 30e-6  # no medium that survives a power cut is done that fast


@dataclass(frozen=True)
class Opened:
    """What an open store stands on."""

    lock: Lock
    connection: apsw.Connection
    reserve: Reserve
    clock: StoreClock
    life: Life
    sync_seconds: float


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
        look(self.path, rooms=self.rooms, disk=self.disk)
        try:
            lock = self.disk.lock(self.path)
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; its folder must exist and be writable"
            ) from error
        try:
            return self._open_if_there_is_room(lock)
        except BaseException as error:
            lock.release()
            if isinstance(error, apsw.Error | OSError):
                raise StoreError(f"{self.path} cannot be opened: {error}") from error
            raise

    def _open_if_there_is_room(self, lock: Lock) -> Opened:
        reserve = Reserve(self.path, disk=self.disk, size=self.settings.reserve_bytes)
        try:
            return self._open(lock, reserve)
        except (apsw.Error, OSError) as error:
            if not is_full(error) or not reserve.give_up():
                raise
        return self._open(lock, reserve)

    def _open(self, lock: Lock, reserve: Reserve) -> Opened:
        sync_seconds = self.disk.sync_seconds(self.path)
        self.disk.create(self.path)
        self.disk.renew(log_of(self.path))  # the last sync of the last life may have failed
        connection = writer_connection(self.path, vfs=self.disk.vfs)
        try:
            self.disk.lengthen(log_of(self.path), self.settings.log_bytes)
            now = self.now()
            migrate(connection, self.rooms, now=now)
            key_file = KeyFile(self.path, disk=self.disk)
            life = begin_life(connection, key_file, random_bytes=self.random.randbytes, now=now)
            reserve.take()
        except BaseException:
            connection.close()
            raise
        clock = StoreClock(life.clock_ms, self.monotonic)
        if sync_is_implausible(sync_seconds):
            log.warning("spool.disk_may_lie", extra={"sync_microseconds": round(sync_seconds * 1e6, 1)})
        log.info("spool.opened", extra={"path": str(self.path), "epoch": life.epoch})
        return Opened(lock, connection, reserve, clock, life, sync_seconds)


def sync_is_implausible(sync_seconds: float) -> bool:
    return sync_seconds < IMPLAUSIBLE_SYNC_SECONDS
