"""A certificate as its issuer handed it over: read in any usual form, and checked before it is taken."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyDoesNotFitError,
    NotIssuedByError,
    NotPemError,
    WrongKeyUsageError,
)
from certs.identity import purposes_of
from certs.keys import public_bytes

LONGEST_CHAIN = 8
_ALLOWS_CLIENTS = {
    ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string,
}


def read_issued(content: bytes) -> list[x509.Certificate]:
    """Every certificate of a file: PEM, DER, or PKCS#7 (.p7b) in either. Raises NotPemError."""
    readers = (
        x509.load_pem_x509_certificates,
        lambda der: [x509.load_der_x509_certificate(der)],
        pkcs7.load_pem_pkcs7_certificates,
        pkcs7.load_der_pkcs7_certificates,
    )
    for read in readers:
        try:
            return list(read(content))
        except ValueError:
            continue
    raise NotPemError(
        "issued certificate",
        why="the file holds no certificate in PEM, DER or PKCS#7",
        to_do="Ask its issuer for it in one of these forms; a PKCS#12 file is installed with --pkcs12.",
    )


def checked_chain(
    certificates: Sequence[x509.Certificate],
    key: PrivateKeyTypes,
    *,
    authorities: Sequence[x509.Certificate],
    now: datetime,
) -> list[x509.Certificate]:
    """The certificate of `key` first, then its intermediates, up to one of `authorities`.

    Good as a TLS client's at `now`. Raises KeyDoesNotFit-, NotIssuedBy-, WrongKeyUsage-,
    CertificateExpired- or CertificateNotYetValidError.
    """
    own = _of_key(certificates, key)
    chain = [own]
    while (issuer := _issuer(chain[-1], authorities)) is None:
        intermediate = _issuer(chain[-1], certificates)
        if intermediate is None or len(chain) == LONGEST_CHAIN:
            raise NotIssuedByError(
                f"issued certificate {_named(own)}",
                why=f"nothing leads from {chain[-1].issuer.rfc4514_string()} to the CA that was given",
                to_do="Name its issuer's CA with --ca, and put the intermediate certificates into the file.",
            )
        chain.append(intermediate)
    for certificate in (*chain, issuer):
        _check_time(certificate, now)
    _check_usage(own)
    return chain


def own_first(certificates: Sequence[x509.Certificate], key: PrivateKeyTypes) -> list[x509.Certificate]:
    """The certificate of `key` before the others. Raises KeyDoesNotFitError."""
    own = _of_key(certificates, key)
    return [own, *(one for one in certificates if one is not own)]


def _of_key(certificates: Sequence[x509.Certificate], key: PrivateKeyTypes) -> x509.Certificate:
    ours = public_bytes(key)
    for certificate in certificates:
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if certificate.public_key().public_bytes(*form) == ours:
            return certificate
    raise KeyDoesNotFitError(
        f"issued certificate {_named(certificates[0])}",
        why="it was issued for another key than the one that was requested here",
        to_do="Install the answer to the last request of `tolem certs csr`.",
    )


def _issuer(certificate: x509.Certificate, candidates: Sequence[x509.Certificate]) -> x509.Certificate | None:
    return next((one for one in candidates if _signed(one, certificate)), None)


def _signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        may_sign = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return may_sign


def _check_time(certificate: x509.Certificate, now: datetime) -> None:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > ends:
        raise CertificateExpiredError(
            f"certificate {_named(certificate)}",
            why=f"it ended at {ends.isoformat()} and the clock says {now.isoformat()}",
            to_do="Check this machine's clock; if it is right, ask for a new certificate.",
        )
    if now < begins:
        raise CertificateNotYetValidError(
            f"certificate {_named(certificate)}",
            why=f"it begins at {begins.isoformat()} and the clock says {now.isoformat()}",
            to_do="Check this machine's clock; if it is right, install the certificate on that day.",
        )


def _check_usage(own: x509.Certificate) -> None:
    purposes = purposes_of(own)
    if purposes is not None and not purposes & _ALLOWS_CLIENTS:
        raise _unusable(own, "its extended key usage lacks clientAuth")
    try:
        usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise _unusable(own, "its key usage lacks digitalSignature, which TLS needs")


def _unusable(own: x509.Certificate, why: str) -> WrongKeyUsageError:
    return WrongKeyUsageError(
        f"issued certificate {_named(own)}", why=why, to_do="Ask its issuer for one for TLS clients."
    )


def _named(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
