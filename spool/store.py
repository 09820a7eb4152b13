"""The store: one file, one owner, one writer. Everything else in this room works through it."""

import asyncio
import contextlib
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Self, TypeVar

import apsw

from spool.breaker import Circuit
from spool.committer import Committer, Job
from spool.copies import check, take_copy
from spool.disk import Disk, LocalDisk, beside
from spool.health import Health, destinations
from spool.migrations import Migrations
from spool.opening import IMPLAUSIBLE_SYNC_SECONDS, Opened, Opening
from spool.readers import Readers
from spool.settings import SpoolSettings
from spool.transaction import Ready, Transaction
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
        self.settings = opening.settings
        self.disk = opening.disk
        self.clock = opened.clock
        self.epoch = opened.epoch
        self.restored_at = opened.restored_at
        self.sync_seconds = opened.sync_seconds
        self.circuits: dict[str, Circuit] = opened.circuits
        self.disk_full = not opened.reserve_held
        self._opened = opened
        self._threaded = threaded
        self._listeners: list[Callable[[Ready], None]] = []
        self._committer = Committer(
            opened.connection, begin=self._begin, give_up_reserve=self._give_up_reserve
        )
        waiting = opening.settings.waiting_writes
        self._writer: Writer = (
            ThreadWriter(
                self._committer, finish=self._finish, waiting_writes=waiting, name=f"{self.path.name} writer"
            )
            if threaded
            else LoopWriter(self._committer, finish=self._finish, waiting_writes=waiting)
        )
        self._readers = Readers(
            self.path,
            vfs=self.disk.vfs,
            count=self.settings.readers,
            threaded=threaded,
            begin=self._begin,
        )
        self.upkeep = Upkeep(
            self.write, take_reserve_back=self._take_reserve_back, seconds=self.settings.upkeep_seconds
        )
        self._upkeep_task = asyncio.create_task(self.upkeep.run(), name=f"{self.path.name} upkeep")

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
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(fn, durable=durable, future=future))
        return await future

    def write_later(self, fn: Callable[[Transaction], object], *, durable: bool = False) -> None:
        """As `write`, for what nobody waits for; an error is logged."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_log_error)
        self._writer.submit(Job(fn, durable=durable, future=future))

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        """Run `fn` on a snapshot of what is committed. It cannot write, and the writer never waits for it."""
        return await self._readers.read(fn)

    def digest(self, content: bytes) -> bytes:
        """The HMAC-SHA256 of a request, which is all that an idempotent answer keeps of it."""
        return hmac.digest(self._opened.key, content, hashlib.sha256)

    @contextlib.contextmanager
    def listening(self, listener: Callable[[Ready], None]) -> Iterator[None]:
        """Meanwhile have `listener` called on the loop for each entry that a commit made ready."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def fault(self) -> str | None:
        """Why the last commit failed; None if it did not."""
        return self._committer.fault

    @property
    def sync_is_implausible(self) -> bool:
        return self.sync_seconds < IMPLAUSIBLE_SYNC_SECONDS

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
        await self._aside(partial(take_copy, self.path, path, disk=self.disk, now=self.now()))

    async def check(self) -> str:
        """`ok`, or what is wrong with the file. Reads all of it, and holds nobody up."""
        return await self._aside(partial(check, self.path, disk=self.disk))

    async def close(self) -> None:
        """Commit what was submitted and let the file go."""
        if self._upkeep_task.cancel():
            self.write_later(note_time)
        self._readers.close()
        await self._writer.close()
        self._opened.lock.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _begin(self, connection: apsw.Connection, durable: bool) -> Transaction:  # noqa: FBT001 - one caller
        return Transaction(
            connection, now=self.now(), clock_ms=self.clock.ms(), epoch=self.epoch, durable=durable
        )

    def _give_up_reserve(self) -> bool:
        self.disk_full = True
        log.error("spool.disk_full", extra={"path": str(self.path)})
        return self.disk.give_up_reserve(beside(self.path, "reserve"))

    async def _take_reserve_back(self) -> None:
        if self.disk_full:
            size = self.settings.reserve_bytes
            kept = await self._aside(partial(self.disk.keep_reserve, beside(self.path, "reserve"), size))
            self.disk_full = not kept

    async def _aside(self, fn: Callable[[], T]) -> T:
        """Run what blocks for long where it holds nobody up."""
        return await asyncio.to_thread(fn) if self._threaded else fn()

    def _finish(self, batch: Sequence[Job]) -> None:
        for job in batch:
            if job.error is None and job.transaction is not None:
                self._tell(job.transaction)
        for job in batch:
            if job.future.done():
                continue
            if job.error is None:
                job.future.set_result(job.value)
            else:
                job.future.set_exception(job.error)

    def _tell(self, transaction: Transaction) -> None:
        calls = [*transaction.afterwards]
        calls += [partial(listener, ready) for ready in transaction.announced for listener in self._listeners]
        for call in calls:
            try:
                call()
            except Exception:
                log.exception("spool.after_commit_failed")


def _log_error(future: asyncio.Future[object]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("spool.write_failed", exc_info=error)
