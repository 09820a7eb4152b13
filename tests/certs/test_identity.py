from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certs.errors import (
    CertError,
    CertificateExpiredError,
    CertificateNotYetValidError,
    FileUnreadableError,
    KeyDoesNotFitError,
    NotPemError,
    WrongKeyUsageError,
)
from certs.identity import Identity
from certs.keys import load_private_key
from certs.throwaway import ThrowawayCa

Now = Callable[[], datetime]


def test_an_identity_knows_its_name_and_its_time(throwaway_ca: ThrowawayCa, system_time: Now) -> None:
    identity = Identity.load(*throwaway_ca.issue("ATM00017"), now=system_time)
    assert identity.common_name == "ATM00017"
    assert identity.not_before < system_time() < identity.not_after


def test_a_key_of_another_certificate_is_refused(throwaway_ca: ThrowawayCa, system_time: Now) -> None:
    one, other = throwaway_ca.issue("one"), throwaway_ca.issue("other")
    with pytest.raises(KeyDoesNotFitError, match=r"issued for another key.*Put back"):
        Identity.load(one.certificate, other.key, now=system_time)


def test_a_certificate_that_is_over_is_refused(throwaway_ca: ThrowawayCa, system_time: Now) -> None:
    with pytest.raises(CertificateExpiredError, match=r"it ended at .* Check this machine's clock"):
        Identity.load(*throwaway_ca.issue("late", lasts=timedelta(days=-1)), now=system_time)


def test_a_certificate_that_has_not_begun_is_refused(throwaway_ca: ThrowawayCa, system_time: Now) -> None:
    with pytest.raises(CertificateNotYetValidError, match="it begins at"):
        Identity.load(*throwaway_ca.issue("early"), now=lambda: system_time() - timedelta(days=1))


def test_a_certificate_is_good_from_its_first_second_to_its_last(
    throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    files = throwaway_ca.issue("node")
    identity = Identity.load(*files, now=system_time)
    assert Identity.load(*files, now=lambda: identity.not_before) == identity
    assert Identity.load(*files, now=lambda: identity.not_after) == identity


def test_the_nodes_own_certificate_stands_first_before_its_intermediates(
    throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    files = throwaway_ca.issue("node")
    files.certificate.write_bytes(files.certificate.read_bytes() + throwaway_ca.ca_path.read_bytes())
    assert Identity.load(*files, now=system_time).common_name == "node"


def test_a_key_usage_without_signing_is_refused(
    tmp_path: Path, throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    _, key = throwaway_ca.issue("node")
    certificate = tmp_path / "node.pem"
    certificate.write_bytes(_certificate_for_key_agreement_only(key, system_time()))
    with pytest.raises(WrongKeyUsageError, match="lacks digitalSignature"):
        Identity.load(certificate, key, now=system_time)


@pytest.mark.parametrize("content", [b"", b"neither", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_file_without_a_certificate_is_refused(
    tmp_path: Path, throwaway_ca: ThrowawayCa, system_time: Now, content: bytes
) -> None:
    certificate = tmp_path / "node.pem"
    certificate.write_bytes(content)
    with pytest.raises(NotPemError, match="holds no certificate"):
        Identity.load(certificate, throwaway_ca.issue("node").key, now=system_time)


def test_a_missing_certificate_is_named(tmp_path: Path, throwaway_ca: ThrowawayCa, system_time: Now) -> None:
    with pytest.raises(FileUnreadableError, match=r"absent\.pem"):
        Identity.load(tmp_path / "absent.pem", throwaway_ca.issue("node").key, now=system_time)


def test_every_error_says_what_why_and_what_to_do() -> None:
    error = CertError("certificate node.pem", why="it ended", to_do="Install a new one.")
    assert str(error) == "certificate node.pem: it ended. Install a new one."
    assert (error.what, error.why, error.to_do) == (
        "certificate node.pem",
        "it ended",
        "Install a new one.",
    )


def _certificate_for_key_agreement_only(key: Path, now: datetime) -> bytes:
    private_key = load_private_key(key)
    assert isinstance(private_key, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "node")])
    usage = dict.fromkeys(
        ("digital_signature", "key_cert_sign", "crl_sign", "content_commitment", "key_encipherment"), False
    )
    usage |= dict.fromkeys(("data_encipherment", "encipher_only", "decipher_only"), False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.KeyUsage(key_agreement=True, **usage), critical=True)
        .sign(private_key, SHA256())
        .public_bytes(Encoding.PEM)
    )
