"""Private key files: PKCS#8 PEM, made and kept 0600, with a passphrase or without."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from certs.durable import LOCAL, OURS_ALONE, FileSystem
from certs.errors import KeyFileExistsError, NotPemError, PassphraseUnavailableError
from certs.files import read_private
from certs.passphrases import Passphrase

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_RSA_EXPONENT: Final = 65537
KINDS: Final[Mapping[str, Callable[[], SigningKey]]] = {
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa-2048": lambda: rsa.generate_private_key(_RSA_EXPONENT, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(_RSA_EXPONENT, 3072),
}


def new_private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Make a P-256 key and write it to `path`, 0600 from its first byte and durable on return.

    A file that is there already is never replaced: KeyFileExistsError.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    write_new_key(path, key)
    return key


def write_new_key(
    path: Path, key: SigningKey, passphrase: Passphrase | None = None, *, files: FileSystem = LOCAL
) -> None:
    """The same for a key that is there. Raises KeyFileExistsError."""
    try:
        files.create(path, pem_of(key, passphrase), OURS_ALONE)
    except FileExistsError as error:
        raise KeyFileExistsError(
            f"private key file {path}",
            why="it exists, and a certificate may stand on it",
            to_do="Choose another path, or move the old key away yourself.",
        ) from error


def pem_of(key: PrivateKeyTypes, passphrase: Passphrase | None = None) -> bytes:
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def public_bytes(key: PrivateKeyTypes) -> bytes:
    """The DER of the public key, which says whether a certificate fits."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_private_key(path: Path, passphrase: Passphrase | None = None) -> PrivateKeyTypes:
    """Read a key; a file that holds certificates too is read likewise.

    Raises FileUnreadable-, KeyFileTooOpen-, NotPem- or PassphraseUnavailableError.
    """
    pem = read_private(path)
    if b"ENCRYPTED PRIVATE KEY" in pem and passphrase is not None:
        return _decrypted(path, pem, passphrase())
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:  # TypeError: it is encrypted
        raise NotPemError(
            f"private key file {path}",
            why="it is not a private key in PEM without a passphrase",
            to_do="Put the key there as `openssl pkcs8 -topk8 -nocrypt` writes it, or name its passphrase.",
        ) from error


def load_signing_key(path: Path, passphrase: Passphrase | None = None) -> SigningKey:
    """The same for a key that TLS signs with. Raises NotPemError for one of another kind too."""
    key = load_private_key(path, passphrase)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise NotPemError(
            f"private key file {path}",
            why="its key is neither ECDSA nor RSA",
            to_do="Make a new one with `tolem certs csr`.",
        )
    return key


def _decrypted(path: Path, pem: bytes, passphrase: bytes) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError) as error:
        raise PassphraseUnavailableError(
            f"private key file {path}",
            why="the passphrase does not open it",
            to_do="Compare the credential that the settings name with the passphrase of this file.",
        ) from error
