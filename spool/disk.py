"""The files beside a store: its lock, its key, its reserve. A simulation brings a `Disk` of its own."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from spool.errors import KeyFileError, StoreBusy

KEY_BYTES = 32
_PROBE = b"\0" * 4096
_PROBES = 5
_PIECE = 1024 * 1024


class Lock(Protocol):
    def release(self) -> None: ...


class Disk(Protocol):
    vfs: str | None  # the name of SQLite's VFS for the store itself; None is the system's

    def lock(self, path: Path) -> Lock:
        """Own the store at `path`, or StoreBusy. Ends with the process, however it ends."""

    def look(self, path: Path) -> Lock:
        """Keep whoever would own the store at `path` from beginning meanwhile, or StoreBusy. Changes nothing."""

    def length(self, path: Path) -> int | None:
        """The bytes of a file; None if there is none."""

    def create(self, path: Path) -> bool:
        """Make an empty file that only its owner may read, durably. False if one was there."""

    def read_key(self, path: Path) -> bytes | None:
        """The key file's bytes; None if there is none. KeyFileError if others may read it."""

    def write_key(self, path: Path, key: bytes) -> None:
        """Make the key file durably, 0600. It must not exist."""

    def keep_reserve(self, path: Path, size: int) -> bool:
        """Hold `size` bytes of the disk back. False if that would leave less than as many again."""

    def give_up_reserve(self, path: Path) -> bool:
        """Let the reserve go. False if there was none."""

    def lengthen(self, path: Path, size: int) -> None:
        """Put zeros behind what an existing file holds until it has `size` bytes, if there is room."""

    def renew(self, path: Path) -> None:
        """Write what a file holds over itself and sync it; nothing if there is no such file.

        After a failed sync the kernel may call lost pages clean: a later sync then succeeds without them.
        Only what is written anew is tried anew. Raises OSError.
        """

    def publish(self, partial: Path, path: Path) -> None:
        """Make a finished file appear under its name, durably."""

    def sync_seconds(self, path: Path) -> float:
        """The median time of writing 4 KiB beside `path` and syncing them."""


class FileLock:
    """An advisory lock that the kernel drops when the process ends. The file says who holds it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _flock(self._descriptor, fcntl.LOCK_EX, path)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._descriptor)


class SharedLock:
    """Held by any number of lookers while nobody owns the store. Leaves the file as it is, or as missing."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        with suppress(FileNotFoundError):
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            _flock(self._descriptor, fcntl.LOCK_SH, path)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


class LocalDisk:
    def __init__(self, *, vfs: str | None = None, elapsed: Callable[[], float] = time.perf_counter) -> None:
        self.vfs = vfs
        self._elapsed = elapsed

    def lock(self, path: Path) -> Lock:
        return FileLock(beside(path, "lock"))

    def look(self, path: Path) -> Lock:
        return SharedLock(beside(path, "lock"))

    def length(self, path: Path) -> int | None:
        try:
            return path.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def create(self, path: Path) -> bool:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return False
        os.close(descriptor)
        _sync_folder(path.parent)
        return True

    def read_key(self, path: Path) -> bytes | None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            if mode & 0o077:
                raise KeyFileError(f"{path} may be read by others (mode {mode:04o}); run: chmod 600 {path}")
            return file.read(KEY_BYTES + 1)

    def write_key(self, path: Path, key: bytes) -> None:
        partial = beside(path, "partial")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
        self.publish(partial, path)

    def keep_reserve(self, path: Path, size: int) -> bool:
        if path.exists():
            return True
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, max(size * 2, 1))
            os.ftruncate(descriptor, size)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            path.unlink()
            return False
        finally:
            os.close(descriptor)
        return True

    def give_up_reserve(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        return True

    def lengthen(self, path: Path, size: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        held = os.fstat(descriptor).st_size
        try:
            # written, not only allocated: the first write into a hole costs what an append does
            os.pwrite(descriptor, bytes(max(size - held, 0)), held)
            os.fdatasync(descriptor)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            os.ftruncate(descriptor, held)
        finally:
            os.close(descriptor)

    def renew(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            at = 0
            while piece := os.pread(descriptor, _PIECE, at):
                at += os.pwrite(descriptor, piece, at)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def publish(self, partial: Path, path: Path) -> None:
        descriptor = os.open(partial, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        partial.replace(path)
        _sync_folder(path.parent)

    def sync_seconds(self, path: Path) -> float:
        probe = beside(path, "probe")
        descriptor = os.open(probe, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            return sorted(self._sync_once(descriptor) for _ in range(_PROBES))[_PROBES // 2]
        finally:
            os.close(descriptor)
            probe.unlink()

    def _sync_once(self, descriptor: int) -> float:
        started = self._elapsed()
        os.pwrite(descriptor, _PROBE, 0)
        os.fdatasync(descriptor)
        return self._elapsed() - started


def beside(path: Path, ending: str) -> Path:
    """`gateway.db` and `lock` make `gateway.db.lock`."""
    return path.with_name(f"{path.name}.{ending}")


def _flock(descriptor: int, operation: int, path: Path) -> None:
    """Lock at once or raise StoreBusy, with the file closed."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise StoreBusy(
            f"{path.with_suffix('')} is in use by process {holder or 'unknown'}; "
            f"one process owns a store: stop that one, or ask it through its control socket"
        ) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
