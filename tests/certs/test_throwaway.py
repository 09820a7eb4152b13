import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName, load_pem_x509_certificate

from certs.identity import Identity
from certs.throwaway import ThrowawayCa

Now = Callable[[], datetime]


def test_the_cas_own_key_is_never_on_disk(tmp_path: Path, system_time: Now) -> None:
    ThrowawayCa(tmp_path, now=system_time)
    assert [path.name for path in tmp_path.iterdir()] == ["ca.pem"]


def test_two_certificates_of_one_name_do_not_replace_each_other(tmp_path: Path, system_time: Now) -> None:
    ca = ThrowawayCa(tmp_path, now=system_time)
    first, second = ca.issue("ATM00017"), ca.issue("ATM00017")
    assert first.certificate.read_bytes() != second.certificate.read_bytes()
    for pair in (first, second):
        assert Identity.load(*pair, now=system_time).common_name == "ATM00017"
        assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600


def test_a_new_ca_takes_over_the_folder_of_an_earlier_one(tmp_path: Path, system_time: Now) -> None:
    before = ThrowawayCa(tmp_path, now=system_time).issue("node").certificate.read_bytes()
    after = ThrowawayCa(tmp_path, now=system_time).issue("node")
    assert after.certificate.read_bytes() != before
    Identity.load(*after, now=system_time)


def test_names_and_addresses_of_a_server_are_told_apart(tmp_path: Path, system_time: Now) -> None:
    issued = ThrowawayCa(tmp_path, now=system_time).issue("gw", server_names=("gw.example", "::1"))
    certificate = load_pem_x509_certificate(issued.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert names.get_values_for_type(DNSName) == ["gw.example"]
    assert [str(address) for address in names.get_values_for_type(IPAddress)] == ["::1"]


def test_a_common_name_never_leaves_the_folder(tmp_path: Path, system_time: Now) -> None:
    issued = ThrowawayCa(tmp_path / "ca", now=system_time).issue("../up/and/away")
    assert issued.certificate.parent == tmp_path / "ca"
    assert Identity.load(*issued, now=system_time).common_name == "../up/and/away"
