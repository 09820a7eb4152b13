"""The pad's half of a PIN request, by the manual's forms."""

import pytest
from psec.pinblock import encode_pinblock_iso_0

from devices.emulators.dukpt import FutureKeys, tdes
from devices.emulators.pin_requests import (
    PinRequest,
    RequestRefusedError,
    dukpt_answer,
    master_session_answer,
    read_pin_request,
)

PAN, PIN = "4012345678909", "1234"  # ANSI X9.24-1:2009, annex A.4


def test_a_dukpt_answer_leaves_the_leading_f_of_its_ksn_away():
    assert dukpt_answer(PinRequest(PAN), PIN, FutureKeys()) == b"7109876543210E000011B9C1845EB993A7A"


def test_used_up_keys_are_a_refusal():
    keys = FutureKeys(counter=0x1FF800)
    keys.next_pin_key()
    with pytest.raises(RequestRefusedError, match="F"):
        dukpt_answer(PinRequest(PAN), PIN, keys)


@pytest.mark.parametrize("session_key", [None, bytes(range(16, 32))])
def test_a_master_session_answer_opens_under_its_key(session_key):
    master = bytes(range(16))
    key = session_key or master
    wrapped = session_key and tdes(master, session_key[:8]) + tdes(master, session_key[8:])
    request = PinRequest(PAN, session_key=wrapped)
    answer = master_session_answer(request, PIN, master_keys={3: master}, selected=3)
    assert answer[:8] == b"71.00401"
    assert tdes(key, bytes.fromhex(answer[8:].decode()), decrypt=True) == encode_pinblock_iso_0(PIN, PAN)


def test_no_key_in_the_selected_place_is_a_refusal():
    with pytest.raises(RequestRefusedError, match="A"):
        master_session_answer(PinRequest(PAN), PIN, master_keys={}, selected=0)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"70\x1cD1.00", "0"),
        (b"701234567\x1cD1.00", "2"),
        (b"70" + b"1" * 20 + b"\x1cD1.00", "3"),
        (b"70401234567890D\x1cD1.00", "4"),
        (b"704012345678909\x1cX1.00", "5"),
        (b"704012345678909", "5"),
        (b"704012345678909\x1cD1", "8"),
        (b"704012345678909\x1cD123456.00", "8"),
    ],
)
def test_what_the_manual_refuses_is_refused_by_its_code(message, code):
    with pytest.raises(RequestRefusedError, match=code):
        read_pin_request(message)
