from datetime import date

import pytest

from devices.emv.cardholder import Cardholder, gather, read_cardholder
from devices.emv.faults import CardFaultError
from devices.emv.tags import Tag
from devices.emv.tlv import Tlv

PAN = "4012345678909"  # ANSI X9.24-1:2009, annex A.4


def elements(**changes):
    said = {
        "TRACK2": f"{PAN}D29112010000000000",
        "PAN": f"{PAN}F",
        "EXPIRY": "291130",
        "PAN_SEQUENCE": "01",
        **changes,
    }
    return {Tag[name]: bytes.fromhex(text + "F" * (len(text) % 2)) for name, text in said.items() if text}


def test_a_cardholder_is_read_without_padding():
    holder = read_cardholder(elements())
    assert (holder.pan, holder.expiry_yymm, holder.pan_sequence) == (PAN, "2911", "01")
    assert holder.track2 == f"{PAN}D29112010000000000"


def test_a_card_may_say_its_number_only_once():
    assert read_cardholder(elements(PAN="")).pan == PAN


def test_a_sequence_number_is_optional():
    assert read_cardholder(elements(PAN_SEQUENCE="")).pan_sequence is None


@pytest.mark.parametrize(
    "change",
    [
        {"TRACK2": ""},
        {"TRACK2": "40123D2911201000"},
        {"TRACK2": f"{PAN}D2911"},
        {"TRACK2": f"{PAN}DD291120100000"},
        {"PAN": "4012345678908"},
        {"PAN": "401234567890D"},
        {"EXPIRY": ""},
        {"EXPIRY": "291230"},
        {"EXPIRY": "291330"},
    ],
    ids=str,
)
def test_what_is_missing_malformed_or_contradicts_is_a_protocol_error(change):
    with pytest.raises(CardFaultError) as caught:
        read_cardholder(elements(**change))
    assert caught.value.fault.word == "protocolError"
    assert PAN[:6] not in str(caught.value)


def test_two_values_of_what_decides_are_a_protocol_error():
    with pytest.raises(CardFaultError, match="two values of tag 5A"):
        gather([Tlv(Tag.PAN, b"\x40"), Tlv(Tag.PAN, b"\x41")])


def test_the_same_value_twice_and_strangers_twice_are_taken():
    nodes = [Tlv(Tag.PAN, b"\x40"), Tlv(Tag.PAN, b"\x40"), Tlv(0x9F6C, b"\x01"), Tlv(0x9F6C, b"\x02")]
    assert gather(nodes) == {Tag.PAN: b"\x40", 0x9F6C: b"\x01"}


@pytest.mark.parametrize(
    ("expiry", "today", "expired"),
    [
        ("2611", date(2026, 11, 30), False),
        ("2611", date(2026, 12, 1), True),
        ("2701", date(2026, 12, 31), False),
        ("2512", date(2026, 1, 1), True),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(expiry, today, expired):
    assert Cardholder(PAN, expiry, "", None).expired(today) is expired


def test_repr_shows_nothing():
    assert repr(read_cardholder(elements())) == "Cardholder(…)"
