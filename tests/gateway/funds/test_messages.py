"""Messages to the card host as PROTOCOLS §5 lays them out, against recorded ones."""

import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import iso8583
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso8583.specs import default_ascii

from gateway.funds import fields
from gateway.funds.interface import Card, HoldIdentifiers
from gateway.funds.masking import LOGGED, loggable
from gateway.funds.messages import (
    AnswerKey,
    HostSettings,
    UndecodableMessageError,
    UnsendableMessageError,
    answer_to,
    capture_message,
    echo_message,
    hold_message,
    key_of,
    parse,
    repeated,
    reversal_message,
)
from gateway.money import Amount

WIRES = Path(__file__).parents[2] / "wires" / "card_host"
HOST = HostSettings(acquirer="999001", merchant="TOLEM0000000001", time_zone=ZoneInfo("Asia/Almaty"))
IDENTIFIERS = HoldIdentifiers(
    stan="000101",
    rrn="632600001234",
    terminal="ATM00017",
    total=Amount(154500),
    sent_at=datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC),
)
PAN = "4111111111111111"
CHIP = Card(
    pan=PAN,
    expiry_yymm="2812",
    track2=f"{PAN}D28122011234",
    emv=bytes.fromhex("9F2608AABBCCDDEEFF00119F360200019F3704DEADBEEF"),
    pin_block=bytes.fromhex("1B9C1845EB993A7A"),
    ksn=bytes.fromhex("FFFF9876543210E00001"),
)
LATER = datetime(2026, 11, 22, 9, 5, 12, tzinfo=UTC)
CAPTURE = {"stan": "000102", "at": LATER, "approval_code": "A1B2C3", "host": HOST}
REVERSAL = {"stan": "000103", "at": LATER, "approval_code": None, "host": HOST}
CARD_DATA = {"2", "14", "35", "52", "55", "62"}


def recorded(name: str) -> bytes:
    return (WIRES / f"{name}.iso").read_bytes()


def but(**changes) -> Card:
    kept = {name: getattr(CHIP, name) for name in ("pan", "expiry_yymm", "track2", "emv", "pin_block", "ksn")}
    return Card(**kept | changes)


ONLY_TRACK = but(pan=None, expiry_yymm=None)
ONLY_PAN = but(track2=None, emv=None, ksn=None)


@pytest.mark.parametrize(
    ("name", "built"),
    [
        ("to_card_host_0100_chip", hold_message(IDENTIFIERS, ONLY_TRACK, HOST)),
        ("to_card_host_0100_pan", hold_message(IDENTIFIERS, ONLY_PAN, HOST)),
        ("to_card_host_0220", capture_message(IDENTIFIERS, **CAPTURE)),
        ("to_card_host_0420", reversal_message(IDENTIFIERS, **REVERSAL)),
        ("to_card_host_0421", repeated(reversal_message(IDENTIFIERS, **REVERSAL))),
        ("to_card_host_0800", echo_message(stan="000001", at=IDENTIFIERS.sent_at)),
    ],
)
def test_a_message_has_the_recorded_bytes(name, built):
    assert built == recorded(name)


def test_a_chip_card_may_send_its_track_and_its_number_together():
    values = parse(hold_message(IDENTIFIERS, CHIP, HOST)).values
    assert (values["2"], values["14"], values["35"]) == (PAN, "2812", f"{PAN}=28122011234")


def test_an_advice_holds_no_card_data():
    for message in (capture_message(IDENTIFIERS, **CAPTURE), reversal_message(IDENTIFIERS, **REVERSAL)):
        assert not parse(message).values.keys() & CARD_DATA
        assert PAN.encode() not in message


def test_times_are_utc_in_field_7_and_the_bank_s_in_12_and_13():
    new_year = HoldIdentifiers(
        "000101", "632600001234", "ATM1", Amount(1), datetime(2026, 12, 31, 20, 0, 1, tzinfo=UTC)
    )
    values = parse(hold_message(new_year, ONLY_PAN, HOST)).values
    assert (values["7"], values["12"], values["13"]) == ("1231200001", "010001", "0101")


def test_short_names_are_padded_and_amounts_have_twelve_digits():
    short = HoldIdentifiers("000101", "632600001234", "A1", Amount(1), IDENTIFIERS.sent_at)
    values = parse(hold_message(short, ONLY_PAN, HostSettings("1", "M-1", HOST.time_zone))).values
    assert (values["41"], values["42"], values["4"]) == ("A1      ", "M-1            ", "000000000001")


def test_field_90_names_the_original():
    values = parse(reversal_message(IDENTIFIERS, **REVERSAL)).values
    assert values["90"] == "0100" + "000101" + "1122090509" + "00000999001" + "00000000000"


def test_a_reversal_after_a_restart_has_the_same_bytes():
    again = HoldIdentifiers(**{name: getattr(IDENTIFIERS, name) for name in IDENTIFIERS.__dataclass_fields__})
    assert reversal_message(again, **REVERSAL) == reversal_message(IDENTIFIERS, **REVERSAL)


def test_only_a_reversal_changes_when_it_is_repeated():
    capture = capture_message(IDENTIFIERS, **CAPTURE)
    reversal = reversal_message(IDENTIFIERS, **REVERSAL)
    assert repeated(capture) == capture
    assert repeated(reversal) == b"0421" + reversal[4:]
    assert repeated(repeated(reversal)) == repeated(reversal)


