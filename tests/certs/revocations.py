"""A revocation list with one certificate on it."""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certs.keys import load_private_key


def revocation_list(path: Path, own: x509.Certificate, ca_key: Path, *, now: datetime) -> Path:
    """Written to `path`, signed by the key of the CA that issued `own`, good for a day."""
    revoked = x509.RevokedCertificateBuilder().serial_number(own.serial_number).revocation_date(now)
    listed = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(own.issuer)
        .last_update(now - timedelta(days=1))
        .next_update(now + timedelta(days=1))
        .add_revoked_certificate(revoked.build())
        .sign(load_private_key(ca_key), SHA256())
    )
    path.write_bytes(listed.public_bytes(Encoding.PEM))
    return path
