"""A server's own book: one SQLite file, and in it every request that the server saw.

What a server did is committed here before its answer leaves. The commits wait for the file, not for
the disk (`synchronous=NORMAL`): the sandbox outlives a kill of its process, not a power cut. They
happen on the loop, so that one request is handled at a time; a sandbox may be simple where the product
may not.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

_REQUESTS: Final = """
CREATE TABLE IF NOT EXISTS request (
    number     INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    operation  TEXT NOT NULL,
    identifier TEXT,
    terminal   TEXT,
    verdict    TEXT NOT NULL,
    rule       TEXT,
    place      TEXT,
    says       TEXT,
    fault      TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS request_of ON request (operation, identifier);
"""


@dataclass(frozen=True)
class Seen:
    """One request as the server judged it. No card data, no requisites, no bytes.

    `identifier` is the txn_id or the RRN. `rule`, `place` and `says` tell what was wrong with it, even
    where it was answered well. `fault` is the one that the sandbox itself put in the way.
    """

    operation: str
    verdict: str
    identifier: str | None = None
    terminal: str | None = None
    rule: str | None = None
    place: str | None = None
    says: str | None = None
    fault: str | None = None


class Ledger:
    """The open book of one server. `schema` creates the server's own tables if they are not there."""

    def __init__(self, path: Path, schema: str, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_REQUESTS + schema)

    def now_text(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside happens wholly or not at all. Not to be nested."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, /, **values: object) -> None:
        self._connection.execute(sql, values)

    def row(self, sql: str, /, **values: object) -> dict[str, Any] | None:
        found = self._connection.execute(sql, values).fetchone()
        return None if found is None else dict(found)

    def rows(self, sql: str, /, **values: object) -> list[dict[str, Any]]:
        return [dict(found) for found in self._connection.execute(sql, values)]

    def insert(self, table: str, values: Mapping[str, object]) -> None:
        """`table` and the names in `values` are the caller's own words, never a request's."""
        columns = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608  # our own words

    def record(self, seen: Seen) -> None:
        self.insert("request", {"at": self.now_text(), **asdict(seen)})

    def seen_before(self, operation: str, identifier: str) -> int:
        """How many requests of this operation and identifier the book has."""
        found = self.row(
            "SELECT count(*) AS n FROM request WHERE operation = :operation AND identifier = :identifier",
            operation=operation,
            identifier=identifier,
        )
        return int(found["n"]) if found else 0

    def last_seen(self, limit: int) -> list[dict[str, Any]]:
        """The newest requests, newest first."""
        return self.rows("SELECT * FROM request ORDER BY number DESC LIMIT :limit", limit=limit)

    def close(self) -> None:
        self._connection.close()