@pytest.mark.parametrize(
    "card",
    [
        Card(),
        but(track2=None, expiry_yymm=None),
        but(track2=None, pan=None),
        but(pin_block=None),
        but(pan="4012345678909"),
        but(expiry_yymm="2811"),
        but(track2=f"{PAN}D28122011234F"),
        but(track2=f"{PAN}D{'1' * 21}"),
        but(emv=bytes(256)),
        but(emv=b""),
        but(pin_block=bytes(7)),
        but(ksn=bytes(11)),
        but(track2=None, expiry_yymm="2813"),
    ],
)
def test_a_card_that_is_incomplete_or_disagrees_with_itself_is_not_sent(card):
    with pytest.raises(UnsendableMessageError) as refused:
        hold_message(IDENTIFIERS, card, HOST)
    assert "4111" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "change",
    [
        {"stan": "12345"},
        {"rrn": "63260000123"},
        {"terminal": "ATM000177"},
        {"terminal": ""},
        {"terminal": "АТМ1"},
        {"total": Amount(10**12)},
    ],
)
def test_identifiers_outside_the_table_are_not_sent(change):
    kept = {name: getattr(IDENTIFIERS, name) for name in IDENTIFIERS.__dataclass_fields__}
    with pytest.raises(UnsendableMessageError):
        hold_message(HoldIdentifiers(**kept | change), CHIP, HOST)


def test_an_approval_code_of_any_printable_text_can_be_captured():
    values = parse(capture_message(IDENTIFIERS, **CAPTURE | {"approval_code": " 12/x "})).values
    assert values["38"] == " 12/x "


@pytest.mark.parametrize(
    ("request_name", "answer_name"),
    [
        ("to_card_host_0100_chip", "from_card_host_0110_approved"),
        ("to_card_host_0100_pan", "from_card_host_0110_declined"),
        ("to_card_host_0220", "from_card_host_0230"),
        ("to_card_host_0420", "from_card_host_0430"),
        ("to_card_host_0421", "from_card_host_0430"),
        ("to_card_host_0800", "from_card_host_0810"),
    ],
)
def test_an_answer_is_tied_to_its_request(request_name, answer_name):
    assert answer_to(parse(recorded(request_name))) == key_of(parse(recorded(answer_name)))


def test_the_tie_is_mti_stan_rrn_and_terminal():
    assert key_of(parse(recorded("from_card_host_0230"))) == AnswerKey(
        "0230", "000102", "632600001234", "ATM00017"
    )


def test_no_card_data_is_ever_logged_or_shown():
    assert not LOGGED & CARD_DATA
    message = parse(hold_message(IDENTIFIERS, CHIP, HOST))
    shown = repr(message) + repr(loggable(message.values)) + repr(CHIP)
    for secret in (PAN, "2812", "1B9C1845EB993A7A", "FFFF9876543210E00001", "9F2608"):
        assert secret not in shown
    assert "632600001234" in shown


@pytest.mark.parametrize("path", sorted(WIRES.glob("*.iso")), ids=lambda path: path.stem)
def test_every_recorded_message_goes_back_to_the_same_bytes(path):
    encoded, _ = iso8583.encode(dict(parse(path.read_bytes()).values), default_ascii)
    assert bytes(encoded) == path.read_bytes()


CARD_HOST_VALUES = st.fixed_dictionaries(
    {},
    optional={row.number: st.from_regex(row.pattern, fullmatch=True) for row in fields.LAYOUT},
)


@given(values=CARD_HOST_VALUES, mti=st.sampled_from(["0110", "0230", "0430", "0810"]))
def test_whatever_the_host_may_say_round_trips(values, mti):
    message, _ = iso8583.encode({"t": mti, **values}, default_ascii)
    assert dict(parse(bytes(message)).values) == {"t": mti, **values}


@given(data=st.data())
def test_noise_is_undecodable_and_nothing_worse(data):
    name = data.draw(st.sampled_from(sorted(path.stem for path in WIRES.glob("*.iso"))))
    noise = bytearray(recorded(name))
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(noise)))
        end = data.draw(st.integers(start, min(len(noise), start + 6)))
        noise[start:end] = data.draw(st.binary(max_size=6))
    try:
        values = parse(bytes(noise)).values
    except UndecodableMessageError:
        return
    again, _ = iso8583.encode(dict(values), default_ascii)
    assert dict(parse(bytes(again)).values) == dict(values)


def test_a_third_bitmap_is_undecodable():
    with pytest.raises(UndecodableMessageError):
        parse(b"0110" + b"8000000000000000" + b"8000000000000000" + b"8000000000000000" + b"x" * 100)


def test_the_error_of_undecodable_bytes_holds_none_of_them():
    whole = hold_message(IDENTIFIERS, CHIP, HOST)
    with pytest.raises(UndecodableMessageError) as undecodable:
        parse(whole[:-1])
    assert "4111" not in "".join(traceback.format_exception(undecodable.value))


@pytest.mark.parametrize("length", [b"-5", b"+5", b" 5", b"5_", b"99", b"\xff\xff"])
def test_a_length_that_is_no_length_is_undecodable(length):
    with pytest.raises(UndecodableMessageError):
        parse(b"0110" + b"4000000000000000" + length + b"4111111111111111")


def test_an_advice_repeats_the_parties_of_its_hold_after_a_change_of_settings():
    committed = replace(IDENTIFIERS, acquirer=HOST.acquirer, merchant=HOST.merchant)
    changed = HostSettings("999", "ANOTHER", HOST.time_zone)
    assert reversal_message(committed, **REVERSAL | {"host": changed}) == recorded("to_card_host_0420")
    assert capture_message(committed, **CAPTURE | {"host": changed}) == recorded("to_card_host_0220")
