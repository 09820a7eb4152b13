"""Numbered .sql files, a series for each room, each applied once and in its own transaction.

The hash of what was applied stands in the store, so that an edited migration is an error and not a
difference between machines.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

import apsw

from spool.errors import MigrationChanged, StoreTooNew, StoreUnsafe
from spool.transaction import milliseconds

_TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    room       TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    applied_ms INTEGER NOT NULL,
    PRIMARY KEY (room, number)
) STRICT
"""
_HAS_TABLE = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'"
_APPLIED = "SELECT number, name, sha256 FROM migration WHERE room = :room ORDER BY number"
_REMEMBER = "INSERT INTO migration VALUES (:room, :number, :name, :sha256, :applied_ms)"
_TRANSACTIONS = (apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT)


@dataclass(frozen=True)
class Migrations:
    """The series of one room: a folder of `0001_name.sql`, `0002_name.sql`… without gaps.

    `formerly`: the SHA-256 that a file had when it also made what another room makes since. A store to which that
    was applied goes on; the other room's file must leave alone what it finds.
    """

    room: str
    folder: Traversable
    formerly: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrate(connection: apsw.Connection, rooms: Sequence[Migrations], *, now: datetime) -> None:
    """Bring the store up to date, the spool's own tables first. All or nothing for each file.

    Raises MigrationChanged, StoreTooNew, and StoreUnsafe when a file itself is wrong.
    """
    missing = pending(connection, rooms)
    connection.execute(_TABLE)
    for room, migration in missing:
        _apply(connection, room, migration, applied_ms=milliseconds(now))


def pending(connection: apsw.Connection, rooms: Sequence[Migrations]) -> list[tuple[str, Migration]]:
    """What `migrate` would apply, room by room. Changes nothing, and raises the same."""
    every = (Migrations("spool", files("spool") / "schema"), *rooms)
    return [(series.room, migration) for series in every for migration in _missing(connection, series)]


def _missing(connection: apsw.Connection, series: Migrations) -> Iterator[Migration]:
    known = _series(series)
    begun = connection.execute(_HAS_TABLE).get is not None
    applied = list(connection.execute(_APPLIED, {"room": series.room})) if begun else []
    if len(applied) > len(known):
        raise StoreTooNew(
            f"the store has {series.room} migration {applied[-1][1]}, which this program does not know: "
            f"it was written by a newer version; install that version again"
        )
    for (_, name, sha256), migration in zip(applied, known, strict=False):
        accepted = {migration.sha256, series.formerly.get(migration.name)}
        if name != migration.name or sha256 not in accepted:
            raise MigrationChanged(
                f"{series.room} migration {name} was applied with other content than {migration.name} has "
                f"now; an applied migration is never edited: restore it and add a new one"
            )
    yield from known[len(applied) :]


def _series(series: Migrations) -> list[Migration]:
    names = sorted(file.name for file in series.folder.iterdir() if file.name.endswith(".sql"))
    for number, name in enumerate(names, start=1):
        if not name.startswith(f"{number:04d}_"):
            raise StoreUnsafe(f"{series.room} migration {name}: number {number:04d}_ was expected")
    return [
        Migration(number, name, (series.folder / name).read_text("utf-8"))
        for number, name in enumerate(names, start=1)
    ]


def _apply(connection: apsw.Connection, room: str, migration: Migration, *, applied_ms: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        _run(connection, migration.sql)
        connection.execute(
            _REMEMBER,
            {
                "room": room,
                "number": migration.number,
                "name": migration.name,
                "sha256": migration.sha256,
                "applied_ms": applied_ms,
            },
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _run(connection: apsw.Connection, script: str) -> None:
    """Run a script that may do everything but begin and end transactions: that is ours."""

    def only_ours(operation: int, *_: str | None) -> int:
        return apsw.SQLITE_DENY if operation in _TRANSACTIONS else apsw.SQLITE_OK

    connection.authorizer = only_ours
    try:
        connection.execute(script)
    finally:
        connection.authorizer = None
