from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certs import tls
from certs.authority import CLOCK_SKEW, Authority
from certs.errors import KeyDoesNotFitError, KeyFileExistsError, PassphraseUnavailableError
from certs.identity import Identity
from certs.issued import read_issued
from certs.keys import KINDS, load_private_key, write_new_key
from certs.pair import Pair
from certs.presented import Presented
from certs.requests import Subject, new_request, read_request
from certs.throwaway import ThrowawayCa

Now = Callable[[], datetime]
DAY = timedelta(days=1)


def make(folder: Path, now: datetime, **more) -> Authority:
    return Authority.make(folder / "ca.pem", folder / "ca.key", name="Terminals", now=now, **more)


def test_a_terminals_certificate_lets_it_in_and_nothing_else(
    tmp_path: Path, system_time: Now, shake_hands
) -> None:
    ca, now = make(tmp_path, system_time()), system_time()
    server_key, key = KINDS["p-256"](), KINDS["rsa-2048"]()
    server = ca.issue_to_server(server_key, names=["localhost", "127.0.0.1"], now=now, lasts=DAY)
    request = read_request(
        new_request(key, Subject("ATM00017", organization="Somebody")), common_name="ATM00017"
    )
    own = ca.issue_to_terminal(request, terminal="ATM00017", now=now, lasts=DAY)
    assert own.subject.rfc4514_string() == "CN=ATM00017"
    for name, certificate, its_key in (("server", server, server_key), ("own", own, key)):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        write_new_key(tmp_path / f"{name}.key", its_key)
    gateway = Identity.load(tmp_path / "server.pem", tmp_path / "server.key", now=system_time)
    terminal = Identity.load(tmp_path / "own.pem", tmp_path / "own.key", now=system_time)
    _, seen = shake_hands(
        tls.client_context(tmp_path / "ca.pem", terminal),
        tls.server_context(gateway, tmp_path / "ca.pem"),
    )
    assert tls.peer_common_name(seen) == "ATM00017"
    assert terminal.not_after - terminal.not_before == DAY + CLOCK_SKEW


def test_nothing_outlives_the_ca(tmp_path: Path, system_time: Now) -> None:
    ca = make(tmp_path, system_time())
    request = read_request(new_request(KINDS["p-256"](), Subject("ATM1")), common_name="ATM1")
    own = ca.issue_to_terminal(request, terminal="ATM1", now=system_time(), lasts=DAY * 10_000)
    assert own.not_valid_after_utc == ca.certificate.not_valid_after_utc


def test_a_ca_is_never_replaced(tmp_path: Path, system_time: Now) -> None:
    make(tmp_path, system_time())
    before = (tmp_path / "ca.key").read_bytes()
    with pytest.raises(KeyFileExistsError, match="every terminal's"):
        make(tmp_path, system_time())
    assert (tmp_path / "ca.key").read_bytes() == before


def test_a_ca_with_a_passphrase_needs_it(tmp_path: Path, system_time: Now) -> None:
    make(tmp_path, system_time(), passphrase=lambda: b"right")
    files = (tmp_path / "ca.pem", tmp_path / "ca.key")
    assert Authority.load(*files, passphrase=lambda: b"right").certificate
    with pytest.raises(PassphraseUnavailableError, match="does not open it"):
        Authority.load(*files, passphrase=lambda: b"wrong")


def test_files_that_are_no_ca_together_are_refused(
    tmp_path: Path, system_time: Now, throwaway_ca: ThrowawayCa
) -> None:
    make(tmp_path, system_time())
    with pytest.raises(KeyDoesNotFitError, match="terminals ca"):
        Authority.load(tmp_path / "ca.pem", throwaway_ca.issue("x").key)


def test_new_files_are_taken_for_new_connections(
    tmp_path: Path, throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    first, second = throwaway_ca.issue("10001"), throwaway_ca.issue("10001")
    presented = Presented(Pair(*first), throwaway_ca.ca_path)
    before = presented.context
    assert presented.refresh() is False
    presented.pair.stage(read_issued(second.certificate.read_bytes()), load_private_key(second.key))
    staged = presented.staged()
    assert presented.refresh() is False, "what is staged is not in use"
    assert presented.accept(staged)
    assert not presented.accept(staged), "nothing is staged any more"
    assert presented.context is staged.context is not before
    assert presented.refresh() is False
    first.key.write_bytes(throwaway_ca.issue("10001").key.read_bytes())
    with pytest.raises(KeyDoesNotFitError):
        presented.refresh()
    assert presented.context is staged.context
