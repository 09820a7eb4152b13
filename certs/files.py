"""Reading the PEM files of a node, with errors that an operator can act on."""

import os
import stat
from pathlib import Path

from certs.errors import FileUnreadableError, KeyFileTooOpenError

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_public(path: Path) -> bytes:
    """The bytes of a certificate file. Raises FileUnreadableError."""
    return _read(path, what="certificate file", private=False)


def read_private(path: Path) -> bytes:
    """The bytes of a key file that nobody but its owner may touch. Raises KeyFileTooOpenError too."""
    return _read(path, what="private key file", private=True)


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
