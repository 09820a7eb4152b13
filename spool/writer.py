"""Who calls the committer: a thread of its own, or the loop itself for a simulation.

Either way the batch is whatever came while the last one was being committed; nobody waits for company.
"""

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from spool.committer import Committer
from spool.errors import CommitFailed, StoreClosed, StoreOverloaded
from spool.job import Job

log = logging.getLogger(__name__)

LARGEST_BATCH = 256
Finish = Callable[[Sequence[Job]], None]


class Writer(Protocol):
    def submit(self, job: Job) -> None:
        """Take a job; `finish` is called on the loop after its batch. Jobs run in the order they came."""

    async def close(self) -> None:
        """Commit what was submitted, then let go of the connection."""


class ThreadWriter:
    def __init__(self, committer: Committer, finish: Finish, *, waiting_writes: int, name: str) -> None:
        self._committer = committer
        self._finish = finish
        self._waiting_writes = waiting_writes
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        if self._closing:
            raise StoreClosed("the store is closed")
        if self._jobs.qsize() >= self._waiting_writes:
            raise StoreOverloaded(f"{self._waiting_writes} writes wait already")
        self._jobs.put(job)

    async def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._jobs.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _run(self) -> None:
        while batch := self._next_batch():
            try:
                self._committer.commit(batch)
            except BaseException as error:  # noqa: BLE001 - such as SystemExit: the writer outlives its functions
                _fail(batch, error)
            with contextlib.suppress(RuntimeError):  # the loop was closed before the store: nobody waits
                self._loop.call_soon_threadsafe(self._finish, batch)
            self._committer.checkpoint()
        self._committer.close()

    def _next_batch(self) -> list[Job]:
        """Wait for a job and take what stands behind it. Empty: the store is closing."""
        batch: list[Job] = []
        job = self._jobs.get()
        with contextlib.suppress(queue.Empty):
            while job is not None:
                batch.append(job)
                if len(batch) == LARGEST_BATCH:
                    return batch
                job = self._jobs.get_nowait()
            if batch:
                self._jobs.put(None)  # it ends the next batch, which is empty
        return batch


class LoopWriter:
    """Commits on the loop, once in each of its rounds, so that a simulation owns the order of things."""

    def __init__(self, committer: Committer, finish: Finish, *, waiting_writes: int) -> None:
        self._committer = committer
        self._finish = finish
        self._waiting_writes = waiting_writes
        self._loop = asyncio.get_running_loop()
        self._jobs: list[Job] = []
        self._closing = False

    def submit(self, job: Job) -> None:
        if self._closing:
            raise StoreClosed("the store is closed")
        if len(self._jobs) >= self._waiting_writes:
            raise StoreOverloaded(f"{self._waiting_writes} writes wait already")
        if not self._jobs:
            self._loop.call_soon(self._commit)
        self._jobs.append(job)

    async def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._commit()
            self._committer.close()

    def _commit(self) -> None:
        while batch := self._jobs[:LARGEST_BATCH]:
            del self._jobs[:LARGEST_BATCH]
            try:
                self._committer.commit(batch)
            except BaseException as error:  # such as a simulated power cut
                _fail(batch, error)
                raise
            finally:
                self._finish(batch)
            self._committer.checkpoint()


def _fail(batch: Sequence[Job], error: BaseException) -> None:
    """Nobody may wait for ever."""
    for job in batch:
        job.error = CommitFailed("the writer was interrupted")
        job.error.__cause__ = error
