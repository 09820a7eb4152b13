"""Copies of a live store, taken by its owner. Only such a copy may be opened by anything else."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import apsw

from spool.connections import copying_connection, reader_connection
from spool.disk import Disk, beside
from spool.errors import SpoolError
from spool.transaction import milliseconds


def take_copy(source: apsw.Connection, target: Path, *, disk: Disk, now: datetime) -> None:
    """Make `target`: one consistent file, 0600, that knows it is a copy and of when. It must not exist.

    Blocks for as long as copying takes, and never a writer. A store restored from it knows that it was.
    """
    if target.exists():
        raise SpoolError(f"{target} exists already")
    partial = beside(target, "partial")
    partial.unlink(missing_ok=True)
    disk.create(partial)
    try:
        source.execute("VACUUM INTO ?", (str(partial),))
        _mark(partial, taken_ms=milliseconds(now))
        disk.publish(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def take_live_copy(path: Path, target: Path, *, disk: Disk, now: datetime) -> None:
    """The same of a store that works meanwhile."""
    with closing(copying_connection(path, vfs=disk.vfs)) as connection:
        take_copy(connection, target, disk=disk, now=now)


def check(path: Path, *, disk: Disk) -> str:
    """`ok`, or the first thing that is wrong with the file. Reads all of it."""
    with closing(reader_connection(path, vfs=disk.vfs)) as connection:
        return integrity(connection)


def integrity(connection: apsw.Connection) -> str:
    return str(connection.pragma("integrity_check", 1))


def _mark(path: Path, *, taken_ms: int) -> None:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE store SET copied_ms = ?", (taken_ms,))
