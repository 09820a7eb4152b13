"""SQLite connections that promise what the spool promises, or are refused."""

import errno
from pathlib import Path

import apsw

from spool.errors import StoreUnsafe

OLDEST_SQLITE = (3, 51, 3)  # older ones can corrupt a WAL file with two connections
BUSY_MS = 5000
_APPLICATION_ID = 0x546F6C6D  # "Tolm" in the file's header

# name, what is set, what must be read back
_PRAGMAS = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("wal_autocheckpoint", 0, 0),  # the writer does it, after it has answered
    ("trusted_schema", "OFF", 0),
)


def writer_connection(path: Path, *, vfs: str | None) -> apsw.Connection:
    """The only connection that writes. Every pragma is read back; one that did not take is StoreUnsafe."""
    _check_library()
    connection = _connect(path, vfs=vfs)
    try:
        _check_owner(connection, path)
        for name, wanted, expected in _PRAGMAS:
            _set(connection, path, name, wanted, expected)
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        if connection.pragma("application_id") != _APPLICATION_ID:
            connection.pragma("application_id", _APPLICATION_ID)
    except BaseException:
        connection.close()
        raise
    return connection


def reader_connection(path: Path, *, vfs: str | None) -> apsw.Connection:
    """A connection that cannot write, for snapshots."""
    connection = _connect(path, vfs=vfs)
    connection.pragma("query_only", True)
    return connection


def copying_connection(path: Path, *, vfs: str | None) -> apsw.Connection:
    """A connection to a live store for `VACUUM INTO`, which a query_only one refuses."""
    return _connect(path, vfs=vfs)


def still_connection(path: Path, *, vfs: str | None, logged: bool) -> apsw.Connection:
    """A connection to a store that nobody uses meanwhile: every byte of its folder stays as it is.

    `logged`: its log holds what its file does not; the log's index is then made in memory, and the
    last connection to close leaves both. StoreUnsafe if this is no store of ours.
    """
    _check_library()
    if logged:
        connection = _connect(path, vfs=vfs, flags=apsw.SQLITE_OPEN_READWRITE)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("locking_mode", "exclusive")
    else:
        uri = f"{path.absolute().as_uri()}?immutable=1"
        connection = _connect(uri, vfs=vfs, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    try:
        _check_owner(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def log_of(path: Path) -> Path:
    """SQLite's log of the store at `path`, which holds what its file does not yet."""
    return path.with_name(f"{path.name}-wal")


def is_full(error: Exception) -> bool:
    """Does the error say that the disk is full?"""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, apsw.FullError) or (
        # the log's index is a file too, and grows
        getattr(error, "extendedresult", None) == apsw.SQLITE_IOERR_SHMSIZE
    )


def _connect(
    path: Path | str, *, vfs: str | None, flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs, statementcachesize=200)
    connection.set_busy_timeout(BUSY_MS)
    # a plan for good: else each new binding of a query on a partial index prepares it anew, at four times the cost
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    return connection


def _set(connection: apsw.Connection, path: Path, name: str, wanted: str | int, expected: str | int) -> None:
    connection.pragma(name, wanted)
    found = connection.pragma(name)
    if found != expected:
        raise StoreUnsafe(f"{path}: PRAGMA {name} is {found!r} and stays so; {wanted!r} is needed")


def _check_library() -> None:
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        raise StoreUnsafe(
            f"SQLite {version} can corrupt a store; {'.'.join(map(str, OLDEST_SQLITE))} is needed"
        )


def _check_owner(connection: apsw.Connection, path: Path) -> None:
    try:
        found = connection.pragma("application_id")
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    except apsw.NotADBError as error:
        raise StoreUnsafe(f"{path} is not a SQLite file") from error
    except apsw.CorruptError as error:
        raise StoreUnsafe(f"{path} is damaged: {error}; restore it from a backup") from error
    if found != _APPLICATION_ID and (found or tables):
        raise StoreUnsafe(f"{path} belongs to another program")
