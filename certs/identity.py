"""Who a node is: a certificate with its key, checked before anyone uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from certs.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyDoesNotFitError,
    NotPemError,
    WrongKeyUsageError,
)
from certs.files import read_public
from certs.keys import load_private_key


@dataclass(frozen=True)
class Identity:
    """A certificate file and a key file that fit each other. Holds paths, never the key itself."""

    certificate: Path  # PEM: the node's own certificate first, then any intermediates
    key: Path
    common_name: str | None
    purposes: frozenset[str] | None  # dotted OIDs of extended key usage; None: it sets no limits
    not_before: datetime
    not_after: datetime

    @classmethod
    def load(cls, certificate: Path, key: Path, *, now: Callable[[], datetime]) -> Self:
        """Read and check both files; any fault is a CertError of its own kind."""
        own = _first_certificate(certificate)
        _check_fits(own, certificate, key)
        _check_time(own, certificate, now())
        _check_usage(own, certificate)
        return cls(
            certificate=certificate,
            key=key,
            common_name=common_name_of(own),
            purposes=_purposes(own),
            not_before=own.not_valid_before_utc,
            not_after=own.not_valid_after_utc,
        )


def common_name_of(certificate: x509.Certificate) -> str | None:
    """The subject's CN; None if there is none, or more than one."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else None


def _first_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(read_public(path))[0]
    except ValueError as error:
        raise NotPemError(
            f"certificate file {path}",
            why="it holds no certificate in PEM",
            to_do="Put the issued certificate there, first in the file, its intermediates after it.",
        ) from error


def _check_fits(own: x509.Certificate, certificate: Path, key: Path) -> None:
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if load_private_key(key).public_key().public_bytes(*form) != own.public_key().public_bytes(*form):
        raise KeyDoesNotFitError(
            f"certificate {certificate} and private key {key}",
            why="the certificate was issued for another key",
            to_do="Put back the key that the request for this certificate was made with.",
        )


def _check_time(own: x509.Certificate, path: Path, now: datetime) -> None:
    if now > own.not_valid_after_utc:
        raise CertificateExpiredError(
            f"certificate {path}",
            why=f"it ended at {own.not_valid_after_utc.isoformat()} and the clock says {now.isoformat()}",
            to_do="Check this machine's clock; if it is right, install a new certificate.",
        )
    if now < own.not_valid_before_utc:
        raise CertificateNotYetValidError(
            f"certificate {path}",
            why=f"it begins at {own.not_valid_before_utc.isoformat()} and the clock says {now.isoformat()}",
            to_do="Check this machine's clock and its time zone.",
        )


def _check_usage(own: x509.Certificate, path: Path) -> None:
    """RFC 5280 §4.2.1.3: TLS signs its handshake, so a key usage that is there must allow it."""
    try:
        usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise WrongKeyUsageError(
            f"certificate {path}",
            why="its key usage lacks digitalSignature, which TLS needs",
            to_do="Ask its issuer for a certificate for TLS client and server authentication.",
        )


def _purposes(own: x509.Certificate) -> frozenset[str] | None:
    try:
        extended = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None
    return frozenset(purpose.dotted_string for purpose in extended)
