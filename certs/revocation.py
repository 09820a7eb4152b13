"""Revocation lists in a file that somebody else renews: re-read each minute, refused when they are long over.

Only a list that its issuer signed counts, and never an older one than was seen before. What is wrong with
the file is told to `alarm`, once for each reading; what was read before stays in force until it is over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256

from certs.clock import SKEW_ALLOWED
from certs.errors import CertError, NotPemError
from certs.files import read_public
from certs.refusals import Refusal

REREAD_EVERY: Final = timedelta(minutes=1)
GRACE_AFTER_NEXT_UPDATE: Final = timedelta(hours=1)
_BEGIN: Final = b"-----BEGIN X509 CRL-----"

_MALFORMED: Final = (
    ValueError,
    x509.InvalidVersion,
)  # what cryptography raises, some of it when a part is asked for

ReadFile = Callable[[Path], bytes]  # raises CertError
Alarm = Callable[[str], None]  # what an operator must see; certificates and files are named, nothing else
IssuerId = str  # of one certificate of a CA
Link = tuple[IssuerId, int]  # who issued a certificate, and its serial number


@dataclass(frozen=True)
class _RevocationList:
    issuer: str
    revoked: frozenset[int]
    last_update: datetime
    next_update: datetime


def issuer_id(issuer: x509.Certificate) -> IssuerId:
    return issuer.fingerprint(SHA256()).hex()


class RevocationLists:
    """One file with a list of each CA, PEM or DER; checked by many threads."""

    def __init__(
        self,
        path: Path,
        *,
        issuers: Sequence[x509.Certificate],
        now: datetime,
        alarm: Alarm,
        read: ReadFile = read_public,
    ) -> None:
        """Reads the file; one that is no list of any of `issuers` is a CertError."""
        self._path = path
        self._issuers = issuers
        self._alarm = alarm
        self._read = read
        self._lock = Lock()
        self._content = read(path)
        self._lists: Mapping[IssuerId, _RevocationList] = {}
        for crl in _read_lists(self._content, path):
            self._take(crl, now)
        self._read_at = now
        self._told: set[str] = set()

    def fault(self, links: Sequence[Link], *, now: datetime) -> Refusal | None:
        """Of a chain, the signer's link first. Its issuer must have a list; those above it may have one."""
        self.refresh(now)
        lists = self._lists
        if links[0][0] not in lists:
            return Refusal.REVOCATION_UNKNOWN
        for issuer, serial in links:
            listed = lists.get(issuer)
            if listed is None:
                continue
            if serial in listed.revoked:
                return Refusal.REVOKED
            if now > listed.next_update + GRACE_AFTER_NEXT_UPDATE:
                self._tell(_over(listed))
                return Refusal.REVOCATION_STALE
        return None

    def refresh(self, now: datetime) -> None:
        """Read the file again if its minute is over, or the clock stepped back. Never raises for the file.

        Called by whoever checks; a worker that calls it more often keeps the file off their threads.
        """
        with self._lock:  # one thread reads, the others go on with what was read before
            if timedelta(0) <= now - self._read_at < REREAD_EVERY:
                return
            self._read_at = now
        self._told = set()
        self._reread(now)
        for listed in self._lists.values():
            if now > listed.next_update:
                self._tell(_over(listed))

    def _reread(self, now: datetime) -> None:
        """One bad list holds up no other of the file."""
        try:
            content = self._read(self._path)
            if content == self._content:
                return
            crls = _read_lists(content, self._path)
        except CertError as error:
            self._tell(_kept(error))
            return
        for crl in crls:
            try:
                self._take(crl, now)
            except CertError as error:
                self._tell(_kept(error))
                content = b""  # so that it is looked at again
        self._content = content

    def _take(self, crl: x509.CertificateRevocationList, now: datetime) -> None:
        signers = [issuer_id(one) for one in self._issuers if _signed(one, crl)]
        if not signers:
            raise _unfit(self._path, f"no trusted CA signed the list of {crl.issuer.rfc4514_string()}")
        listed = _checked(crl, self._path, now)
        held = self._lists.get(signers[0])
        if held is not None and listed.last_update < held.last_update:
            raise _unfit(self._path, f"the list of {listed.issuer} is older than the last one")
        self._lists = {**self._lists, **dict.fromkeys(signers, listed)}  # a CA may have several certificates

    def _tell(self, fault: str) -> None:
        if fault not in self._told:
            self._told.add(fault)
            self._alarm(fault)


def _kept(error: CertError) -> str:
    return f"{error.what}: {error.why}; what was read before stays in force"


def _over(listed: _RevocationList) -> str:
    return f"revocation list of {listed.issuer}: a new one was due at {listed.next_update.isoformat()}"


def _read_lists(content: bytes, path: Path) -> list[x509.CertificateRevocationList]:
    """The newest last, for a file that keeps older ones too."""
    try:
        if _BEGIN in content:
            crls = [x509.load_pem_x509_crl(_BEGIN + block) for block in content.split(_BEGIN)[1:]]
        else:
            crls = [x509.load_der_x509_crl(content)]
        return sorted(crls, key=lambda crl: (crl.last_update_utc, crl.issuer.public_bytes()))
    except _MALFORMED as error:
        raise _unfit(path, "it holds no revocation list in PEM or DER") from error


def _signed(issuer: x509.Certificate, crl: x509.CertificateRevocationList) -> bool:
    if issuer.subject != crl.issuer:
        return False
    try:
        return crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other keys: TypeError
    except (TypeError, UnsupportedAlgorithm):  # a kind of key that signs no lists here
        return False


def _checked(crl: x509.CertificateRevocationList, path: Path, now: datetime) -> _RevocationList:
    """RFC 5280 §5.2: a list with an unknown critical extension (partial, indirect, delta) may not be used."""
    if crl.last_update_utc > now + SKEW_ALLOWED:  # it would keep out every list that comes before its time
        raise _unfit(
            path, f"the list of {crl.issuer.rfc4514_string()} is of the future, or this clock is behind"
        )
    if crl.next_update_utc is None:
        raise _unfit(path, f"the list of {crl.issuer.rfc4514_string()} does not say when the next one is due")
    if any(extension.critical for extension in crl.extensions):
        raise _unfit(
            path, f"the list of {crl.issuer.rfc4514_string()} has a critical extension, so it is partial"
        )
    return _RevocationList(
        issuer=crl.issuer.rfc4514_string(),
        revoked=frozenset(entry.serial_number for entry in crl),
        last_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
    )


def _unfit(path: Path, why: str) -> NotPemError:
    return NotPemError(
        f"revocation list {path}",
        why=why,
        to_do="Put the complete, current list of each participant's CA there.",
    )
