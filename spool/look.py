"""A look at a store that nobody owns: no byte of its folder changes, and no lock file appears.

Whoever opens several stores, or begins something else beside them, looks at all of them first; then a
start that must be refused is refused before it has touched anything.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import apsw

from spool.connections import log_of, still_connection
from spool.disk import Disk, LocalDisk
from spool.errors import StoreError, StoreUnsafe
from spool.life import KeyFile, last_life
from spool.migrations import Migration, Migrations, pending

LARGEST_CHECKED_BYTES: Final = 64 * 1024 * 1024  # a larger file is checked on request: a start stays short
_HAS_LIVED: Final = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'store'"
_ANY_TIME: Final = datetime.fromtimestamp(0, UTC)  # the key does not depend on it


def look(path: Path, *, rooms: Sequence[Migrations], disk: Disk | None = None) -> None:
    """Would the store at `path` open? One that does not exist yet would. Blocks.

    Raises StoreBusy, StoreTooNew, MigrationChanged, StoreUnsafe, KeyFileError, or StoreError for what the
    system refuses. Only another process can make it untrue afterwards.
    """
    disk = disk or LocalDisk()
    if disk.length(path) is None:
        return
    with looking(path, disk=disk) as connection:
        _check_pages(connection, path)
        missing(connection, path, rooms)
        if connection.execute(_HAS_LIVED).get is None:
            return
        life = last_life(connection, now=_ANY_TIME)
        if life is not None:
            KeyFile(path, disk=disk).read(life.key_check)


@contextmanager
def looking(path: Path, *, disk: Disk) -> Iterator[apsw.Connection]:
    """A connection to an existing store whose every byte stays as it is; nobody can own the store meanwhile.

    Raises StoreBusy, StoreUnsafe or StoreError, each with the store's path.
    """
    try:
        lock = disk.look(path)
        try:
            logged = bool(disk.length(log_of(path)))
            with closing(still_connection(path, vfs=disk.vfs, logged=logged)) as connection:
                yield connection
        finally:
            lock.release()
    except (apsw.Error, OSError) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error


def missing(
    connection: apsw.Connection, path: Path, rooms: Sequence[Migrations]
) -> list[tuple[str, Migration]]:
    """As `pending`, with the store's path in what it raises."""
    try:
        return pending(connection, rooms)
    except StoreError as error:
        raise type(error)(f"{path}: {error}") from None


def _check_pages(connection: apsw.Connection, path: Path) -> None:
    if connection.pragma("page_count") * connection.pragma("page_size") > LARGEST_CHECKED_BYTES:
        return
    found = connection.pragma("quick_check", 1)
    if found != "ok":
        raise StoreUnsafe(f"{path} is damaged: {found}; restore it from a backup")
