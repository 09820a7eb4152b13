"""A disk under SQLite that can be told to fail: its syncs are counted, its bytes are limited."""

import errno
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import apsw

from spool import LocalDisk

MIB = 1024 * 1024


class FaultyVfs(apsw.VFS):
    """The system's files, with a count of syncs, a limit on bytes, and errors to order."""

    _names = count(1)

    def __init__(self) -> None:
        self.vfs_name = f"faulty-{next(self._names)}"
        self.syncs: Counter[str] = Counter()  # by the ending of the file's name
        self.free_bytes = 1024 * MIB
        self.failing_syncs = 0  # so many of the next syncs fail
        super().__init__(self.vfs_name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "FaultyFile":  # noqa: N802 - SQLite's name
        return FaultyFile(self, name, flags)


class FaultyFile(apsw.VFSFile):
    def __init__(self, vfs: FaultyVfs, name: Any, flags: list[int]) -> None:
        self._vfs = vfs
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._ending = path.rpartition("-")[2] if path.endswith(("-wal", "-journal")) else "db"
        super().__init__("", name, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        if self._vfs.failing_syncs > 0:
            self._vfs.failing_syncs -= 1
            raise apsw.IOError("this sync failed to order")
        self._vfs.syncs[self._ending] += 1
        super().xSync(flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        growth = max(offset + len(data) - self.xFileSize(), 0)
        if growth > self._vfs.free_bytes:
            raise apsw.FullError("this disk is full to order")
        self._vfs.free_bytes -= growth
        super().xWrite(data, offset)


class FaultyDisk(LocalDisk):
    """A disk of `vfs.free_bytes`, from which the reserve is taken too."""

    def __init__(self, faulty: FaultyVfs) -> None:
        super().__init__(vfs=faulty.vfs_name)
        self.faulty = faulty
        self.renewals = 0
        self._held: dict[Path, int] = {}

    def keep_reserve(self, path: Path, size: int) -> bool:
        if path not in self._held:
            if self.faulty.free_bytes < 2 * size:
                return False
            self.faulty.free_bytes -= size
            self._held[path] = size
        return True

    def lengthen(self, path: Path, size: int) -> None:
        """Not here: a test that fills this disk counts what the log takes of it."""

    def renew(self, path: Path) -> None:
        self.renewals += 1
        if self.faulty.failing_syncs > 0:
            self.faulty.failing_syncs -= 1
            raise OSError(errno.EIO, "this sync failed to order")
        super().renew(path)

    def give_up_reserve(self, path: Path) -> bool:
        self.faulty.free_bytes += self._held.get(path, 0)
        return self._held.pop(path, None) is not None
