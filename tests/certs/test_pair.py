"""Whatever line the power cuts, there is a pair that works, and it is the old one or the new one."""

import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates

from certs.errors import KeyDoesNotFitError
from certs.identity import Identity
from certs.keys import load_private_key
from certs.pair import Pair
from certs.throwaway import Issued, ThrowawayCa
from certs.tls import client_context

Now = Callable[[], datetime]


def chain_and_key(issued: Issued):
    return load_pem_x509_certificates(issued.certificate.read_bytes()), load_private_key(issued.key)


@pytest.fixture
def place(tmp_path: Path, throwaway_ca: ThrowawayCa) -> Callable[[str], Path]:
    """`place(name)`: a folder of its own with the pair bank.pem and bank.key."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        issued = throwaway_ca.issue("10001", server_names=())
        (folder / "bank.pem").write_bytes(issued.certificate.read_bytes())
        issued.key.rename(folder / "bank.key")
        return folder

    return make


def pair_in(folder: Path, **more) -> Pair:
    return Pair(folder / "bank.pem", folder / "bank.key", **more)


def exchange(pair: Pair, new: Issued) -> None:
    pair.stage(*chain_and_key(new))
    pair.accept()


@pytest.mark.parametrize("forgets", [False, True])
def test_a_power_cut_between_any_two_operations_leaves_a_pair_that_works(
    place, throwaway_ca: ThrowawayCa, failing_files, power_cut, *, forgets: bool
) -> None:
    new = throwaway_ca.issue("10001", server_names=())
    wanted = Identity.read(*new).fingerprint
    cut_at, seen = 0, set()
    while True:
        folder = place(f"{cut_at}")
        old = pair_in(folder).identity().fingerprint
        try:
            exchange(pair_in(folder, files=failing_files(cut_at, forgets)), new)
        except power_cut:
            after = pair_in(folder)
            found = after.identity()
            assert found.fingerprint in {old, wanted}
            client_context(throwaway_ca.ca_path, found)  # OpenSSL takes it
            seen.add(found.fingerprint == wanted)
            after.settle()
            assert after.identity().fingerprint == found.fingerprint
            assert not after.proved.exists()
            exchange(after, new)
            assert pair_in(folder).identity().fingerprint == wanted
        else:
            break
        cut_at += 1
    assert cut_at > 15
    assert seen == {True, False}


def test_a_power_cut_in_settling_is_settled_by_the_next_start(
    place, throwaway_ca: ThrowawayCa, failing_files, power_cut
) -> None:
    new = throwaway_ca.issue("10001", server_names=())
    for cut_at in range(40):
        folder = place(f"{cut_at}")
        old = pair_in(folder).identity().fingerprint
        pair_in(folder).stage(*chain_and_key(new))
        pair_in(folder).files.rename(folder / "bank.pem.next", folder / "bank.pem.proved")
        try:
            pair_in(folder, files=failing_files(cut_at)).settle()
        except power_cut:
            pair_in(folder).settle()
        else:
            break
        assert Identity.read(folder / "bank.pem", folder / "bank.key") == pair_in(folder).identity()
        kept = pair_in(folder).previous
        assert Identity.read(kept, kept).fingerprint == old
    assert 8 < cut_at < 39


def test_the_first_certificate_is_placed_whole_or_not_at_all(
    tmp_path: Path, throwaway_ca: ThrowawayCa, failing_files, power_cut
) -> None:
    new = throwaway_ca.issue("10001", server_names=())
    cut_at = 0
    while True:
        folder = tmp_path / f"first-{cut_at}"
        folder.mkdir()
        try:
            exchange(pair_in(folder, files=failing_files(cut_at)), new)
        except power_cut:
            pair = pair_in(folder)
            if pair.exists:
                assert pair.identity().fingerprint == Identity.read(*new).fingerprint
            exchange(pair, new)
            assert pair.identity().common_name == "10001"
            cut_at += 1
        else:
            break
    assert cut_at > 10


def test_keys_are_ours_alone_wherever_they_lie(place, throwaway_ca: ThrowawayCa) -> None:
    folder = place("rights")
    pair = pair_in(folder)
    exchange(pair, throwaway_ca.issue("10001"))
    pair.stage(*chain_and_key(throwaway_ca.issue("10001")))
    pair.set_aside()
    holding_keys = (pair.key, pair.previous, pair.refused)
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding_keys} == {0o600}
    assert not pair.next.exists()


def test_a_passphrase_covers_every_copy_of_the_key(
    place, throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    pair = pair_in(place("secret"), passphrase=lambda: b"correct horse")
    exchange(pair, throwaway_ca.issue("10001"))
    pair.stage(*chain_and_key(throwaway_ca.issue("10001")))
    for path in (pair.key, pair.next):
        assert b"ENCRYPTED" in path.read_bytes()
    identity = pair.identity()
    client_context(throwaway_ca.ca_path, identity)
    assert identity.time_fault(system_time()) is None
    assert "horse" not in repr(identity) + repr(pair)


def test_one_file_for_both_cannot_be_exchanged(tmp_path: Path, throwaway_ca: ThrowawayCa) -> None:
    both = tmp_path / "both.pem"
    with pytest.raises(KeyDoesNotFitError, match="two files"):
        Pair(both, both).stage(*chain_and_key(throwaway_ca.issue("10001")))
