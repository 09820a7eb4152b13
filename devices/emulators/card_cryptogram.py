"""How a card makes its cryptogram: master key, session key, MAC (EMV 4.3 Book 2, A1.4.1, A1.3, A1.2.1)."""

from typing import Final

from devices.emulators.dukpt import tdes

_BLOCK: Final = 8


def card_key(issuer_key: bytes, pan: str, pan_sequence: str) -> bytes:
    """The card's master key, option A. Parity bits are left as they fall: DES does not look at them."""
    seed = bytes.fromhex((pan + pan_sequence.zfill(2))[-16:].zfill(16))
    return tdes(issuer_key, seed) + tdes(issuer_key, bytes(byte ^ 0xFF for byte in seed))


def session_key(key: bytes, atc: bytes) -> bytes:
    """The common method: one key for each value of the transaction counter."""
    return tdes(key, atc + b"\xf0" + bytes(5)) + tdes(key, atc + b"\x0f" + bytes(5))


def cryptogram(key: bytes, data: bytes) -> bytes:
    """ISO/IEC 9797-1 MAC algorithm 3, padding method 2."""
    padded = data + b"\x80"
    padded += bytes(-len(padded) % _BLOCK)
    left, right = key[:_BLOCK], key[_BLOCK:]
    chain = bytes(_BLOCK)
    for at in range(0, len(padded), _BLOCK):
        chain = tdes(left, bytes(a ^ b for a, b in zip(chain, padded[at : at + _BLOCK], strict=True)))
    return tdes(left, tdes(right, chain, decrypt=True))
