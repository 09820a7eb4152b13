"""A listener's certificate is exchanged while it listens: each connection is shown the pair in use."""

import ssl
from pathlib import Path

import pytest

from certs.errors import CertError
from certs.identity import Identity
from certs.pair import Pair
from certs.shown import Shown
from certs.throwaway import Issued, ThrowawayCa
from certs.tls import client_context, peer_certificate, peer_common_name


def install(issued: Issued, pair: Pair) -> None:
    for source, target in zip(issued, (pair.certificate, pair.key), strict=True):
        target.touch(mode=0o600)
        target.write_bytes(source.read_bytes())


@pytest.fixture
def pair(tmp_path: Path, throwaway_ca: ThrowawayCa) -> Pair:
    pair = Pair(tmp_path / "gateway.pem", tmp_path / "gateway.key")
    install(throwaway_ca.issue("gateway"), pair)
    return pair


@pytest.fixture
def terminal(throwaway_ca: ThrowawayCa) -> ssl.SSLContext:
    own = throwaway_ca.issue("ATM00017", server_names=())
    return client_context(throwaway_ca.ca_path, Identity.read(*own))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])  # an IP address is no server name in a hello
def test_every_new_connection_is_shown_the_newest_pair(
    pair, throwaway_ca, terminal, shake_hands, name
) -> None:
    shown = Shown(pair)
    listener = shown.listener(throwaway_ca.ca_path)
    before, _ = shake_hands(terminal, listener, name=name)
    assert shown.refresh() is False
    newer = throwaway_ca.issue("gateway")
    install(newer, pair)
    assert shown.refresh() is True
    after, server = shake_hands(terminal, listener, name=name)
    assert peer_certificate(before) != peer_certificate(after)
    assert shown.identity.fingerprint == Identity.read(*newer).fingerprint
    assert peer_common_name(server) == "ATM00017", "clients are asked for theirs as before"


def test_who_may_come_in_is_exchanged_too(
    pair, tmp_path, throwaway_ca, foreign_ca, terminal, shake_hands
) -> None:
    trusted = tmp_path / "terminals.pem"
    trusted.write_bytes(foreign_ca.ca_path.read_bytes())
    shown = Shown(pair)
    listener = shown.listener(trusted)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(terminal, listener)
    trusted.write_bytes(foreign_ca.ca_path.read_bytes() + throwaway_ca.ca_path.read_bytes())
    assert shown.refresh() is True
    assert peer_common_name(shake_hands(terminal, listener)[1]) == "ATM00017"


def test_files_that_do_not_fit_change_nothing_for_any_listener(
    pair, throwaway_ca, terminal, shake_hands
) -> None:
    shown = Shown(pair)
    listeners = shown.listener(throwaway_ca.ca_path), shown.listener()
    before = shown.identity
    pair.certificate.write_bytes(throwaway_ca.issue("gateway").certificate.read_bytes())
    with pytest.raises(CertError, match="another key"):
        shown.refresh()
    assert shown.identity == before
    for listener in listeners:
        assert peer_common_name(shake_hands(terminal, listener)[0]) == "gateway"
    assert shown.refresh() is False, "what is broken is read again when it changes"
