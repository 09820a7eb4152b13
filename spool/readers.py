"""Read snapshots on connections of their own, which the writer never waits for."""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from spool.connections import reader_connection
from spool.errors import StoreClosed
from spool.transaction import Transaction

T = TypeVar("T")


class Readers:
    """`count` connections. With `threaded` each read runs in a worker thread, else on the loop."""

    def __init__(
        self,
        path: Path,
        *,
        vfs: str | None,
        count: int,
        threaded: bool,
        begin: Callable[[apsw.Connection, bool], Transaction],
    ) -> None:
        self._begin = begin
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        self._count = count
        self._closed = False
        for _ in range(count):
            self._idle.put(reader_connection(path, vfs=vfs))
        self._threads = ThreadPoolExecutor(count, f"{path.name} reader") if threaded else None

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        if self._closed:
            raise StoreClosed("the store is closed")
        if self._threads is None:
            return self._snapshot(fn)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._snapshot, fn)

    def close(self) -> None:
        """After the reads that run already."""
        self._closed = True
        if self._threads is not None:
            self._threads.shutdown()
        for _ in range(self._count):
            self._idle.get().close()

    def _snapshot(self, fn: Callable[[Transaction], T]) -> T:
        connection = self._idle.get()
        try:
            connection.execute("BEGIN")
            try:
                return fn(self._begin(connection, False))
            finally:
                connection.execute("ROLLBACK")
        finally:
            self._idle.put(connection)
