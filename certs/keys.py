"""Private key files: ECDSA P-256, PKCS#8 PEM, made and kept 0600."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from certs.errors import KeyFileExistsError, NotPemError
from certs.files import read_private


def new_private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Make a key and write it to `path`, 0600 from its first byte and durable on return.

    A file that is there already is never replaced: KeyFileExistsError.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileExistsError(
            f"private key file {path}",
            why="it exists, and a certificate may stand on it",
            to_do="Choose another path, or move the old key away yourself.",
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return key


def load_private_key(path: Path) -> PrivateKeyTypes:
    """Read a key without a passphrase. Raises FileUnreadable-, KeyFileTooOpen- or NotPemError."""
    pem = read_private(path)
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:  # TypeError: it is encrypted
        raise NotPemError(
            f"private key file {path}",
            why="it is not a private key in PEM without a passphrase",
            to_do="Put the key there as `openssl pkcs8 -topk8 -nocrypt` writes it.",
        ) from error
