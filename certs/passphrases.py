"""Passphrases of key files: systemd hands them over as credentials, and they stay in memory.

systemd.exec(5), LoadCredential= and LoadCredentialEncrypted=: a file in `$CREDENTIALS_DIRECTORY` that
only the service can read. A command by hand sets the variable itself.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from certs.errors import PassphraseUnavailableError

FOLDER_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
Passphrase = Callable[[], bytes]


def credential(name: str, *, environ: Mapping[str, str]) -> bytes:
    """The passphrase that is called `name`, without the newline at its end. PassphraseUnavailableError."""
    folder = environ.get(FOLDER_VARIABLE)
    if folder is None:
        raise PassphraseUnavailableError(
            f"passphrase {name!r}",
            why=f"${FOLDER_VARIABLE} is not set",
            to_do=f"Start the service with LoadCredential={name}:FILE, or set the variable to its folder.",
        )
    try:
        return (Path(folder) / name).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise PassphraseUnavailableError(
            f"passphrase {name!r}",
            why=f"{Path(folder) / name}: {error.strerror}",
            to_do=f"Give the service LoadCredential={name}:FILE.",
        ) from error
