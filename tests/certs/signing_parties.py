"""Throw-away CAs and certificates of every kind, good and bad, for what verifies signatures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certs.algorithms import signing
from certs.keys import SigningKey, write_new_key
from certs.participants import Participants
from certs.revocation import RevocationLists
from certs.signer import Signer

_CRL_PATH = Path("participants.crl")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def usage(*allowed: str) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: name in allowed for name in names})


SIGNS = (x509.BasicConstraints(ca=False, path_length=None), usage("digital_signature"))
IS_CA = (x509.BasicConstraints(ca=True, path_length=None), usage("key_cert_sign", "crl_sign"))


@dataclass(frozen=True)
class Party:
    """A key and the certificate that somebody issued for it."""

    key: SigningKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def pin(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def signer(self) -> Signer:
        return Signer(self.certificate, *signing(self.key))

    def issue(
        self,
        name: str,
        *,
        now: datetime,
        key: Any = None,
        begins: timedelta = -DAY,
        ends: timedelta = 365 * DAY,
        extensions: Sequence[x509.ExtensionType] = SIGNS,
        critical: Callable[[x509.ExtensionType], bool] = lambda _: True,
    ) -> "Party":
        key = key or p256()
        certificate = _certificate(
            name,
            key,
            self.certificate.subject,
            self.key,
            times=(now + begins, now + ends),
            extensions=extensions,
            critical=critical,
        )
        return Party(key, certificate)

    def list_of_revoked(
        self,
        *revoked: "Party",
        last_update: datetime,
        next_update: datetime | None,
        extensions: Sequence[x509.ExtensionType] = (),
    ) -> bytes:
        """A PEM CRL."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(last_update).next_update(next_update or last_update)
        for party in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(party.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(last_update).build())
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM)


def new_ca(name: str, *, now: datetime, key: Any = None) -> Party:
    key = key or p256()
    own = _name(name)
    times = (now - 10 * DAY, now + 3650 * DAY)
    return Party(
        key, _certificate(name, key, own, key, times=times, extensions=IS_CA, critical=lambda _: True)
    )


def _certificate(
    name: str, key: SigningKey, issuer: x509.Name, issuer_key: SigningKey, *, times, extensions, critical
) -> x509.Certificate:
    begins, ends = times
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=critical(extension))
    return builder.sign(issuer_key, SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass
class Stage:
    """A platform and a bank under one CA with a revocation list, and everybody who would like to be them."""

    now: datetime
    rsa: bool = False  # the kind of the platform's key
    leaf: str = "IBAN"  # an element with text of a document that is attacked, where things are put into

    def opened(self, attribute: str = "") -> bytes:
        return f"<{self.leaf} {attribute}>".replace(" >", ">").encode()

    @property
    def closed(self) -> bytes:
        return f"</{self.leaf}>".encode()

    @cached_property
    def ca(self) -> Party:
        return new_ca("Participants CA", now=self.now)

    @cached_property
    def branch_ca(self) -> Party:
        """An intermediate that settings name."""
        return self.ca.issue("Branch CA", now=self.now, extensions=IS_CA)

    @cached_property
    def foreign_ca(self) -> Party:
        return new_ca("Foreign CA", now=self.now)

    @cached_property
    def platform(self) -> Party:
        return self.issue("platform", key=rsa_key() if self.rsa else None)

    @cached_property
    def bank(self) -> Party:
        return self.issue("bank")

    @cached_property
    def nobody(self) -> Party:
        return self.issue("nobody")

    @cached_property
    def revoked(self) -> Party:
        return self.issue("revoked")

    def issue(self, name: str, **more: Any) -> Party:
        return self.ca.issue(name, now=self.now, **more)

    @property
    def pins(self) -> dict[str, list[str]]:
        """As settings have them; the platform is rolling over from a certificate that is revoked by now."""
        return {"PLATFORM": [self.platform.pin, self.revoked.pin], "BANK": [self.bank.pin]}

    @cached_property
    def crl(self) -> bytes:
        """PEM; over in a day."""
        return self.ca.list_of_revoked(self.revoked, last_update=self.now - HOUR, next_update=self.now + DAY)

    def participants(
        self,
        *,
        crl: bytes | None = None,
        alarm: Callable[[str], None] = print,
        pins: dict[str, list[str]] | None = None,
    ) -> Participants:
        authorities, between = [self.ca.certificate], [self.branch_ca.certificate]
        lists = RevocationLists(
            _CRL_PATH,
            issuers=[*authorities, *between],
            now=self.now,
            alarm=alarm,
            read=lambda _: self.crl if crl is None else crl,
        )
        return Participants(
            self.pins if pins is None else pins,
            authorities=authorities,
            intermediates=between,
            revocation=lists,
        )

    def write(self, folder: Path) -> dict[str, Path]:
        """The files that settings name: ca, intermediates, crl; each party's are `PARTY.pem` and `PARTY.key`."""
        files = {
            "ca": self.ca.pem,
            "intermediates": self.branch_ca.pem,
            "crl": self.crl,
        }
        for name, content in files.items():
            (folder / f"{name}.pem").write_bytes(content)
        for name, party in (("platform", self.platform), ("bank", self.bank)):
            (folder / f"{name}.pem").write_bytes(party.pem)
            write_new_key(folder / f"{name}.key", party.key)
        return {name: folder / f"{name}.pem" for name in files}
