"""What a node's own certificate comes to at an instant: days left, or the cause by name."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certs.causes import Cause
from certs.clock import RELEASED_AT, Validity, clock_fault
from certs.expiry import days_left
from certs.files import read_public
from certs.identity import Identity, first_certificate
from certs.tls import trusted_certificates


@dataclass(frozen=True)
class Standing:
    """`cause` None: it may be used now."""

    days_left: int
    cause: Cause | None
    detail: str


def standing_of(  # noqa: PLR0913 - the certificate, and every witness of its time
    identity: Identity,
    *,
    now: datetime,
    ca: Path | None = None,
    crl: Path | None = None,
    others_time: datetime | None = None,
    known_past: datetime = RELEASED_AT,
) -> Standing:
    """`ca`: what the node trusts there, as a witness of the time. Raises CertError for a file of these."""
    left = days_left(identity.not_after, now=now)
    fault = identity.time_fault(now)
    if fault is not None:
        spans = [] if ca is None else authorities_of(ca)
        broken = clock_fault(now, authorities=spans, others_time=others_time, known_past=known_past)
        if broken is not None:
            return Standing(left, Cause.CLOCK_BROKEN, broken)
        cause = Cause.EXPIRED if now > identity.not_after else Cause.CLOCK_BROKEN
        return Standing(left, cause, fault.why)
    if crl is not None and _is_listed(identity, crl):
        return Standing(left, Cause.REVOKED, f"its issuer's revocation list {crl} names it")
    return Standing(left, None, f"{left} days left")


def authorities_of(ca: Path) -> list[Validity]:
    """The times of the CAs in a file, as witnesses for `clock_fault`. Raises CertError."""
    return [(one.not_valid_before_utc, one.not_valid_after_utc) for one in trusted_certificates(ca)]


def _is_listed(identity: Identity, crl: Path) -> bool:
    own = first_certificate(identity.certificate)
    listed = x509.load_pem_x509_crl(read_public(crl))
    return (
        listed.issuer == own.issuer
        and listed.get_revoked_certificate_by_serial_number(own.serial_number) is not None
    )
