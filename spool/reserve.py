"""A piece of the disk that is held back, and given up when the disk fills, so that what is under way can end.

While it is gone the disk counts as full: nothing new is begun, but answers can still be written down.
"""

import logging
from pathlib import Path

from spool.disk import Disk, beside

log = logging.getLogger(__name__)


class Reserve:
    def __init__(self, path: Path, *, disk: Disk, size: int) -> None:
        """For the store at `path`. Nothing is held before `take`."""
        self._path = beside(path, "reserve")
        self._disk = disk
        self._size = size
        self.held = False

    def take(self) -> None:
        """Hold it again if as much again stays free. Blocks."""
        self.held = self.held or self._disk.keep_reserve(self._path, self._size)

    def give_up(self) -> bool:
        """Did that make room?"""
        if self.held:
            log.error("spool.disk_full", extra={"path": str(self._path)})
        self.held = False
        return self._disk.give_up_reserve(self._path)
