"""What a function sees inside the one write transaction, or inside a read snapshot.

This is the seam behind which the store may change: portable SQL, tuples, nothing of SQLite.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from spool.errors import NotDurable

Bindings = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True)
class Ready:
    """Told after the commit to whoever forwards: this lane has something due at `due_ms` (store clock)."""

    destination: str
    lane: str
    due_ms: int
    kind: str
    expires_ms: int | None


class Transaction:
    """Live only while its function runs: rows are consumed inside, and nothing of it is kept.

    `now` is the wall clock, read once at the start; `clock_ms` the store's clock, for due times; `epoch`
    the life of the process; `durable` whether a power cut leaves it alone once it is committed.
    """

    __slots__ = ("_connection", "afterwards", "announced", "clock_ms", "durable", "epoch", "now", "now_ms")

    def __init__(
        self, connection: apsw.Connection, *, now: datetime, clock_ms: int, epoch: int, durable: bool
    ) -> None:
        self._connection = connection
        self.now = now
        self.now_ms = milliseconds(now)
        self.clock_ms = clock_ms
        self.epoch = epoch
        self.durable = durable
        self.afterwards: list[Callable[[], None]] = []
        self.announced: list[Ready] = []

    def execute(self, sql: str, bindings: Bindings = ()) -> Iterator[tuple[Any, ...]]:
        """Run one statement, with `?` or `:name` bindings."""
        return self._connection.execute(sql, bindings)

    def one(self, sql: str, bindings: Bindings = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = next(self._connection.execute(sql, bindings), None)
        return row

    def changed(self) -> int:
        """Rows that the last INSERT, UPDATE or DELETE touched."""
        return self._connection.changes()

    def after_commit(self, fn: Callable[[], None]) -> None:
        """Have `fn` called on the loop once this transaction is committed as durably as was asked for."""
        self.afterwards.append(fn)

    def announce(self, ready: Ready) -> None:
        self.announced.append(ready)

    def must_be_durable(self, what: str) -> None:
        """Refuse what a power cut must not take back in a write that may be taken back."""
        if not self.durable:
            raise NotDurable(f"{what} needs a durable write")


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return int(moment.timestamp() * 1000)
