"""The pad's side of TDES DUKPT, as a real pad keeps it: future-key registers, no base key (ANSI X9.24-1:2009).

A register holds the key of every counter value that one more set bit can reach. Each use erases its key
and fills the registers below it from it, so that a stolen pad cannot tell the keys it has used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

COUNTER_BITS: Final = 21
LARGEST_COUNTER: Final = (1 << COUNTER_BITS) - 1
MOST_SET_BITS: Final = 10

# ANSI X9.24-1:2009, annex A.4: the published sample, fit for nothing but tests and the demo
SAMPLE_INITIAL_KEY: Final = bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")
SAMPLE_KSN: Final = bytes.fromhex("FFFF9876543210E00000")

_PIN_VARIANT: Final = bytes.fromhex("00000000000000FF") * 2
_KEY_MASK: Final = bytes.fromhex("C0C0C0C000000000") * 2


class KeysUsedUpError(Exception):
    """The counter has come to its end; the pad needs a new initial key."""


@dataclass(frozen=True, repr=False)
class PinKey:
    """The key of one transaction, for PIN blocks only, and the KSN that lets the host find it."""

    key: bytes
    ksn: bytes

    def __repr__(self) -> str:
        return f"PinKey({self.ksn.hex().upper()})"


class FutureKeys:
    """21 registers and a counter. `advance` is told the next counter before a key is handed out."""

    def __init__(
        self,
        initial_key: bytes = SAMPLE_INITIAL_KEY,
        ksn: bytes = SAMPLE_KSN,
        *,
        counter: int = 1,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._serial = int.from_bytes(ksn, "big") & ~LARGEST_COUNTER
        self._counter = counter
        self._advance = advance
        self._registers: dict[int, bytes] = {}
        self._fill_below(1 << COUNTER_BITS, initial_key, 0)
        self._forward(counter)

    def next_pin_key(self) -> PinKey:
        """The key of this transaction; the next call gives another. Raises KeysUsedUpError."""
        counter = self._counter
        if counter > LARGEST_COUNTER:
            raise KeysUsedUpError("the last DUKPT key was used")
        bit = _lowest_bit(counter)
        full = counter.bit_count() >= MOST_SET_BITS
        following = counter + (bit if full else 1)
        self._advance(following)
        key = self._registers.pop(bit)
        if not full:
            self._fill_below(bit, key, counter)
        self._counter = following
        return PinKey(_xor(key, _PIN_VARIANT), (self._serial | counter).to_bytes(10, "big"))

    def _fill_below(self, bit: int, key: bytes, counter: int) -> None:
        below = bit >> 1
        while below:
            self._registers[below] = _next_key(key, self._serial | counter | below)
            below >>= 1

    def _forward(self, counter: int) -> None:
        """Replay the fillings that led to this counter, one for each set bit but its lowest."""
        reached = 0
        for place in reversed(range(COUNTER_BITS)):
            bit = 1 << place
            if counter & bit and bit != _lowest_bit(counter):
                reached |= bit
                self._fill_below(bit, self._registers.pop(bit), reached)


def encrypt_pin(pin: str, pan: str, key: bytes) -> bytes:
    """ISO 9564-1 format 0 under TDES: PIN 4 to 12 digits, PAN with its check digit."""
    pin_field = bytes.fromhex(f"0{len(pin):X}{pin}".ljust(16, "F"))
    pan_field = bytes.fromhex(pan[-13:-1].rjust(16, "0"))
    return tdes(key, _xor(pin_field, pan_field))


def tdes(key: bytes, block: bytes, *, decrypt: bool = False) -> bytes:
    """ECB, EDE; a key of 8 or 16 bytes is repeated to its full 24."""
    cipher = Cipher(TripleDES((key * 3)[:24]), modes.ECB())  # noqa: S305 - one block of a standard's own scheme
    context = cipher.decryptor() if decrypt else cipher.encryptor()
    return context.update(block) + context.finalize()


def _next_key(key: bytes, ksn: int) -> bytes:
    """The non-reversible key generation process, for a key of double length."""
    data = (ksn & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")
    return _half(_xor(key, _KEY_MASK), data) + _half(key, data)


def _half(key: bytes, data: bytes) -> bytes:
    left, right = key[:8], key[8:]
    return _xor(tdes(left, _xor(data, right)), right)


def _lowest_bit(counter: int) -> int:
    return counter & -counter


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))
