import pytest
from psec import des, tools

from devices.emulators.dukpt import (
    LARGEST_COUNTER,
    SAMPLE_INITIAL_KEY,
    SAMPLE_KSN,
    FutureKeys,
    KeysUsedUpError,
    encrypt_pin,
)

# psec still imports TripleDES from where it was before
pytestmark = pytest.mark.filterwarnings("ignore:TripleDES has been moved")

PAN, PIN = "4012345678909", "1234"  # ANSI X9.24-1:2009, annex A.4

PUBLISHED = {
    "FFFF9876543210E00001": "1B9C1845EB993A7A",
    "FFFF9876543210E00002": "10A01C8D02C69107",
    "FFFF9876543210E00003": "18DC07B94797B466",
    "FFFF9876543210E00004": "0BC79509D5645DF7",
    "FFFF9876543210E00005": "5BC0AF22AD87B327",
    "FFFF9876543210E00006": "A16DF70AE36158D8",
    "FFFF9876543210E00007": "27711C16CB257F8E",
}


def host_key(counter):
    """The host's way: from the initial key along the set bits, with another library's DES."""
    key, ksn = SAMPLE_INITIAL_KEY, int.from_bytes(SAMPLE_KSN[-8:], "big")
    for place in reversed(range(21)):
        if counter & (1 << place):
            ksn |= 1 << place
            data = ksn.to_bytes(8, "big")
            masked = tools.xor(key, bytes.fromhex("C0C0C0C000000000C0C0C0C000000000"))
            key = b"".join(
                tools.xor(des.encrypt_tdes_ecb(k[:8] * 3, tools.xor(data, k[8:])), k[8:])
                for k in (masked, key)
            )
    return tools.xor(key, bytes.fromhex("00000000000000FF00000000000000FF"))


def test_the_published_sample():
    keys = FutureKeys()
    for ksn, block in PUBLISHED.items():
        key = keys.next_pin_key()
        assert key.ksn.hex().upper() == ksn
        assert encrypt_pin(PIN, PAN, key.key).hex().upper() == block


def test_the_registers_agree_with_the_hosts_derivation():
    keys = FutureKeys()
    for _ in range(2100):
        key = keys.next_pin_key()
        counter = int.from_bytes(key.ksn, "big") & LARGEST_COUNTER
        assert key.key == host_key(counter)


def test_counters_with_more_than_ten_set_bits_are_skipped():
    keys = FutureKeys(counter=0b111111111100)
    counters = [int.from_bytes(keys.next_pin_key().ksn, "big") & LARGEST_COUNTER for _ in range(2)]
    assert counters == [0b111111111100, 0b1000000000000]


@pytest.mark.parametrize("counter", [1, 2, 7, 512, 0b101101, 0b1000000010000000, 0x1FF000])
def test_a_restarted_pad_goes_on_where_it_was(counter):
    assert FutureKeys(counter=counter).next_pin_key().key == host_key(counter)


def test_the_counter_is_saved_before_its_key_is_used():
    saved = []
    keys = FutureKeys(advance=saved.append)
    keys.next_pin_key()
    assert saved == [2]
    assert FutureKeys(counter=saved[-1]).next_pin_key().ksn == keys.next_pin_key().ksn


def test_a_key_whose_counter_could_not_be_saved_is_not_used():
    def fail(_):
        raise OSError

    keys = FutureKeys(advance=fail)
    with pytest.raises(OSError):
        keys.next_pin_key()


def test_the_last_key_is_the_last():
    keys = FutureKeys(counter=0x1FF800)
    keys.next_pin_key()
    with pytest.raises(KeysUsedUpError):
        keys.next_pin_key()


def test_repr_shows_no_key():
    key = FutureKeys().next_pin_key()
    assert key.key.hex() not in repr(key).lower()
