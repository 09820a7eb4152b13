"""Writing a node's key and certificate files so that a power cut leaves the old content or the new.

A file is written beside its place, synced, renamed over it, and the rename is synced: four operations
of a `FileSystem`, which a test may cut between any two.
"""

import os
from pathlib import Path
from typing import Final, Protocol

OURS_ALONE: Final = 0o600
FOR_ALL_TO_READ: Final = 0o644


class FileSystem(Protocol):
    """What writing takes. Each call is durable on return, or raises OSError."""

    def create(self, path: Path, content: bytes, mode: int) -> None:
        """A new file with these rights from its first byte; FileExistsError if it is there."""

    def rename(self, source: Path, target: Path) -> None:
        """Over whatever is at `target`, at once."""

    def remove(self, path: Path) -> None:
        """Nothing is there afterwards, as perhaps before."""

    def sync_folder(self, folder: Path) -> None:
        """Until then a rename in it may be forgotten by a power cut."""


class LocalFiles:
    """`FileSystem` on this machine."""

    def create(self, path: Path, content: bytes, mode: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


LOCAL: Final = LocalFiles()


def put(path: Path, content: bytes, *, mode: int, files: FileSystem) -> None:
    """`path` holds `content` afterwards; cut off before, it holds what it held."""
    beside = path.with_name(f"{path.name}.writing")
    files.remove(beside)
    files.create(beside, content, mode)
    move(beside, path, files=files)


def move(source: Path, target: Path, *, files: FileSystem) -> None:
    """Rename within a folder, durable on return."""
    files.rename(source, target)
    files.sync_folder(target.parent)
