"""The virtual card against pyemv, which knows how an issuer checks a cryptogram."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyemv import ac, kd
from pyemv import tlv as pyemv_tlv

from devices.emulators.card import CardFaults, VirtualCard
from devices.emulators.card_files import (
    AIP,
    CREDIT,
    DEBIT,
    ISSUER_DATA,
    CardContents,
    throw_contents,
    throw_pan,
)
from devices.emv.apdu import generate_ac, get_processing_options, read_record, select
from devices.emv.selection import PPSE
from devices.emv.tags import Tag
from devices.emv.tlv import first, parse

# pyemv still imports TripleDES from where it was before, and gives it short keys
pytestmark = pytest.mark.filterwarnings(
    "ignore:TripleDES has been moved", "ignore:Single-key TripleDES", "ignore:Two-key TripleDES"
)

TOLD = os.urandom(29)  # what CDOL1 asks for


@pytest.fixture
def card():
    return VirtualCard(throw_contents(os.urandom, expiry_yymm="4912"))


def open_application(card, application=CREDIT):
    card.reset()
    assert card.respond(select(application.aid).encode()).endswith(b"\x90\x00")
    told = bytes.fromhex("8303039814" if application.pdol else "8300")
    return card.respond(get_processing_options(told).encode())


def test_the_cryptogram_is_the_one_that_an_issuer_expects(card):
    for _ in range(3):
        open_application(card)
        answer = card.respond(generate_ac(0x80, TOLD).encode())
        atc = first(parse(answer[:-2]), Tag.ATC)
        contents = card.contents
        key = kd.derive_icc_mk_a(contents.issuer_key, contents.pan, contents.pan_sequence)
        session = kd.derive_common_sk(key, atc + bytes(6))
        expected = ac.generate_ac(session, TOLD + AIP + atc + ISSUER_DATA, ac.PaddingType.EMV)
        assert first(parse(answer[:-2]), Tag.CRYPTOGRAM) == expected


def test_the_counter_goes_up_with_each_transaction_and_survives_resets(card):
    for _ in range(3):
        open_application(card)
    assert card.atc == 3


def test_format_1_says_the_same_without_tags():
    contents = throw_contents(os.urandom, expiry_yymm="4912")
    debit = CardContents(contents.pan, "4912", contents.issuer_key, applications=(DEBIT,))
    tagged, plain = VirtualCard(contents), VirtualCard(debit)
    open_application(tagged)
    open_application(plain, DEBIT)
    values = parse(parse(tagged.respond(generate_ac(0x80, TOLD).encode())[:-2])[0].value)
    [answer] = parse(plain.respond(generate_ac(0x80, TOLD).encode())[:-2])
    assert answer.value == b"".join(node.value for node in values)


def test_two_cryptograms_and_no_more(card):
    open_application(card)
    assert first(parse(card.respond(generate_ac(0x80, TOLD).encode())[:-2]), 0x9F27) == b"\x80"
    assert first(parse(card.respond(generate_ac(0x00, b"Z3" + TOLD).encode())[:-2]), 0x9F27) == b"\x00"
    assert card.respond(generate_ac(0x00, b"Z3" + TOLD).encode()) == b"\x69\x85"


def test_no_cryptogram_before_the_application_is_open(card):
    assert card.respond(generate_ac(0x80, TOLD).encode()) == b"\x69\x85"
    card.respond(select(CREDIT.aid).encode())
    assert card.respond(generate_ac(0x80, TOLD).encode()) == b"\x69\x85"


def test_another_library_reads_its_files(card):
    directory = pyemv_tlv.decode(card.respond(select(PPSE).encode())[:-2])
    assert directory["6F"]["84"] == PPSE
    open_application(card)
    record = pyemv_tlv.decode(card.respond(read_record(2, 1).encode())[:-2])
    assert record["70"]["5A"].hex() == card.contents.pan


def test_answers_in_parts_are_the_same_answers(card):
    whole = card.respond(select(PPSE).encode())
    card.faults = CardFaults(in_parts=True)
    status = card.respond(select(PPSE).encode())
    assert status == bytes([0x61, len(whole) - 2])
    assert card.respond(bytes.fromhex("00C00000") + status[1:]) == whole


def test_a_thrown_pan_is_of_the_test_range_and_passes_luhn():
    for _ in range(50):
        pan = throw_pan(os.urandom)
        digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(pan))]
        assert sum(value - 9 if value > 9 else value for value in digits) % 10 == 0
        assert pan.startswith("400000")
        assert len(pan) == 16


def test_repr_shows_nothing_of_the_card(card):
    assert card.contents.pan not in repr(card.contents)


@given(st.binary(max_size=40))
def test_any_command_gets_an_answer_with_a_status(apdu):
    card = VirtualCard(CardContents("4" * 16, "4912", bytes(16)))
    for command in (apdu, b"\x00\xa4\x04\x00" + apdu, b"\x80\xa8\x00\x00" + apdu, b"\x80\xae\x80\x00" + apdu):
        assert len(card.respond(command)) >= 2
