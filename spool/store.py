"""The store: one file, one owner, one writer. Everything else in this room works through it."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Self, TypeVar

import apsw

from spool.committer import Committer
from spool.connections import log_of
from spool.copies import check, take_live_copy
from spool.disk import Disk, LocalDisk
from spool.errors import StoreOverloaded
from spool.health import Health, destinations
from spool.job import Job, Listener, settle
from spool.migrations import Migrations
from spool.opening import Opened, Opening, sync_is_implausible
from spool.readers import Readers
from spool.settings import SpoolSettings
from spool.transaction import Transaction
from spool.upkeep import Upkeep, note_time
from spool.writer import LoopWriter, ThreadWriter, Writer

log = logging.getLogger(__name__)
T = TypeVar("T")


class Spool:
    """An open store. Made by `open`, ended by `close`; usable as `async with await Spool.open(…)`."""

    def __init__(self, opening: Opening, opened: Opened, *, threaded: bool) -> None:
        self.path = opening.path
        self.now = opening.now
        self.random = opening.random
        self.clock = opened.clock
        self.epoch = opened.life.epoch
        self.restored_at = (
            opened.life.restored_at
        )  # when the copy was taken from which this store was restored
        self.sync_seconds = opened.sync_seconds
        self.circuits = opened.life.circuits  # the breakers' memory: `Breakers` is their only user
        self._disk = opening.disk
        self._opened = opened
        self._threaded = threaded
        self._closing: asyncio.Task[None] | None = None
        self._listeners: list[Listener] = []
        self._committer = Committer(
            opened.connection,
            begin=self._begin,
            give_up_reserve=opened.reserve.give_up,
            renew_log=partial(self._disk.renew, log_of(self.path)),
        )
        self._writer = self._new_writer(opening.settings.waiting_writes)
        self._readers = Readers(
            self.path,
            vfs=self._disk.vfs,
            count=opening.settings.readers,
            threaded=threaded,
            begin=self._begin,
        )
        self._upkeep = asyncio.create_task(
            Upkeep(self.write, self._take_reserve, seconds=opening.settings.upkeep_seconds).run(),
            name=f"{self.path.name} upkeep",
        )

    @classmethod
    async def open(  # noqa: PLR0913 - every edge that a simulation owns is a parameter
        cls,
        path: Path,
        *,
        rooms: Sequence[Migrations],
        now: Callable[[], datetime],
        random: Random,
        threaded: bool = True,
        settings: SpoolSettings | None = None,
        disk: Disk | None = None,
    ) -> Self:
        """Own the store at `path`; make it if there is none. Its folder must exist.

        `random` also makes the key of a new store: a `SystemRandom` except in a simulation. With
        `threaded=False` all work is done on the loop, in the order of its rounds.
        Raises StoreError with what is wrong and what to do; nothing was changed then.
        """
        loop = asyncio.get_running_loop()
        opening = Opening(
            path=path,
            rooms=rooms,
            now=now,
            monotonic=loop.time,
            random=random,
            disk=disk or LocalDisk(),
            settings=settings or SpoolSettings(),
        )
        opened = await loop.run_in_executor(None, opening.open) if threaded else opening.open()
        return cls(opening, opened, threaded=threaded)

    async def write(self, fn: Callable[[Transaction], T], *, durable: bool = True) -> T:
        """Run `fn` in the write transaction and return what it returned, once that is committed.

        Its exception undoes its own work only and comes out here. `fn` runs in the writer's thread, must
        not block, and runs a second time if the first was undone by a full disk. A cancelled caller no
        longer waits, but the write happens. `durable=False` saves the sync; a power cut may take it back.
        Raises CommitFailed (DiskFull), StoreOverloaded, StoreClosed.
        """
        return await self._submit(fn, durable=durable)

    def write_later(self, fn: Callable[[Transaction], object], *, durable: bool = False) -> None:
        """As `write`, for what nobody waits for; an error is logged."""
        self._submit(fn, durable=durable).add_done_callback(_log_error)

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        """Run `fn` on a snapshot of what is committed. It cannot write, and the writer never waits for it."""
        return await self._readers.read(fn)

    def digest(self, content: bytes) -> bytes:
        """The HMAC-SHA256 of a request, which is all that an idempotent answer keeps of it."""
        return hmac.digest(self._opened.life.key, content, hashlib.sha256)

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Meanwhile have `listener` called on the loop for each entry that a commit made ready."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def disk_full(self) -> bool:
        """The disk was found full, and has not enough room yet: begin nothing new."""
        return not self._opened.reserve.held

    @property
    def fault(self) -> str | None:
        """Why the last commit failed; None if it did not."""
        return self._committer.fault

    @property
    def sync_is_implausible(self) -> bool:
        """The disk calls done what cannot be done so fast: it may lose what it promised in a power cut."""
        return sync_is_implausible(self.sync_seconds)

    async def health(self) -> Health:
        """Depths, ages, breakers and the disk."""
        clock_ms = self.clock.ms()
        return Health(
            destinations=await self.read(lambda tx: destinations(tx, self.circuits, clock_ms=clock_ms)),
            disk_full=self.disk_full,
            fault=self.fault,
            sync_seconds=self.sync_seconds,
            sync_is_implausible=self.sync_is_implausible,
            epoch=self.epoch,
        )

    async def snapshot(self, path: Path) -> None:
        """Copy the live store to `path`, which must not exist. The copy may be opened by other programs."""
        await self._aside(partial(take_live_copy, self.path, path, disk=self._disk, now=self.now()))

    async def check(self) -> str:
        """`ok`, or what is wrong with the file. Reads all of it, and holds nobody up."""
        return await self._aside(partial(check, self.path, disk=self._disk))

    async def close(self) -> None:
        """Commit what was submitted and let the file go. Another call waits for the same end.

        A caller who is cancelled no longer waits, but the store closes.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name=f"{self.path.name} closing")
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._upkeep.cancel()
        await asyncio.wait([self._upkeep])
        with suppress(StoreOverloaded):  # then it is a minute older, which is soon enough
            self.write_later(note_time)
        await self._aside(self._readers.close)
        await self._writer.close()
        self._opened.lock.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _submit(self, fn: Callable[[Transaction], T], *, durable: bool) -> asyncio.Future[T]:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(fn, durable=durable, future=future))
        return future

    def _begin(self, connection: apsw.Connection, durable: bool) -> Transaction:  # noqa: FBT001 - one caller
        return Transaction(
            connection, now=self.now(), clock_ms=self.clock.ms(), epoch=self.epoch, durable=durable
        )

    def _new_writer(self, waiting_writes: int) -> Writer:
        if self._threaded:
            return ThreadWriter(
                self._committer, self._settle, waiting_writes=waiting_writes, name=f"{self.path.name} writer"
            )
        return LoopWriter(self._committer, self._settle, waiting_writes=waiting_writes)

    def _settle(self, batch: Sequence[Job]) -> None:
        settle(batch, self._listeners)

    async def _take_reserve(self) -> None:
        if self.disk_full:
            await self._aside(self._opened.reserve.take)

    async def _aside(self, fn: Callable[[], T]) -> T:
        """Run what blocks for long where it holds nobody up."""
        return await asyncio.to_thread(fn) if self._threaded else fn()


def _log_error(future: asyncio.Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("spool.write_failed", exc_info=error)
