"""The bank's own CA for its terminals: a key and a certificate that sign nothing but TLS clients.

Its certificate is what the gateway's listener trusts; its key is read when it signs and stays in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.durable import FOR_ALL_TO_READ, LOCAL, FileSystem, put
from certs.errors import KeyDoesNotFitError, KeyFileExistsError
from certs.identity import first_certificate
from certs.keys import KINDS, SigningKey, load_private_key, public_bytes, write_new_key
from certs.pair import pem_of_chain
from certs.passphrases import Passphrase
from certs.requests import Subject

CLOCK_SKEW: Final = timedelta(minutes=5)
LIFE: Final = timedelta(days=3650)


@dataclass(frozen=True)
class Authority:
    """A CA that may sign. Made by `make` or `load`."""

    certificate: x509.Certificate
    _key: SigningKey = field(repr=False)

    @classmethod
    def load(cls, certificate: Path, key: Path, *, passphrase: Passphrase | None = None) -> Self:
        """Raises CertError."""
        own, loaded = first_certificate(certificate), load_private_key(key, passphrase)
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        fits = own.public_key().public_bytes(*form) == public_bytes(loaded)
        if not fits or not isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise KeyDoesNotFitError(
                f"terminal CA {certificate} and its key {key}",
                why="they are not a pair",
                to_do="Put back the files that `tolem terminals ca` made together.",
            )
        return cls(own, loaded)

    @classmethod
    def make(  # noqa: PLR0913 - two files and what is in them
        cls,
        certificate: Path,
        key: Path,
        *,
        name: str,
        now: datetime,
        passphrase: Passphrase | None = None,
        files: FileSystem = LOCAL,
    ) -> Self:
        """Make a CA; an existing one is never replaced: KeyFileExistsError."""
        for path in (certificate, key):
            if path.exists():
                raise KeyFileExistsError(
                    f"terminal CA {path}",
                    why="it exists, and every terminal's certificate stands on it",
                    to_do="Use it, or name other files in [gateway].",
                )
        made = KINDS["p-256"]()
        subject = Subject(name).name()
        public = made.public_key()
        builder = _builder(subject, subject, public, now, now + LIFE)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        own = builder.sign(made, SHA256())
        write_new_key(key, made, passphrase, files=files)
        put(certificate, pem_of_chain([own]), mode=FOR_ALL_TO_READ, files=files)
        return cls(own, made)

    def issue_to_terminal(
        self, request: x509.CertificateSigningRequest, *, terminal: str, now: datetime, lasts: timedelta
    ) -> x509.Certificate:
        """Of the request only its key is taken: the name, the time and the usage are ours to say."""
        return self._issue(Subject(terminal), request.public_key(), now, lasts, servers=())

    def issue_to_server(
        self, key: SigningKey, *, names: Sequence[str], now: datetime, lasts: timedelta
    ) -> x509.Certificate:
        """For the gateway itself, where the bank has no other CA. `names`: host names, IP addresses."""
        return self._issue(Subject(names[0]), key.public_key(), now, lasts, servers=names)

    def _issue(
        self,
        subject: Subject,
        public: CertificatePublicKeyTypes,
        now: datetime,
        lasts: timedelta,
        *,
        servers: Sequence[str],
    ) -> x509.Certificate:
        ends = min(now + lasts, self.certificate.not_valid_after_utc)
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if servers else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = _builder(subject.name(), self.certificate.subject, public, now, ends)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        own_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(own_key, critical=False)
        if servers:
            names = [_general_name(name) for name in servers]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: CertificatePublicKeyTypes,
    now: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
