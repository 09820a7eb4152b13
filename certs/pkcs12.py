"""PKCS#12 files (RFC 7292): a key with its certificates in one, as CAs and browsers hand them over."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_pkcs12,
    serialize_key_and_certificates,
)

from certs.errors import NotPemError
from certs.keys import SigningKey


def read_pkcs12(content: bytes, passphrase: bytes) -> tuple[SigningKey, list[x509.Certificate]]:
    """The key, and all certificates, its own first. Raises NotPemError."""
    try:
        loaded = load_pkcs12(content, passphrase)
    except ValueError as error:
        raise _unreadable("it is no PKCS#12 file, or the passphrase is another one") from error
    if not isinstance(loaded.key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or loaded.cert is None:
        raise _unreadable("it holds no RSA or ECDSA key with its certificate")
    return loaded.key, [loaded.cert.certificate, *(more.certificate for more in loaded.additional_certs)]


def pkcs12_of(key: SigningKey, chain: Sequence[x509.Certificate], passphrase: bytes) -> bytes:
    """A file for another program, encrypted with AES-256."""
    own, *intermediates = chain
    return serialize_key_and_certificates(
        b"tolem", key, own, intermediates or None, BestAvailableEncryption(passphrase)
    )


def _unreadable(why: str) -> NotPemError:
    return NotPemError("PKCS#12 file", why=why, to_do="Check the file, and the passphrase it was made with.")
