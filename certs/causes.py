"""Why a TLS connection failed, by the names that doctor, readiness and metrics use.

Our own OpenSSL says it of the other side's certificate (X509_V_ERR_*), the other side says it of ours
with an alert (RFC 8446 §6.2). Whether an expired certificate is the clock's doing: `certs.clock`.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Cause(StrEnum):
    """What is wrong with a certificate, ours or theirs."""

    EXPIRED = "expired"
    FOREIGN_CA = "foreign_ca"
    WRONG_NAME = "wrong_name"
    REVOKED = "revoked"
    CLOCK_BROKEN = "clock_broken"
    NOT_ACCEPTED = "not_accepted"  # by the other side, which does not say why


@dataclass(frozen=True)
class TlsFault:
    """`ours`: it is our certificate that the other side does not take. `detail`: OpenSSL's word."""

    cause: Cause
    ours: bool
    detail: str


# A certificate from the future was signed by somebody whose clock is ahead of ours: one of the two is wrong.
_OF_THEIRS: Final[Mapping[int, Cause]] = MappingProxyType(
    {
        9: Cause.CLOCK_BROKEN,  # X509_V_ERR_CERT_NOT_YET_VALID
        10: Cause.EXPIRED,
        12: Cause.REVOKED,  # the revocation list itself is over: nobody can say that it is not
        3: Cause.REVOKED,  # there is no revocation list of its issuer
        23: Cause.REVOKED,
        18: Cause.FOREIGN_CA,
        19: Cause.FOREIGN_CA,
        20: Cause.FOREIGN_CA,
        21: Cause.FOREIGN_CA,
        62: Cause.WRONG_NAME,
        64: Cause.WRONG_NAME,
    }
)
_OF_OURS: Final[Mapping[str, Cause]] = MappingProxyType(
    # how an alert's name ends, whatever the TLS version before it
    {
        "CERTIFICATE_EXPIRED": Cause.EXPIRED,
        "CERTIFICATE_REVOKED": Cause.REVOKED,
        "UNKNOWN_CA": Cause.FOREIGN_CA,
        "BAD_CERTIFICATE": Cause.NOT_ACCEPTED,
        "CERTIFICATE_UNKNOWN": Cause.NOT_ACCEPTED,
        "UNSUPPORTED_CERTIFICATE": Cause.NOT_ACCEPTED,
        "CERTIFICATE_REQUIRED": Cause.NOT_ACCEPTED,
        "ACCESS_DENIED": Cause.NOT_ACCEPTED,
    }
)


def tls_fault(failure: BaseException) -> TlsFault | None:
    """The fault of a certificate that this failure came from; None if it came from something else."""
    seen: list[BaseException] = []
    cause: BaseException | None = failure
    while cause is not None and cause not in seen:
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    found = (_of(error) for error in reversed(seen) if isinstance(error, ssl.SSLError))
    return next((fault for fault in found if fault is not None), None)


def _of(error: ssl.SSLError) -> TlsFault | None:
    if isinstance(error, ssl.SSLCertVerificationError) and hasattr(error, "verify_code"):
        code = error.verify_code
        return TlsFault(_OF_THEIRS.get(code, Cause.NOT_ACCEPTED), ours=False, detail=error.verify_message)
    reason = getattr(error, "reason", None) or ""  # one that was not raised by OpenSSL has none
    for ending, cause in _OF_OURS.items():
        if reason.endswith(ending):
            return TlsFault(cause, ours=True, detail=reason)
    return None
