"""Signatures beside what they cover: only a pinned key's is believed, whatever the message says."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from certs.detached import NotSignedByUsError, Pins, Signature, public_pem, sign
from certs.errors import FileUnreadableError, KeyFileTooOpenError, NotPemError, WrongKeyUsageError
from certs.keys import new_private_key, write_new_key

CONTENT = b"what is signed"


def _pair(folder: Path, name: str = "bank") -> tuple[Path, Path]:
    key, public = folder / f"{name}.key", folder / f"{name}.pub"
    public.write_bytes(public_pem(new_private_key(key)))
    return key, public


def test_what_the_pinned_key_signed_is_believed(tmp_path: Path) -> None:
    key, public = _pair(tmp_path)
    Pins.load(public).verify(CONTENT, sign(CONTENT, key))


def test_an_ed25519_key_signs_too(tmp_path: Path) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    write_new_key(tmp_path / "bank.key", private)
    (tmp_path / "bank.pub").write_bytes(public_pem(private))
    Pins.load(tmp_path / "bank.pub").verify(CONTENT, sign(CONTENT, tmp_path / "bank.key"))


@pytest.mark.parametrize("change", [
    lambda signature: (CONTENT + b" ", signature),
    lambda signature: (CONTENT, Signature(signature.key, signature.value[:-1])),
    lambda signature: (CONTENT, Signature(signature.key, b"")),
    lambda signature: (CONTENT, Signature("0" * 16, signature.value)),
])  # fmt: skip
def test_anything_else_is_not(tmp_path: Path, change: Any) -> None:
    key, public = _pair(tmp_path)
    content, signature = change(sign(CONTENT, key))
    with pytest.raises(NotSignedByUsError):
        Pins.load(public).verify(content, signature)


def test_another_banks_key_is_not_believed_under_our_keys_name(tmp_path: Path) -> None:
    _, public = _pair(tmp_path)
    foreign, _ = _pair(tmp_path, "foreign")
    ours = sign(CONTENT, tmp_path / "bank.key").key
    with pytest.raises(NotSignedByUsError):
        Pins.load(public).verify(CONTENT, Signature(ours, sign(CONTENT, foreign).value))


def test_two_keys_are_believed_while_one_takes_over(tmp_path: Path) -> None:
    old, old_public = _pair(tmp_path, "old")
    new, new_public = _pair(tmp_path, "new")
    both = tmp_path / "both.pub"
    both.write_bytes(old_public.read_bytes() + new_public.read_bytes())
    for key in (old, new):
        Pins.load(both).verify(CONTENT, sign(CONTENT, key))


def test_a_certificate_can_be_the_pin(tmp_path: Path, throwaway_ca: Any) -> None:
    issued = throwaway_ca.issue("catalogue", server_names=())
    Pins.load(issued.certificate).verify(CONTENT, sign(CONTENT, issued.key))


def test_a_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    key, _ = _pair(tmp_path)
    key.chmod(0o640)
    with pytest.raises(KeyFileTooOpenError):
        sign(CONTENT, key)


def test_a_key_of_another_kind_is_refused_by_both_sides(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    write_new_key(tmp_path / "rsa.key", private)
    (tmp_path / "rsa.pub").write_bytes(public_pem(private))
    with pytest.raises(WrongKeyUsageError):
        sign(CONTENT, tmp_path / "rsa.key")
    with pytest.raises(WrongKeyUsageError):
        Pins.load(tmp_path / "rsa.pub")


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
)
def test_a_file_without_a_key_is_no_pin(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bank.pub").write_bytes(content)
    with pytest.raises(NotPemError):
        Pins.load(tmp_path / "bank.pub")
    with pytest.raises(FileUnreadableError):
        Pins.load(tmp_path / "nowhere.pub")
