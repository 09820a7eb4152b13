"""A store whose owner does not run, as one command sees it.

A visit begins no life: it counts no epoch, returns no claims and migrates nothing, so that the next owner
finds its entries and their due times as the last one left them. Reading changes no byte; a write takes the
store's lock for one transaction, and changes what its function changes.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw

from spool.connections import is_full, writer_connection
from spool.copies import integrity, take_copy
from spool.disk import Disk, LocalDisk, beside
from spool.errors import CommitFailed, DiskFull, StoreTooOld
from spool.health import Health, destinations
from spool.life import circuits, last_life
from spool.look import look, looking, missing
from spool.migrations import Migrations
from spool.transaction import Transaction

T = TypeVar("T")


class Visit:
    """The store at `path`, which must exist. Its methods are those of a `Spool`, and raise StoreError too.

    StoreBusy: somebody owns it, or just began to. StoreTooOld: its own process must bring it up to date.
    """

    def __init__(
        self,
        path: Path,
        *,
        rooms: Sequence[Migrations],
        now: Callable[[], datetime],
        disk: Disk | None = None,
    ) -> None:
        self.path = path
        self._rooms = rooms
        self._now = now
        self._disk = disk or LocalDisk()

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        return await asyncio.to_thread(self._read, fn)

    async def write(self, fn: Callable[[Transaction], T], *, durable: bool = True) -> T:
        value, transaction = await asyncio.to_thread(self._write, fn, durable)
        for call in transaction.afterwards:
            call()
        return value

    async def health(self) -> Health:
        """As the store says it; what only a running owner knows is missing."""
        return await self.read(self._health)

    async def snapshot(self, path: Path) -> None:
        await asyncio.to_thread(self._with, partial(take_copy, target=path, disk=self._disk, now=self._now()))

    async def check(self) -> str:
        return await asyncio.to_thread(self._with, integrity)

    def _with(self, fn: Callable[[apsw.Connection], T]) -> T:
        with looking(self.path, disk=self._disk) as connection:
            return fn(connection)

    def _read(self, fn: Callable[[Transaction], T]) -> T:
        with looking(self.path, disk=self._disk) as connection:
            connection.pragma("query_only", True)
            return fn(self._begin(connection, durable=False))

    def _write(self, fn: Callable[[Transaction], T], durable: bool) -> tuple[T, Transaction]:  # noqa: FBT001 - one caller
        look(self.path, rooms=self._rooms, disk=self._disk)
        lock = self._disk.lock(self.path)
        try:
            with closing(writer_connection(self.path, vfs=self._disk.vfs)) as connection:
                with connection:  # committed, or undone by an exception
                    transaction = self._begin(connection, durable=durable)
                    value = fn(transaction)
                return value, transaction
        except apsw.Error as error:
            raise (DiskFull if is_full(error) else CommitFailed)(f"nothing was stored: {error}") from error
        finally:
            lock.release()

    def _begin(self, connection: apsw.Connection, *, durable: bool) -> Transaction:
        now = self._now()
        absent = missing(connection, self.path, self._rooms)
        life = None if absent else last_life(connection, now=now)
        if life is None:
            raise StoreTooOld(
                f"{self.path} is not of this version; start its process once, which brings it up to date"
            )
        return Transaction(connection, now=now, clock_ms=life.clock_ms, epoch=life.epoch, durable=durable)

    def _health(self, tx: Transaction) -> Health:
        return Health(
            destinations=destinations(tx, circuits(tx), clock_ms=tx.clock_ms),
            disk_full=self._disk.length(beside(self.path, "reserve")) is None,
            fault=None,
            sync_seconds=None,
            sync_is_implausible=False,
            epoch=tx.epoch,
        )
