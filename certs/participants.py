"""Who may sign: participants, each bound to its certificates by their fingerprints, under trusted CAs.

A certificate is believed if its chain, its time, its usage and its CA's revocation list say so; whose it is
says the list of pins alone. So a CA that everybody trusts cannot make one participant into another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from certs.algorithms import SignatureProvider, VerifyBytes
from certs.chains import (
    UnreadableCertificateError,
    UntrustedError,
    read_certificate,
    time_fault,
    usage_fault,
)
from certs.errors import UnfitPinError
from certs.refusals import Refusal, SignatureRefusedError
from certs.revocation import Alarm, Link, RevocationLists, issuer_id
from certs.tls import trusted_certificates

CERTIFICATES_REMEMBERED: Final = 256
_PIN_DIGITS: Final = 64
Pins = Mapping[
    str, Iterable[str]
]  # participant → SHA-256 of each of its certificates, hex; two during a roll-over


@dataclass(frozen=True)
class Trusted:
    """A certificate with a chain to a trusted CA; good between two instants, unless it is revoked."""

    certificate: x509.Certificate
    fingerprint: str  # SHA-256 of the DER, lower-case hex
    verify: VerifyBytes = field(repr=False, compare=False)
    not_before: datetime  # of the whole chain
    not_after: datetime
    links: Sequence[Link]  # its own first, the one that a trusted CA issued last


class Participants:
    """Whom this node believes. One for the process; used by many threads."""

    def __init__(
        self,
        pins: Pins,
        *,
        authorities: Sequence[x509.Certificate],
        intermediates: Sequence[x509.Certificate] = (),
        revocation: RevocationLists | None = None,
    ) -> None:
        """Raises UnfitPinError for a pin that is none, or that two participants claim."""
        self._owners = _owners(pins)
        self._authorities = authorities
        self._intermediates = intermediates
        self._revocation = revocation
        self._trusted: dict[tuple[SignatureProvider, bytes], Trusted] = {}
        self._lock = Lock()

    @classmethod
    def load(  # noqa: PLR0913 - the files that the settings name, and who hears of them
        cls,
        pins: Pins,
        *,
        ca: Path,
        intermediates: Path | None = None,
        crl: Path | None = None,
        now: datetime,
        alarm: Alarm,
    ) -> Self:
        """From files; any fault is a CertError. `alarm` is told what is wrong with the revocation lists."""
        authorities = trusted_certificates(ca)
        between = [] if intermediates is None else trusted_certificates(intermediates)
        issuers = [*authorities, *between]
        lists = None if crl is None else RevocationLists(crl, issuers=issuers, now=now, alarm=alarm)
        return cls(pins, authorities=authorities, intermediates=between, revocation=lists)

    def refresh(self, now: datetime) -> None:
        """Read the revocation lists again if it is time, so that an alarm comes without a message too."""
        if self._revocation is not None:
            self._revocation.refresh(now)

    def trusted(self, der: bytes, *, provider: SignatureProvider, now: datetime) -> Trusted:
        """A signer's certificate, believed `now`. Raises SignatureRefusedError, 401."""
        known = self._trusted.get((provider, der))
        if known is None or not known.not_before <= now <= known.not_after:
            known = self._examined(_read(der), provider, now)
            self._remember((provider, der), known)
        if self._revocation is not None:
            _refuse(self._revocation.fault(known.links, now=now), known.fingerprint)
        return known

    def owner_of(self, fingerprint: str) -> str | None:
        """The participant that a certificate is bound to; None: nobody."""
        return self._owners.get(fingerprint)

    def _examined(self, certificate: x509.Certificate, provider: SignatureProvider, now: datetime) -> Trusted:
        fingerprint = certificate.fingerprint(SHA256()).hex()
        for fault in (
            provider.key_fault(certificate),
            usage_fault(certificate),
            time_fault(certificate, now),
            Refusal.SELF_SIGNED if certificate.subject == certificate.issuer else None,
        ):
            _refuse(fault, fingerprint)
        try:
            chain = provider.chain_of(
                certificate, authorities=self._authorities, intermediates=self._intermediates, at=now
            )
        except UntrustedError:
            raise SignatureRefusedError(Refusal.UNTRUSTED, fingerprint) from None
        return Trusted(
            certificate=certificate,
            fingerprint=fingerprint,
            verify=provider.verifier(certificate),
            not_before=max(one.not_valid_before_utc for one in chain),
            not_after=min(one.not_valid_after_utc for one in chain),
            links=[(issuer_id(issuer), issued.serial_number) for issued, issuer in pairwise(chain)],
        )

    def _remember(self, key: tuple[SignatureProvider, bytes], trusted: Trusted) -> None:
        """Only what a trusted CA issued gets here, so that strangers cannot push anybody out."""
        with self._lock:
            if len(self._trusted) >= CERTIFICATES_REMEMBERED:
                del self._trusted[next(iter(self._trusted))]
            self._trusted[key] = trusted


def _refuse(fault: Refusal | None, fingerprint: str) -> None:
    if fault is not None:
        raise SignatureRefusedError(fault, fingerprint)


def _read(der: bytes) -> x509.Certificate:
    try:
        return read_certificate(der)
    except UnreadableCertificateError:
        raise SignatureRefusedError(Refusal.CERTIFICATE_UNREADABLE) from None


def _owners(pins: Pins) -> Mapping[str, str]:
    owners: dict[str, str] = {}
    for participant, fingerprints in pins.items():
        for pin in map(_pin, fingerprints):
            if owners.setdefault(pin, participant) != participant:
                raise UnfitPinError(
                    f"pin {pin}",
                    why=f"both {owners[pin]} and {participant} claim it",
                    to_do="Bind each certificate to one participant.",
                )
    return owners


def _pin(text: str) -> str:
    """As `openssl x509 -fingerprint -sha256` prints it, or without the colons."""
    pin = text.replace(":", "").lower()
    if len(pin) != _PIN_DIGITS or not set(pin) <= set("0123456789abcdef"):
        raise UnfitPinError(
            f"pin {text}",
            why="it is not the SHA-256 of a certificate in hex",
            to_do="Take it from: openssl x509 -in FILE -noout -fingerprint -sha256",
        )
    return pin
