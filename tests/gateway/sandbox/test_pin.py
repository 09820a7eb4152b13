"""PINs at the host: the published vectors, and a terminal's side written from the standard's own steps."""

from collections.abc import Iterator

import psec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.pin import ANSI_SAMPLE_BDK, PinBlockError, open_pin_block, pin_key

# psec imports TDES from the place where cryptography had it before.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*TripleDES:cryptography.utils.CryptographyDeprecationWarning"
)

PAN = "4012345678909"
INITIAL_KEY = bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")  # of the sample's KSN, loaded into the pad

# ANSI X9.24-1 Annex A.4: last bytes of the KSN, encrypted block of PIN 1234.
PUBLISHED = {
    "E00001": "1B9C1845EB993A7A",
    "E00002": "10A01C8D02C69107",
    "E00003": "18DC07B94797B466",
    "E00004": "0BC79509D5645DF7",
    "E00005": "5BC0AF22AD87B327",
    "E00006": "A16DF70AE36158D8",
    "E00007": "27711C16CB257F8E",
    "E00008": "50E55547A5027551",
    "E00009": "536CF7F678ACFC8D",
    "E0000A": "EDABBA23221833FE",
    "E0000F": "B170F6E7F7F2F64A",
    "E00010": "D5D9638559EF53D6",
    "E00015": "72105C22EBC791E6",
    "E10000": "19776D96D73AF1E2",
    "E20000": "83F14581B8946B2D",
    "E40000": "96B3ADCBF9F5219C",
    "E80000": "1E0F453FD55FCE45",
    "EFF800": "33365F5CC6F23C35",
    "EFF801": "3A86BF003F835C9D",
    "EFFA00": "849763B43E5F9CFF",
    "EFFC00": "DEFC6F09F8927B71",
    "F00000": "73EC88AD0AC5830E",
}


def _ksn(counter: int) -> bytes:
    return (int("FFFF9876543210E00000", 16) + counter).to_bytes(10)


@pytest.mark.parametrize(("ksn", "block"), PUBLISHED.items())
def test_the_published_blocks_open_to_1234(ksn: str, block: str) -> None:
    opened = open_pin_block(
        bytes.fromhex(block), ksn=bytes.fromhex("FFFF9876543210" + ksn), pan=PAN, bdk=ANSI_SAMPLE_BDK
    )
    assert opened == "1234"


class Pad:
    """The terminal's side of X9.24-1 A.3: 21 future keys, each used once, none kept.

    Its keys come from earlier keys, never from the BDK, so it shares no path with the host's derivation.
    DES is psec's.
    """

    def __init__(self) -> None:
        self.counter = 0
        self.keys: dict[int, bytes] = {}
        self._fill(INITIAL_KEY, below=1 << 21)

    def transactions(self) -> Iterator[tuple[bytes, bytes]]:
        """KSN and PIN key of every transaction, in order."""
        while self.counter < 1 << 21:
            self.counter += 1
            if self.counter.bit_count() > 10:  # too many ones: the register's key is given up
                del self.keys[self.counter & -self.counter]
                self.counter += (self.counter & -self.counter) - 1
                continue
            key = self.keys.pop(self.counter & -self.counter)
            self._fill(key, below=self.counter & -self.counter)
            yield _ksn(self.counter), psec.tools.xor(key, bytes.fromhex("00000000000000FF" * 2))

    def _fill(self, key: bytes, below: int) -> None:
        bit = below >> 1
        while bit:
            register = _ksn(self.counter | bit)[2:]
            self.keys[bit] = self._half(key, register, "C0C0C0C000000000") + self._half(
                key, register, "0" * 16
            )
            bit >>= 1

    def _half(self, key: bytes, register: bytes, mask: str) -> bytes:
        left, right = (psec.tools.xor(half, bytes.fromhex(mask)) for half in (key[:8], key[8:]))
        mixed = psec.tools.xor(register, right)
        return psec.tools.xor(psec.des.encrypt_tdes_ecb(left, mixed), right)


def test_the_host_follows_a_pad_past_counter_512() -> None:
    transactions = Pad().transactions()
    for number in range(1, 1500):
        ksn, key = next(transactions)
        assert pin_key(ANSI_SAMPLE_BDK, ksn) == key, number
    assert int.from_bytes(ksn) & 0x1FFFFF > 1024


@given(
    pin=st.text("0123456789", min_size=4, max_size=12),
    pan=st.text("0123456789", min_size=13, max_size=19),
    counter=st.integers(1, (1 << 21) - 1),
)
def test_whatever_a_pad_encrypts_the_host_opens(pin: str, pan: str, counter: int) -> None:
    key = pin_key(ANSI_SAMPLE_BDK, _ksn(counter))
    block = psec.des.encrypt_tdes_ecb(key, psec.pinblock.encode_pinblock_iso_0(pin, pan))
    assert open_pin_block(block, ksn=_ksn(counter), pan=pan, bdk=ANSI_SAMPLE_BDK) == pin


@pytest.mark.parametrize(
    "clear",
    ["141234FFFFFFFFFF", "031234FFFFFFFFFF", "0D1234FFFFFFFFFF", "04A234FFFFFFFFFF", "041234FFFFFFFFF0"],
)
def test_what_is_no_format_0_block_is_told_apart_from_a_wrong_pin(clear: str) -> None:
    account = bytes.fromhex("0000" + "401234567890")
    block = psec.des.encrypt_tdes_ecb(
        pin_key(ANSI_SAMPLE_BDK, _ksn(1)), psec.tools.xor(bytes.fromhex(clear), account)
    )
    with pytest.raises(PinBlockError):
        open_pin_block(block, ksn=_ksn(1), pan=PAN, bdk=ANSI_SAMPLE_BDK)


def test_another_ksn_does_not_open_it() -> None:
    with pytest.raises(PinBlockError):
        open_pin_block(bytes.fromhex(PUBLISHED["E00001"]), ksn=_ksn(2), pan=PAN, bdk=ANSI_SAMPLE_BDK)
