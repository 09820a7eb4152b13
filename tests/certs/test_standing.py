"""Every cause by its name: from our own files and clock, and from what a real handshake says."""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certs import tls
from certs.authority import Authority
from certs.causes import Cause, tls_fault
from certs.clock import RELEASED_AT, clock_fault
from certs.errors import NotPemError
from certs.identity import Identity
from certs.keys import load_private_key
from certs.requests import Subject, new_request, read_request
from certs.standing import standing_of
from certs.throwaway import ThrowawayCa

Now = Callable[[], datetime]
YEAR = timedelta(days=365)


@pytest.fixture
def crl_of(tmp_path: Path, system_time: Now):
    """`crl_of(authority, key_file, serial…)`: a revocation list that names these."""

    def make(authority: Authority, key: Path, *serials: int, ends=timedelta(days=1)) -> Path:
        now = system_time()
        builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
        builder = builder.last_update(now - timedelta(days=2)).next_update(now + ends)
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
            builder = builder.add_revoked_certificate(revoked)
        path = tmp_path / "ca.crl"
        path.write_bytes(builder.sign(load_private_key(key), SHA256()).public_bytes(Encoding.PEM))
        return path

    return make


@pytest.fixture
def authority(tmp_path: Path, system_time: Now) -> Authority:
    return Authority.make(tmp_path / "ca.pem", tmp_path / "ca.key", name="CA", now=system_time())


def test_a_good_certificate_has_days_left_and_no_cause(throwaway_ca: ThrowawayCa, system_time: Now) -> None:
    identity = Identity.read(*throwaway_ca.issue("10001"))
    standing = standing_of(identity, now=system_time(), ca=throwaway_ca.ca_path)
    assert (standing.days_left, standing.cause) == (364, None)


