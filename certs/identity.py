"""Who a node is: a certificate with its key, checked before anyone uses it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from certs.errors import (
    CertError,
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyDoesNotFitError,
    NotPemError,
    WrongKeyUsageError,
)
from certs.files import read_public
from certs.keys import load_private_key, public_bytes
from certs.passphrases import Passphrase


@dataclass(frozen=True)
class Identity:
    """A certificate file and a key file that fit each other. Holds paths, never the key itself."""

    certificate: Path  # PEM: the node's own certificate first, then any intermediates
    key: Path
    common_name: str | None
    purposes: frozenset[str] | None  # dotted OIDs of extended key usage; None: it sets no limits
    not_before: datetime
    not_after: datetime
    fingerprint: str  # SHA-256 of the certificate, lower-case hex
    passphrase: Passphrase | None = field(default=None, repr=False, compare=False)

    @classmethod
    def load(
        cls,
        certificate: Path,
        key: Path,
        *,
        now: Callable[[], datetime],
        passphrase: Passphrase | None = None,
    ) -> Self:
        """Read and check both files; any fault is a CertError of its own kind."""
        identity = cls.read(certificate, key, passphrase=passphrase)
        fault = identity.time_fault(now())
        if fault is not None:
            raise fault
        return identity

    @classmethod
    def read(cls, certificate: Path, key: Path, *, passphrase: Passphrase | None = None) -> Self:
        """The same whatever the time is, for those who tell what a certificate's time comes to."""
        own = first_certificate(certificate)
        _check_fits(own, certificate, key, passphrase)
        _check_usage(own, certificate)
        return cls(
            certificate=certificate,
            key=key,
            common_name=common_name_of(own),
            purposes=purposes_of(own),
            not_before=own.not_valid_before_utc,
            not_after=own.not_valid_after_utc,
            fingerprint=own.fingerprint(SHA256()).hex(),
            passphrase=passphrase,
        )

    def refuse_expired(self, now: datetime) -> None:
        """Raises CertificateExpiredError. Not for one that has not begun: then the clock is to be looked at."""
        fault = self.time_fault(now)
        if isinstance(fault, CertificateExpiredError):
            raise fault

    def time_fault(self, now: datetime) -> CertError | None:
        """What is wrong with its time at this instant, if anything is."""
        if now > self.not_after:
            return CertificateExpiredError(
                f"certificate {self.certificate}",
                why=f"it ended at {self.not_after.isoformat()} and the clock says {now.isoformat()}",
                to_do="Check this machine's clock; if it is right, install a new certificate.",
            )
        if now < self.not_before:
            return CertificateNotYetValidError(
                f"certificate {self.certificate}",
                why=f"it begins at {self.not_before.isoformat()} and the clock says {now.isoformat()}",
                to_do="Check this machine's clock and its time zone.",
            )
        return None


def common_name_of(certificate: x509.Certificate) -> str | None:
    """The subject's CN; None if there is none, or more than one."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else None


def first_certificate(path: Path) -> x509.Certificate:
    """The one that a file is about. Raises NotPem- or FileUnreadableError."""
    try:
        return x509.load_pem_x509_certificates(read_public(path))[0]
    except ValueError as error:
        raise NotPemError(
            f"certificate file {path}",
            why="it holds no certificate in PEM",
            to_do="Put the issued certificate there, first in the file, its intermediates after it.",
        ) from error


def _check_fits(own: x509.Certificate, certificate: Path, key: Path, passphrase: Passphrase | None) -> None:
    ours = public_bytes(load_private_key(key, passphrase))
    if ours != own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise KeyDoesNotFitError(
            f"certificate {certificate} and private key {key}",
            why="the certificate was issued for another key",
            to_do="Put back the key that the request for this certificate was made with.",
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


def purposes_of(own: x509.Certificate) -> frozenset[str] | None:
    """Dotted OIDs of its extended key usage; None: it sets no limits."""
    try:
        extended = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None
    return frozenset(purpose.dotted_string for purpose in extended)
