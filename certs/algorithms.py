"""The signature algorithms that are accepted, as a table, and the port through which another one comes.

| row | SignatureMethod | DigestMethod | key | here |
|---|---|---|---|---|
| RSA_SHA256 | RFC 9231 §2.3.2 rsa-sha256 | xmlenc sha256 | RSA, 2048 bits or more | yes |
| ECDSA_SHA256 | RFC 9231 §2.3.6 ecdsa-sha256 | xmlenc sha256 | P-256 | yes |
| GOST_2015_512 | ST RK GOST R 34.10-2015 (512) | ST RK GOST R 34.11-2015 (512) | of that standard | needs a provider |

What is not in the table is refused. Which row is used is said by the document; which key, by the certificate:
a row refuses keys that are not its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from certs.chains import chain_of
from certs.keys import SigningKey
from certs.refusals import Refusal

SMALLEST_RSA_BITS: Final = 2048
SignBytes = Callable[[bytes], bytes]  # canonical SignedInfo → the octets of SignatureValue
_COORDINATE_BYTES: Final = 32  # of P-256
_ECDSA: Final = ec.ECDSA(SHA256())
_GOST: Final = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"


class VerifyBytes(Protocol):
    """One certificate's key."""

    def __call__(self, *, value: bytes, content: bytes) -> Refusal | None:
        """None: the key made `value` over `content`. Else SIGNATURE_LENGTH or SIGNATURE_MISMATCH."""


class SignatureProvider(Protocol):
    """What an algorithm takes: a library of the national standard implements it, as RSA and ECDSA do here.

    Called from several threads at once. The private key stays with whoever makes a `Signer`: a token's
    driver hands it a `SignBytes`.
    """

    def digest(self, content: bytes) -> bytes:
        """Of the canonical document."""

    def key_fault(self, certificate: x509.Certificate) -> Refusal | None:
        """KEY_KIND or KEY_WEAK, if this key may not sign with this algorithm."""

    def verifier(self, certificate: x509.Certificate) -> VerifyBytes:
        """What checks the signatures of a key without fault; made once for each certificate that is believed."""

    def chain_of(
        self,
        leaf: x509.Certificate,
        *,
        authorities: Sequence[x509.Certificate],
        intermediates: Sequence[x509.Certificate],
        at: datetime,
    ) -> Sequence[x509.Certificate]:
        """From `leaf` to one of `authorities`, both included, each good `at` this instant. Raises UntrustedError."""


@dataclass(frozen=True)
class SignatureAlgorithm:
    """One row; `provider` None: it is known, and nothing here can do it."""

    name: str
    method: str
    digest_method: str
    provider: SignatureProvider | None


class _Sha256:
    """What the two rows that need no provider of their own have in common."""

    def digest(self, content: bytes) -> bytes:
        return sha256(content).digest()

    def chain_of(
        self,
        leaf: x509.Certificate,
        *,
        authorities: Sequence[x509.Certificate],
        intermediates: Sequence[x509.Certificate],
        at: datetime,
    ) -> Sequence[x509.Certificate]:
        return chain_of(leaf, authorities=authorities, intermediates=intermediates, at=at)


class RsaSha256(_Sha256):
    """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2)."""

    def key_fault(self, certificate: x509.Certificate) -> Refusal | None:
        key = _key_of(certificate)
        if not isinstance(key, rsa.RSAPublicKey):
            return Refusal.KEY_KIND
        return Refusal.KEY_WEAK if key.key_size < SMALLEST_RSA_BITS else None

    def verifier(self, certificate: x509.Certificate) -> VerifyBytes:
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)  # or `key_fault` said so
        octets = (key.key_size + 7) // 8

        def verify(*, value: bytes, content: bytes) -> Refusal | None:
            if len(value) != octets:
                return Refusal.SIGNATURE_LENGTH
            try:
                key.verify(value, content, PKCS1v15(), SHA256())
            except InvalidSignature:
                return Refusal.SIGNATURE_MISMATCH
            return None

        return verify


class EcdsaSha256(_Sha256):
    """FIPS 186-5 on P-256; a value is r and s side by side, not DER (RFC 9231 §2.3.6)."""

    def key_fault(self, certificate: x509.Certificate) -> Refusal | None:
        key = _key_of(certificate)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return Refusal.KEY_KIND
        return None if isinstance(key.curve, ec.SECP256R1) else Refusal.KEY_WEAK

    def verifier(self, certificate: x509.Certificate) -> VerifyBytes:
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)  # or `key_fault` said so

        def verify(*, value: bytes, content: bytes) -> Refusal | None:
            if len(value) != 2 * _COORDINATE_BYTES:
                return Refusal.SIGNATURE_LENGTH
            r, s = (int.from_bytes(half) for half in (value[:_COORDINATE_BYTES], value[_COORDINATE_BYTES:]))
            try:
                key.verify(encode_dss_signature(r, s), content, _ECDSA)
            except InvalidSignature:
                return Refusal.SIGNATURE_MISMATCH
            return None

        return verify


RSA_SHA256: Final = SignatureAlgorithm(
    "RSA_SHA256",
    method="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    digest_method="http://www.w3.org/2001/04/xmlenc#sha256",
    provider=RsaSha256(),
)
ECDSA_SHA256: Final = SignatureAlgorithm(
    "ECDSA_SHA256",
    method="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    digest_method="http://www.w3.org/2001/04/xmlenc#sha256",
    provider=EcdsaSha256(),
)
GOST_2015_512: Final = SignatureAlgorithm(
    "GOST_2015_512",
    method=f"{_GOST}gostr34102015-gostr34112015-512",
    digest_method=f"{_GOST}gostr34112015-512",
    provider=None,
)

Algorithms = Mapping[str, SignatureAlgorithm]  # by the URI of SignatureMethod
ALGORITHMS: Final[Algorithms] = {row.method: row for row in (RSA_SHA256, ECDSA_SHA256, GOST_2015_512)}


def with_provider(
    algorithms: Algorithms, algorithm: SignatureAlgorithm, provider: SignatureProvider
) -> Algorithms:
    """The table with a row that can be used now."""
    return {**algorithms, algorithm.method: replace(algorithm, provider=provider)}


def signing(key: SigningKey) -> tuple[SignatureAlgorithm, SignBytes]:
    """The row of a private key, and how it signs. Whether the key is strong enough is its certificate's row to say."""
    if isinstance(key, rsa.RSAPrivateKey):
        return RSA_SHA256, lambda content: key.sign(content, PKCS1v15(), SHA256())
    return ECDSA_SHA256, lambda content: _side_by_side(key.sign(content, _ECDSA))


def _side_by_side(der: bytes) -> bytes:
    return b"".join(number.to_bytes(_COORDINATE_BYTES) for number in decode_dss_signature(der))


def _key_of(certificate: x509.Certificate) -> CertificatePublicKeyTypes | None:
    """None: a kind of key that no row here can use."""
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
