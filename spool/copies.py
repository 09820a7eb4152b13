"""Copies of a live store, taken by its owner. Only such a copy may be opened by anything else."""

from datetime import datetime
from pathlib import Path

import apsw

from spool.connections import copy_into, reader_connection
from spool.disk import Disk, beside
from spool.errors import SpoolError
from spool.transaction import milliseconds


def take_copy(source: Path, target: Path, *, disk: Disk, now: datetime) -> None:
    """Make `target`: one consistent file, 0600, that knows it is a copy and of when. It must not exist.

    Blocks for as long as copying takes, and never the writer. A store restored from it knows that it was.
    """
    if target.exists():
        raise SpoolError(f"{target} exists already")
    partial = beside(target, "partial")
    partial.unlink(missing_ok=True)
    disk.create(partial)
    try:
        copy_into(source, partial, vfs=disk.vfs)
        _mark(partial, taken_ms=milliseconds(now))
        disk.publish(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def check(path: Path, *, disk: Disk) -> str:
    """`ok`, or the first thing that is wrong with the file. Reads all of it."""
    connection = reader_connection(path, vfs=disk.vfs)
    try:
        return str(connection.pragma("integrity_check", 1))
    finally:
        connection.close()


def _mark(path: Path, *, taken_ms: int) -> None:
    connection = apsw.Connection(str(path))
    try:
        connection.execute("UPDATE store SET copied_ms = ?", (taken_ms,))
    finally:
        connection.close()
