from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.authority import Authority
from certs.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyDoesNotFitError,
    NotIssuedByError,
    NotPemError,
    PassphraseUnavailableError,
    UnfitRequestError,
    WrongKeyUsageError,
)
from certs.issued import checked_chain, read_issued
from certs.keys import KINDS, load_private_key
from certs.passphrases import credential
from certs.pkcs12 import pkcs12_of, read_pkcs12
from certs.requests import Subject, new_request, read_request
from certs.throwaway import ThrowawayCa
from certs.tls import trusted_certificates

Now = Callable[[], datetime]


@pytest.fixture
def issued(throwaway_ca: ThrowawayCa):
    return throwaway_ca.issue("10001", server_names=())


def check(issued, ca: Path, at: datetime):
    return checked_chain(
        read_issued(issued.certificate.read_bytes()),
        load_private_key(issued.key),
        authorities=trusted_certificates(ca),
        now=at,
    )


def test_a_certificate_is_read_in_every_form_that_a_ca_hands_out(issued) -> None:
    pem = issued.certificate.read_bytes()
    [certificate] = read_issued(pem)
    forms = [certificate.public_bytes(Encoding.DER)]
    forms += [pkcs7.serialize_certificates([certificate], form) for form in (Encoding.PEM, Encoding.DER)]
    assert [read_issued(form) for form in forms] == [[certificate]] * 3
    with pytest.raises(NotPemError, match="PKCS#7"):
        read_issued(b"nothing of the kind")


def test_what_fits_its_key_its_ca_its_time_and_its_use_is_taken(issued, throwaway_ca, system_time) -> None:
    [own] = check(issued, throwaway_ca.ca_path, system_time())
    assert own.subject.rfc4514_string() == "CN=10001"


def test_a_certificate_of_a_foreign_ca_is_refused(issued, foreign_ca, system_time) -> None:
    with pytest.raises(NotIssuedByError, match="Throw-away CA"):
        check(issued, foreign_ca.ca_path, system_time())


def test_a_certificate_for_another_key_is_refused(issued, throwaway_ca, system_time) -> None:
    other = issued._replace(key=throwaway_ca.issue("10001").key)
    with pytest.raises(KeyDoesNotFitError, match="requested here"):
        check(other, throwaway_ca.ca_path, system_time())


def test_a_certificate_for_servers_only_is_refused(throwaway_ca, system_time) -> None:
    server = throwaway_ca.issue("10001", purposes=[ExtendedKeyUsageOID.SERVER_AUTH])
    with pytest.raises(WrongKeyUsageError, match="clientAuth"):
        check(server, throwaway_ca.ca_path, system_time())


def test_a_certificate_that_is_over_or_has_not_begun_is_refused(throwaway_ca, issued, system_time) -> None:
    over = throwaway_ca.issue("10001", lasts=timedelta(days=-1))
    with pytest.raises(CertificateExpiredError):
        check(over, throwaway_ca.ca_path, system_time())
    with pytest.raises(CertificateNotYetValidError, match="that day"):
        check(issued, throwaway_ca.ca_path, system_time() - timedelta(days=1))


def test_an_intermediate_leads_to_the_ca_and_a_certificate_that_may_not_sign_does_not(
    tmp_path: Path, system_time: Now
) -> None:
    now = system_time()
    root = Authority.make(tmp_path / "ca.pem", tmp_path / "ca.key", name="Root", now=now)
    middle, leaf = KINDS["p-256"](), KINDS["p-256"]()
    request = read_request(new_request(leaf, Subject("10001")), common_name="10001")
    not_a_ca = root.issue_to_server(middle, names=["middle"], now=now, lasts=timedelta(days=9))
    own = Authority(not_a_ca, middle).issue_to_terminal(
        request, terminal="10001", now=now, lasts=timedelta(days=1)
    )
    with pytest.raises(NotIssuedByError):
        checked_chain([own, not_a_ca], leaf, authorities=[root.certificate], now=now)


def test_a_request_carries_the_subject_that_e_port_wants() -> None:
    subject = Subject("10001", organization="Tolem Bank", country="KZ")
    for kind in KINDS.values():
        request = read_request(new_request(kind(), subject), common_name="10001")
        assert request.subject.rfc4514_string() == "CN=10001,O=Tolem Bank,C=KZ"
    with pytest.raises(UnfitRequestError, match="length"):
        new_request(KINDS["p-256"](), Subject("10001", country="Kazakhstan"))


def test_a_request_that_may_not_be_signed_is_refused() -> None:
    pem = new_request(KINDS["p-256"](), Subject("ATM00017"))
    with pytest.raises(UnfitRequestError, match="CN is not ATM00018"):
        read_request(pem, common_name="ATM00018")
    with pytest.raises(UnfitRequestError, match="PKCS#10"):
        read_request(b"nothing", common_name="ATM00017")
    weak = new_request(rsa.generate_private_key(65537, 1024), Subject("ATM00017"))
    with pytest.raises(UnfitRequestError, match="2048"):
        read_request(weak, common_name="ATM00017")
    der = bytearray(x509.load_pem_x509_csr(pem).public_bytes(Encoding.DER))
    der[-1] ^= 1
    tampered = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)
    with pytest.raises(UnfitRequestError, match="signature"):
        read_request(tampered, common_name="ATM00017")


def test_a_pkcs12_file_goes_in_and_out(issued) -> None:
    chain, key = read_issued(issued.certificate.read_bytes()), load_private_key(issued.key)
    content = pkcs12_of(key, chain, b"passphrase")
    read_key, read_chain = read_pkcs12(content, b"passphrase")
    assert (read_key.public_key(), read_chain) == (key.public_key(), chain)
    with pytest.raises(NotPemError, match="PKCS#12"):
        read_pkcs12(content, b"another")


def test_a_passphrase_comes_from_the_services_credentials(tmp_path: Path) -> None:
    (tmp_path / "eport-key").write_bytes(b"correct horse\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert credential("eport-key", environ=environ) == b"correct horse"
    for wrong in ({}, {"CREDENTIALS_DIRECTORY": str(tmp_path / "nowhere")}):
        with pytest.raises(PassphraseUnavailableError, match="LoadCredential=eport-key"):
            credential("eport-key", environ=wrong)
