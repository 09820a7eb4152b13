"""From a signer's certificate to a trusted CA, by RFC 5280 §6, and what its own fields must say.

The path itself is cryptography's to find. Its rules for the web (names, AuthorityKeyIdentifier, criticality)
are not asked for: a bank's CA is older than they are. Asked for are signatures, times, path lengths,
keys of 2048 bits or P-256 to P-521, SHA-256 or better, CA:TRUE, keyCertSign.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from certs.refusals import Refusal

LONGEST_CHAIN: Final = 8
# What is read here or by the path's verifier. A critical extension besides is refused (RFC 5280 §4.2).
_UNDERSTOOD: Final = frozenset({
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
})  # fmt: skip


_PARTS: Final = (
    "subject",
    "issuer",
    "serial_number",
    "not_valid_before_utc",
    "not_valid_after_utc",
    "extensions",
)
_MALFORMED: Final = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)  # what cryptography raises for them, and not all at once: it reads a part when it is asked for


class UnreadableCertificateError(Exception):
    """The bytes are no X.509 certificate, or one with a broken part."""


class UntrustedError(Exception):
    """No path leads to a trusted CA."""


def chain_of(
    leaf: x509.Certificate,
    *,
    authorities: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
    at: datetime,
) -> Sequence[x509.Certificate]:
    """From `leaf` to one of `authorities`, both included, each good `at` this instant. Raises UntrustedError."""
    builder = PolicyBuilder().store(Store(list(authorities))).time(at).max_chain_depth(LONGEST_CHAIN)
    builder = builder.extension_policies(ca_policy=_CA_POLICY, ee_policy=ExtensionPolicy.permit_all())
    try:
        return builder.build_client_verifier().verify(leaf, list(intermediates)).chain
    except VerificationError as error:
        raise UntrustedError from error


def read_certificate(der: bytes) -> x509.Certificate:
    """A stranger's certificate of which every part can be read. Raises UnreadableCertificateError."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        for part in _PARTS:
            getattr(certificate, part)
    except _MALFORMED:
        raise UnreadableCertificateError from None
    return certificate


def usage_fault(certificate: x509.Certificate) -> Refusal | None:
    """Whether its own fields let it sign a document: digitalSignature, no CA, nothing critical that is unknown."""
    extensions = certificate.extensions
    if any(one.critical and one.oid not in _UNDERSTOOD for one in extensions):
        return Refusal.CRITICAL_EXTENSION
    try:
        if not extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            return Refusal.KEY_USAGE
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return Refusal.KEY_USAGE
    except x509.ExtensionNotFound as error:
        return Refusal.KEY_USAGE if error.oid == ExtensionOID.KEY_USAGE else None
    return None


def time_fault(certificate: x509.Certificate, at: datetime) -> Refusal | None:
    if at > certificate.not_valid_after_utc:
        return Refusal.CERTIFICATE_EXPIRED
    return Refusal.CERTIFICATE_NOT_YET_VALID if at < certificate.not_valid_before_utc else None


def _may_sign_certificates(
    _policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("may not sign certificates")


_CA_POLICY: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)  # CA:TRUE is always asked for
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign_certificates)
)
