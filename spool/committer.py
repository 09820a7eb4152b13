"""Group commit: many functions, one transaction, one sync. Knows no threads.

Each function has a savepoint, so that its exception undoes only its own work. A COMMIT that fails fails
them all. A batch in which nobody asked for durability is committed without a sync; the next durable batch
syncs it too, since both stand in the same log, in order.
"""

import logging
from collections.abc import Callable, Sequence

import apsw

from spool.connections import is_full
from spool.errors import CommitFailed, DiskFull
from spool.job import Job
from spool.transaction import Transaction

log = logging.getLogger(__name__)

CHECKPOINT_PAGES = 1000


class Committer:
    """Runs batches on the one writing connection.

    `begin` makes a job's Transaction; `give_up_reserve` is asked once when the disk is full and says
    whether it made room; `renew_log` writes the log over itself and syncs it.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        begin: Callable[[apsw.Connection, bool], Transaction],
        give_up_reserve: Callable[[], bool],
        renew_log: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._begin = begin
        self._give_up_reserve = give_up_reserve
        self._renew_log = renew_log
        self._synchronous = True
        self._suspect = False
        self._log_pages = 0  # in the log now
        self._checkpoint_at = CHECKPOINT_PAGES
        self.fault: str | None = None  # why the last commit failed; None once one succeeded
        connection.set_wal_hook(self._logged)

    def commit(self, batch: Sequence[Job]) -> None:
        """Run and commit; afterwards every job has a value or an error."""
        error = self._attempt(batch)
        if error is not None and is_full(error) and self._give_up_reserve():
            error = self._attempt(batch)
        if error is None:
            self.fault = None
            return
        self.fault = str(error)
        log.error("spool.commit_failed", extra={"why": str(error), "writes": len(batch)})
        failure = DiskFull if is_full(error) else CommitFailed
        for job in batch:
            job.error = failure(f"nothing was stored: {error}")
            job.error.__cause__ = error

    def checkpoint(self) -> None:
        """Move a long log into the file. Called after the answers, so that nobody waits for it."""
        if self._log_pages < self._checkpoint_at or self._suspect:
            return
        # a long read keeps the log from starting anew: then the next thousand pages are awaited
        self._checkpoint_at = self._log_pages + CHECKPOINT_PAGES
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            self._suspect = self._suspect or isinstance(error, apsw.IOError)
            log.warning("spool.checkpoint_failed", extra={"why": str(error)})
            if is_full(error):
                self._give_up_reserve()

    def close(self) -> None:
        """Let go of the file. Closing tidies the log away; where the disk refuses that, the next start does it."""
        if self._suspect:
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        try:
            self._connection.close()
        except apsw.Error as error:
            log.warning("spool.close_failed", extra={"why": str(error)})

    def _attempt(self, batch: Sequence[Job]) -> Exception | None:
        try:
            self._distrust_failed_sync()
            self._set_synchronous(on=any(job.durable for job in batch))
            self._connection.execute("BEGIN IMMEDIATE")
            perform = self._perform_alone if len(batch) == 1 else self._perform
            for job in batch:
                perform(job)
            self._connection.execute("ROLLBACK" if all(job.error for job in batch) else "COMMIT")
        except Exception as error:  # noqa: BLE001 - returned, not lost: every job of the batch gets it
            self._suspect = self._suspect or isinstance(error, apsw.IOError)
            self._undo()
            return error
        except BaseException:
            self._undo()
            raise
        return None

    def _perform(self, job: Job) -> None:
        self._connection.execute("SAVEPOINT job")
        self._perform_alone(job)
        if job.error is not None:
            self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")

    def _perform_alone(self, job: Job) -> None:
        job.transaction = self._begin(self._connection, job.durable)
        job.error = None
        try:
            job.value = job.fn(job.transaction)
        except (apsw.FullError, apsw.IOError):
            raise  # the disk's, not the function's: the whole batch is in doubt
        except Exception as error:  # noqa: BLE001 - it comes out of the caller's `write`
            job.error = error
        if not self._connection.in_transaction:
            raise CommitFailed("a function ended the transaction that it shares") from job.error

    def _set_synchronous(self, *, on: bool) -> None:
        if on is not self._synchronous:
            self._connection.execute("PRAGMA synchronous = FULL" if on else "PRAGMA synchronous = NORMAL")
            self._synchronous = on

    def _distrust_failed_sync(self) -> None:
        """After a failed sync the kernel may call lost pages clean, and the log's middle may never reach
        the disk although a later sync succeeds. So nothing more is promised, and nothing copied out of the
        log, before all of it was written anew and synced.
        """
        if self._suspect:
            self._renew_log()
            self._suspect = False

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _logged(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        if pages < self._log_pages:  # it started anew
            self._checkpoint_at = CHECKPOINT_PAGES
        self._log_pages = pages
        return apsw.SQLITE_OK
