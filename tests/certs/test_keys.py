import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from certs.errors import FileUnreadableError, KeyFileExistsError, KeyFileTooOpenError, NotPemError
from certs.keys import load_private_key, new_private_key


def test_a_new_key_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    before = os.umask(0)
    try:
        new_private_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    made = new_private_key(tmp_path / "node.key")
    read = load_private_key(tmp_path / "node.key")
    assert read.public_key() == made.public_key()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    new_private_key(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileExistsError, match="another path"):
        new_private_key(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o777])
def test_a_key_that_others_can_reach_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "node.key"
    new_private_key(path)
    path.chmod(mode)
    with pytest.raises(KeyFileTooOpenError, match=f"{mode:04o}") as refused:
        load_private_key(path)
    assert f"chmod 600 {path}" in refused.value.to_do


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadableError, match=r"absent\.key: No such file"):
        load_private_key(tmp_path / "absent.key")


def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    key = new_private_key(tmp_path / "plain.key")
    path = tmp_path / "node.key"
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a passphrase"))
    )
    with pytest.raises(NotPemError, match="without a passphrase"):
        load_private_key(path)


def test_no_error_shows_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    path.touch(mode=0o600)
    path.write_text("secret-that-is-no-key")
    with pytest.raises(NotPemError) as refused:
        load_private_key(path)
    assert "secret-that" not in str(refused.value)
