"""Reading the PEM files of a node, with errors that an operator can act on; and seeing that one has changed."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from certs.errors import FileUnreadableError, KeyFileTooOpenError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
Stamps = tuple[tuple[int, int, int], ...]


def read_public(path: Path) -> bytes:
    """The bytes of a certificate file. Raises FileUnreadableError."""
    return _read(path, what="certificate file", private=False)


def read_private(path: Path) -> bytes:
    """The bytes of a key file that nobody but its owner may touch. Raises KeyFileTooOpenError too."""
    return _read(path, what="private key file", private=True)


def stamps_of(paths: Iterable[Path | None]) -> Stamps:
    """By which it is seen that a file was changed, or replaced by another. One that is not there has one too."""
    return tuple(_stamp(path) for path in paths if path is not None)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _read(path: Path, *, what: str, private: bool) -> bytes:
    try:
        with path.open("rb") as file:
            if private:
                _refuse_open_rights(path, os.fstat(file.fileno()).st_mode)
            return file.read()
    except OSError as error:
        raise FileUnreadableError(
            f"{what} {path}",
            why=error.strerror or str(error),
            to_do="Check the path in the settings and the rights of the user that runs Tolem.",
        ) from error


def _refuse_open_rights(path: Path, mode: int) -> None:
    if mode & OTHERS:
        raise KeyFileTooOpenError(
            f"private key file {path}",
            why=f"its rights are {stat.S_IMODE(mode):04o}, so others than its owner can use the key",
            to_do=f"Run: chmod 600 {path}",
        )
