"""A CA that lives as long as a test or a demo. Its own key exists in memory only."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.keys import new_private_key

LIFE = timedelta(days=365)
CLOCK_SKEW = timedelta(minutes=5)
BOTH_SIDES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


class Issued(NamedTuple):
    """Paths of one issued certificate and its key; unpacks as a pair."""

    certificate: Path
    key: Path


class ThrowawayCa:
    """Issues certificates for the sandbox and for tests, never for a node that moves money.

    Everything it writes goes to `folder`; what an earlier throw-away CA left there is replaced.
    `now` is the real clock wherever a handshake follows: OpenSSL reads no other.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime], name: str = "Throw-away CA") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_path = folder / "ca.pem"
        self._folder = folder
        self._now = now
        self._issued = 0
        self._name = _common_name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = self._builder(self._name, self._key.public_key(), LIFE)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(_usage(signs_certificates=True), critical=True)
        self._write(self.ca_path, own)

    def issue(
        self,
        common_name: str,
        *,
        server_names: Sequence[str] = ("localhost", "127.0.0.1"),
        purposes: Sequence[x509.ObjectIdentifier] = BOTH_SIDES,
        lasts: timedelta = LIFE,
    ) -> Issued:
        """Make a key and a certificate for it. `server_names` are host names and IP addresses.

        Its time begins five minutes before `now`; a negative `lasts` gives one that is over.
        """
        self._issued += 1
        stem = f"{re.sub('[^0-9A-Za-z._-]', '_', common_name)}-{self._issued}"
        issued = Issued(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        issued.key.unlink(missing_ok=True)
        key = new_private_key(issued.key)
        leaf = self._builder(_common_name(common_name), key.public_key(), lasts)
        leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        leaf = leaf.add_extension(_usage(signs_certificates=False), critical=True)
        leaf = leaf.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        if server_names:
            names = [_general_name(name) for name in server_names]
            leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self._write(issued.certificate, leaf)
        return issued

    def sign(self, request: x509.CertificateSigningRequest, *, lasts: timedelta = LIFE) -> bytes:
        """PEM of a client's certificate for somebody else's key, with the subject that it asks for."""
        leaf = self._builder(request.subject, request.public_key(), lasts)
        leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        leaf = leaf.add_extension(_usage(signs_certificates=False), critical=True)
        leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        return leaf.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def _builder(
        self, subject: x509.Name, public_key: CertificatePublicKeyTypes, lasts: timedelta
    ) -> x509.CertificateBuilder:
        ends = self._now() + lasts
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(self._now(), ends) - CLOCK_SKEW)
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(issuer_key, critical=False)
        )

    def _write(self, path: Path, certificate: x509.CertificateBuilder) -> None:
        path.write_bytes(certificate.sign(self._key, SHA256()).public_bytes(Encoding.PEM))


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


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
