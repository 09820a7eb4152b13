import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.interfaces import PinBlock
from devices.visa_pad import commands
from devices.visa_pad.commands import MalformedMessageError, PinRefused
from devices.visa_pad.frames import UnsendableError, encode

PAN = "4012345678909"  # ANSI X9.24-1, annex A.4
BLOCK = bytes.fromhex("1B9C1845EB993A7A")


def test_a_pin_request_with_the_amount():
    assert commands.enter_pin_with_amount(PAN, "1545.00").frame.message == b"704012345678909\x1cD1545.00"


def test_the_pin_path_test_is_the_same_under_another_code():
    assert commands.try_pin_path(PAN, "1.00").frame.message == b"764012345678909\x1cD1.00"


def test_a_prompted_pin_request_is_the_example_of_the_protocol_text():
    expected = bytes.fromhex("02 5A 36 30 2E 34 30 31 32 33 34 35 36 37 38 39 30 39 03 4D")
    assert encode(commands.enter_pin(PAN).frame) == expected


def test_a_session_key_follows_the_account():
    assert (
        commands.enter_pin(PAN, "0123456789ABCDEF").frame.message == b"Z60.4012345678909\x1c0123456789ABCDEF"
    )


def test_one_line_is_a_string_and_several_are_lines():
    assert commands.display([b"HELLO"]).frame.message == b"Z2\x1aHELLO"
    assert commands.display([b"TOTAL", b"1.00"]).frame.message == b"Z32TOTAL\x1c1.00"


@pytest.mark.parametrize("account", ["", "1234567", "1" * 20, "4012345678909D", "٤٠١٢٣٤٥٦٧٨٩٠٩"])
def test_what_is_no_account_never_leaves(account):
    with pytest.raises(UnsendableError):
        commands.enter_pin(account)


@pytest.mark.parametrize("amount", ["", "1545", "1545.0", "123456.00", "-1.00", "1 545.00"])
def test_what_is_no_amount_never_leaves(amount):
    with pytest.raises(UnsendableError):
        commands.enter_pin_with_amount(PAN, amount)


@pytest.mark.parametrize("lines", [[], [b"LINE"] * 10])
def test_a_display_has_one_to_nine_lines(lines):
    with pytest.raises(UnsendableError):
        commands.display(lines)


def test_a_dukpt_answer_gets_the_leading_f_of_its_ksn_back():
    block = commands.parse_pin(b"7109876543210E000011B9C1845EB993A7A")
    assert block == PinBlock(BLOCK, bytes.fromhex("FFFF9876543210E00001"))


def test_a_whole_ksn_is_taken_as_it_is():
    block = commands.parse_pin(b"710FFFF9876543210E000011B9C1845EB993A7A")
    assert block == PinBlock(BLOCK, bytes.fromhex("FFFF9876543210E00001"))


@pytest.mark.parametrize("message", [b"7101B9C1845EB993A7A", b"71.004011B9C1845EB993A7A"])
def test_a_master_session_answer_has_no_ksn(message):
    assert commands.parse_pin(message) == PinBlock(BLOCK, None)


def test_one_character_is_a_refusal():
    assert commands.parse_pin(b"71A") == PinRefused("A")


@pytest.mark.parametrize("message", [b"", b"71", b"71?", b"7101B9C1845EB993A7", b"710" + b"9" * 40])
def test_an_answer_of_another_form_is_malformed_and_not_quoted(message):
    with pytest.raises(MalformedMessageError, match="none of its forms"):
        commands.parse_pin(message)


@given(st.binary(max_size=40))
def test_no_answer_raises_anything_but_malformed(tail):
    for code, parse in {
        b"71": commands.parse_pin,
        b"16": commands.parse_self_test,
        b"06": commands.parse_serial_number,
        b"04": commands.parse_key_present,
    }.items():
        with contextlib.suppress(MalformedMessageError):
            parse(code + tail)


@given(st.data())
def test_a_damaged_pin_answer_never_becomes_another_pin_block(data):
    """Whatever the LRC let through: a lost or doubled byte is no block of the same key."""
    message = b"7109876543210E000011B9C1845EB993A7A"
    at = data.draw(st.integers(0, len(message) - 1))
    cut = (
        message[:at]
        + data.draw(st.sampled_from([b"", b"\x1c", message[at : at + 1] * 9]))
        + message[at + 1 :]
    )
    try:
        parsed = commands.parse_pin(cut)
    except MalformedMessageError:
        return
    assert (
        not isinstance(parsed, PinBlock)
        or parsed.ksn != bytes.fromhex("FFFF9876543210E00001")
        or parsed.block == BLOCK
    )


def test_self_test_results():
    assert commands.parse_self_test(b"160") == ()
    assert commands.parse_self_test(b"1615") == ("ramFail", "keyCrcFail")


def test_key_present():
    assert commands.parse_key_present(b"04F")
    assert not commands.parse_key_present(b"040")