def test_an_expired_certificate_is_expired_while_nothing_speaks_against_the_clock(
    throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    identity = Identity.read(*throwaway_ca.issue("10001", lasts=timedelta(days=-3)))
    standing = standing_of(identity, now=system_time(), ca=throwaway_ca.ca_path)
    assert (standing.days_left, standing.cause) == (-4, Cause.EXPIRED)
    assert "it ended at" in standing.detail


@pytest.mark.parametrize("wrong", [-2 * YEAR, 20 * YEAR])
def test_a_clock_that_cannot_be_right_is_blamed_and_not_the_certificate(
    throwaway_ca: ThrowawayCa, system_time: Now, wrong: timedelta
) -> None:
    identity = Identity.read(*throwaway_ca.issue("10001"))
    standing = standing_of(identity, now=system_time() + wrong, ca=throwaway_ca.ca_path)
    assert standing.cause is Cause.CLOCK_BROKEN
    assert "the clock says" in standing.detail


def test_the_other_sides_clock_is_a_witness_too() -> None:
    now = RELEASED_AT + YEAR
    assert clock_fault(now) is None
    assert clock_fault(now, others_time=now + timedelta(minutes=4)) is None
    assert "the other side's" in clock_fault(now, others_time=now - timedelta(minutes=6))
    assert "which is over" in clock_fault(now, known_past=now + timedelta(minutes=6))


def test_our_own_revoked_certificate_is_found_in_the_list(authority, crl_of, tmp_path, system_time) -> None:
    key = ThrowawayCa(tmp_path / "other", now=system_time).issue("10001").key
    request = read_request(new_request(load_private_key(key), Subject("10001")), common_name="10001")
    own = authority.issue_to_terminal(request, terminal="10001", now=system_time(), lasts=YEAR)
    path = tmp_path / "own.pem"
    path.write_bytes(own.public_bytes(Encoding.PEM))
    identity = Identity.read(path, key)
    free, listed = (
        standing_of(identity, now=system_time(), crl=crl_of(authority, tmp_path / "ca.key", serial))
        for serial in (1, own.serial_number)
    )
    assert (free.cause, listed.cause) == (None, Cause.REVOKED)


def failing(shake_hands, *contexts, **more):
    with pytest.raises(ssl.SSLError) as caught:
        shake_hands(*contexts, **more)
    return tls_fault(caught.value)


def test_what_is_wrong_with_a_server_is_named(throwaway_ca, foreign_ca, system_time, shake_hands) -> None:
    good, over = (
        tls.server_context(Identity.read(*throwaway_ca.issue("e-port", lasts=lasts)))
        for lasts in (YEAR, timedelta(days=-1))
    )
    trusting = tls.client_context(throwaway_ca.ca_path)
    named = {
        Cause.EXPIRED: failing(shake_hands, trusting, over),
        Cause.WRONG_NAME: failing(shake_hands, trusting, good, name="other.example"),
        Cause.FOREIGN_CA: failing(shake_hands, tls.client_context(foreign_ca.ca_path), good),
    }
    assert {cause: (fault.cause, fault.ours) for cause, fault in named.items()} == {
        cause: (cause, False) for cause in named
    }


def test_a_server_from_the_future_means_that_a_clock_is_wrong(tmp_path, system_time, shake_hands) -> None:
    ahead = ThrowawayCa(tmp_path, now=lambda: system_time() + timedelta(days=3))
    fault = failing(
        shake_hands,
        tls.client_context(ahead.ca_path),
        tls.server_context(Identity.read(*ahead.issue("e-port"))),
    )
    assert fault.cause is Cause.CLOCK_BROKEN


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_a_server_does_not_like_about_us_is_named(
    throwaway_ca, foreign_ca, shake_hands, version
) -> None:
    server = tls.server_context(Identity.read(*throwaway_ca.issue("e-port")), throwaway_ca.ca_path)
    cases = {
        Cause.EXPIRED: throwaway_ca.issue("10001", lasts=timedelta(days=-1)),
        Cause.FOREIGN_CA: foreign_ca.issue("10001"),
    }
    for cause, issued in cases.items():
        context = tls.client_context(throwaway_ca.ca_path, Identity.read(*issued))
        context.maximum_version = version
        with pytest.raises(ssl.SSLError) as caught:
            alerted(context, server)
        assert (tls_fault(caught.value).cause, tls_fault(caught.value).ours) == (cause, True)


def alerted(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """A handshake that the server ends; what the client reads of it is raised."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    listener = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(5):
        for side in (caller, listener):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                if side is caller:
                    raise
    caller.read()


def test_a_revoked_server_and_a_list_that_is_over_are_named(
    authority, crl_of, tmp_path, throwaway_ca, system_time, shake_hands
) -> None:
    key = throwaway_ca.issue("e-port").key
    own = authority.issue_to_server(load_private_key(key), names=["localhost"], now=system_time(), lasts=YEAR)
    path = tmp_path / "server.pem"
    path.write_bytes(own.public_bytes(Encoding.PEM))
    server = tls.server_context(Identity.read(path, key))
    for serials, ends in (((own.serial_number,), 1), ((), -1)):
        crl = crl_of(authority, tmp_path / "ca.key", *serials, ends=timedelta(days=ends))
        fault = failing(shake_hands, tls.client_context(tmp_path / "ca.pem", crl=crl), server)
        assert fault.cause is Cause.REVOKED
    clean = crl_of(authority, tmp_path / "ca.key")
    shake_hands(tls.client_context(tmp_path / "ca.pem", crl=clean), server)


def test_a_file_that_is_no_revocation_list_is_refused(tmp_path: Path, throwaway_ca: ThrowawayCa) -> None:
    (tmp_path / "ca.crl").write_text("nothing")
    with pytest.raises(NotPemError, match="openssl crl"):
        tls.client_context(throwaway_ca.ca_path, crl=tmp_path / "ca.crl")


def test_a_failure_that_is_no_certificates_fault_has_no_cause() -> None:
    assert tls_fault(ConnectionRefusedError()) is None
    assert tls_fault(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong")) is None
