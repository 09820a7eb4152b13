"""Signatures over bytes that travel beside them: made with a private key file, verified by pinned keys.

Which algorithm verifies is said by the pinned key, never by the message.

| key | algorithm |
|---|---|
| P-256 | ECDSA with SHA-256 (FIPS 186-5, RFC 3279 DER) |
| Ed25519 | RFC 8032 |
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from certs.errors import NotPemError, WrongKeyUsageError
from certs.files import read_public
from certs.keys import load_private_key
from certs.passphrases import Passphrase

_BEGIN: Final = b"-----BEGIN "
_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"
_ECDSA: Final = ec.ECDSA(SHA256())
_KEY_ID_LENGTH: Final = 16


@dataclass(frozen=True)
class Signature:
    """`key` says which key made it: the beginning of the SHA-256 of its SubjectPublicKeyInfo, in hex."""

    key: str
    value: bytes


class NotSignedByUsError(Exception):
    """No pinned key has made this signature over these bytes."""


def sign(content: bytes, key: Path, *, passphrase: Passphrase | None = None) -> Signature:
    """Raises a CertError of `load_private_key`, or WrongKeyUsageError for a key of another kind."""
    private = load_private_key(key, passphrase)
    for kind, make in _SIGN.items():
        if isinstance(private, kind):
            return Signature(key_id(private.public_key()), make(private, content))
    raise _unfit(f"private key file {key}")


@dataclass(frozen=True)
class Pins:
    """The keys that are believed: one, or two while one takes over from the other."""

    keys: Sequence[Any]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Public keys and certificates in one PEM file. FileUnreadable-, NotPem- or WrongKeyUsageError."""
        blocks = [_BEGIN + block for block in read_public(path).split(_BEGIN)[1:]]
        keys = [_public_key(block, path) for block in blocks]
        if not keys:
            raise _no_pem(path)
        if not all(isinstance(key, tuple(_VERIFY)) for key in keys):
            raise _unfit(f"public key file {path}")
        return cls(keys)

    def verify(self, content: bytes, signature: Signature) -> None:
        """Raises NotSignedByUsError."""
        for key in self.keys:
            if key_id(key) == signature.key and _fits(key, content, signature.value):
                return
        raise NotSignedByUsError


def key_id(public: Any) -> str:
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()[:_KEY_ID_LENGTH]


def public_pem(private: Any) -> bytes:
    """What whoever verifies is given."""
    pem: bytes = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def _fits(key: Any, content: bytes, value: bytes) -> bool:
    verify = next(verify for kind, verify in _VERIFY.items() if isinstance(key, kind))
    try:
        verify(key, value, content)
    except InvalidSignature:
        return False
    return True


def _public_key(block: bytes, path: Path) -> Any:
    try:
        if block.startswith(_CERTIFICATE):
            return x509.load_pem_x509_certificate(block).public_key()
        return load_pem_public_key(block)
    except ValueError as error:
        raise _no_pem(path) from error


def _no_pem(path: Path) -> NotPemError:
    return NotPemError(
        f"public key file {path}",
        why="it holds no public key and no certificate in PEM",
        to_do="Put the public key there that belongs to the signing key, or its certificate.",
    )


def _unfit(what: str) -> WrongKeyUsageError:
    return WrongKeyUsageError(
        what, why="the key is neither P-256 nor Ed25519", to_do="Make a P-256 key, or an Ed25519 one."
    )


_SIGN: Final[Mapping[type, Callable[[Any, bytes], bytes]]] = {
    ec.EllipticCurvePrivateKey: lambda key, content: key.sign(content, _ECDSA),
    ed25519.Ed25519PrivateKey: lambda key, content: key.sign(content),
}
_VERIFY: Final[Mapping[type, Callable[[Any, bytes, bytes], None]]] = {
    ec.EllipticCurvePublicKey: lambda key, value, content: key.verify(value, content, _ECDSA),
    ed25519.Ed25519PublicKey: lambda key, value, content: key.verify(value, content),
}
