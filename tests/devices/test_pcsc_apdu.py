import pytest

from devices.pcsc.apdu import for_t0


@pytest.mark.parametrize(
    ("command", "as_t0"),
    [
        ("00A40400", "00A4040000"),  # case 1: nothing to send or to get
        ("00B2010C00", "00B2010C00"),  # case 2: up to 256 bytes are wanted
        ("00B2010C1A", "00B2010C1A"),
        ("00A4040003A1B2C3", "00A4040003A1B2C3"),  # case 3: data, nothing wanted
        ("00A4040003A1B2C300", "00A4040003A1B2C3"),  # case 4: GET RESPONSE fetches the answer
        ("00A40400010000", "00A404000100"),
    ],
)
def test_t0_has_neither_case_1_nor_case_4(command, as_t0):
    assert for_t0(bytes.fromhex(command)) == bytes.fromhex(as_t0)


def test_the_longest_data_keeps_its_length():
    command = bytes.fromhex("80AE8000FF") + bytes(255)
    assert for_t0(command + b"\x00") == command == for_t0(command)
