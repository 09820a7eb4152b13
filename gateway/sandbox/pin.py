"""The host's side of a PIN: its key from the KSN (ANSI X9.24-1 TDES DUKPT), the block opened. Pure.

Keys and PINs are parameters and results only; nothing here keeps or prints one.
"""

from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

# The published sample of ANSI X9.24-1, Annex A: what emulated pads are loaded with. No device's key.
ANSI_SAMPLE_BDK: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")

_COUNTER: Final = (1 << 21) - 1  # the KSN's last 21 bits
_REGISTER: Final = (1 << 64) - 1  # its last 8 bytes
_KEY_MASK: Final = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
_PIN_VARIANT: Final = bytes.fromhex("00000000000000FF00000000000000FF")


class PinBlockError(ValueError):
    """The block is not format 0 of this PAN under the key of this KSN. Says nothing of its content."""


def open_pin_block(block: bytes, *, ksn: bytes, pan: str, bdk: bytes) -> str:
    """The PIN in an encrypted ISO 9564-1 format 0 block. PinBlockError: key, KSN or PAN do not fit."""
    clear = _tdes(pin_key(bdk, ksn), block, decrypt=True).hex().upper()
    account = "0000" + pan[:-1].rjust(12, "0")[-12:]
    field = f"{int(clear, 16) ^ int(account, 16):016X}"
    length = int(field[1], 16)
    pin, filler = field[2 : 2 + length], field[2 + length :]
    if field[0] != "0" or not 4 <= length <= 12 or not pin.isdecimal() or filler.strip("F"):
        raise PinBlockError("not a format 0 block of this PAN under the key of this KSN")
    return pin


def pin_key(bdk: bytes, ksn: bytes) -> bytes:
    """The PIN encryption key of one transaction (X9.24-1 A.2): 16 bytes from a 16-byte BDK, a 10-byte KSN."""
    serial = int.from_bytes(ksn)
    counter = serial & _COUNTER
    register = (serial & ~_COUNTER) & _REGISTER
    key = _initial_key(bdk, (serial & ~_COUNTER).to_bytes(10))
    for bit in (1 << place for place in reversed(range(21))):
        if counter & bit:
            register |= bit
            key = _next_key(key, register.to_bytes(8))
    return _xor(key, _PIN_VARIANT)


def _initial_key(bdk: bytes, serial: bytes) -> bytes:
    return _tdes(bdk, serial[:8]) + _tdes(_xor(bdk, _KEY_MASK), serial[:8])


def _next_key(key: bytes, register: bytes) -> bytes:
    """The non-reversible key generation process (X9.24-1 A.2): left half from the masked key."""
    return _half(_xor(key, _KEY_MASK), register) + _half(key, register)


def _half(key: bytes, register: bytes) -> bytes:
    left, right = key[:8], key[8:]
    return _xor(_tdes(left, _xor(register, right)), right)


def _tdes(key: bytes, data: bytes, *, decrypt: bool = False) -> bytes:
    """ECB; an 8-byte key repeated thrice is single DES, a 16-byte one is two-key TDES."""
    cipher = Cipher(TripleDES((key + key + key)[:24]), modes.ECB())  # noqa: S305  # one block, as X9.24-1 says
    operation = cipher.decryptor() if decrypt else cipher.encryptor()
    return operation.update(data) + operation.finalize()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
