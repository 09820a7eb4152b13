"""The card host on its wire: frames, and every rule that one message can break by itself (PROTOCOLS §5)."""

import asyncio
import struct
from typing import Any

import pytest

from gateway.sandbox.books import CardRow
from gateway.sandbox.card_rules import CardRule

HELD = CardRow("632600001234", "ATM00017", held=154500, captured=0, released=0, response_code="00")


BY_HAND = (
    *("0100", "723C048108C09204"),
    *("13", "4012345678909", "500000", "000000154500", "1122090509", "000001", "140509", "1122", "2812"),
    *("051", "00", "06", "400001", "632600001234", "ATM00017", "TOLEM0000000001", "398"),
    *("1B9C1845EB993A7A", "022", "9F2608A1B2C3D4E5F60718", "020", "FFFF9876543210E00001"),
)
ITS_ANSWER = (
    *("0110", "323800010EC08000", "500000", "000000154500", "1122090509", "000001", "140509", "1122"),
    *("06", "400001", "632600001234"),
)


async def test_bytes_by_hand_get_the_answer_of_the_text(card_line: Any, sandbox: Any) -> None:
    card_line.send_frame("".join(BY_HAND).encode())
    answer = (await card_line.receive_frame()).decode()
    assert answer.startswith("".join(ITS_ANSWER))
    assert answer.endswith("00ATM00017TOLEM0000000001398")  # after the approval code
    assert sandbox.card_rows() == [HELD]


async def test_no_answer_repeats_card_data(card_line: Any, messages: Any) -> None:
    held = await card_line.ask(messages.hold())
    assert held.keys() - {"t", "p"} == {str(n) for n in (3, 4, 7, 11, 12, 13, 32, 37, 38, 39, 41, 42, 49)}


async def test_an_echo_is_answered(card_line: Any) -> None:
    echo = {"t": "0800", "7": "1122090509", "11": "000009", "70": "301"}
    answer = await card_line.ask(echo)
    assert {name: answer[name] for name in ("t", "7", "11", "39", "70")} == echo | {"t": "0810", "39": "00"}
    assert (
        await card_line.ask({"t": "0800", "11": "000009", "70": "301", "37": "0" * 12, "41": "ATM00017"})
    )["39"] == "00"
    assert (await card_line.ask(echo | {"70": "001"}))["39"] == "30"


TLV_WITH = {tag: f"9F2608A1B2C3D4E5F60718{tag}0101" for tag in ("57", "5A", "5F20")}
BROKEN_HOLDS: list[tuple[CardRule, str, dict[str, str | None]]] = [
    *((CardRule.MISSING, f"field {n}", {f"f{n}": None}) for n in (3, 4, 7, 12, 13, 22, 25, 32, 37, 41, 42, 49, 52, 55)),
    (CardRule.CARD_DATA, "fields 2, 14 and 35", {"f35": None}),
    (CardRule.CARD_DATA, "fields 2, 14 and 35", {"f2": "4012345678909"}),
    (CardRule.CARD_DATA, "fields 2, 14 and 35", {"f14": "2812"}),
    (CardRule.CARD_DATA, "field 35 beside 2 and 14", {"f2": "4012345678909", "f14": "2811"}),
    (CardRule.CARD_DATA, "field 35 beside 2 and 14", {"f2": "4111111111111111", "f14": "2812"}),
    (CardRule.FOREIGN, "field 38", {"f38": "123456"}),
    (CardRule.FOREIGN, "field 90", {"f90": "0" * 42}),
    (CardRule.FOREIGN, "field 48", {"f48": "more"}),
    (CardRule.VALUE, "field 3", {"f3": "000000"}),
    (CardRule.VALUE, "field 4", {"f4": "0" * 12}),
    (CardRule.VALUE, "field 11", {"f11": "000000"}),
    (CardRule.VALUE, "field 22", {"f22": "021"}),
    (CardRule.VALUE, "field 25", {"f25": "59"}),
    (CardRule.VALUE, "field 35", {"f35": "4012345678909D2812201000000000F"}),
    (CardRule.VALUE, "field 37", {"f37": "63260000123A"}),
    (CardRule.VALUE, "field 41", {"f41": "ATM 0017"}),
    (CardRule.VALUE, "field 49", {"f49": "840"}),
    (CardRule.VALUE, "field 52", {"f52": "1B9C1845EB993A7X"}),
    (CardRule.VALUE, "field 55", {"f55": "9F2608A1B2C3D4E5F60"}),
    (CardRule.VALUE, "field 62", {"f62": "not a KSN"}),
    (CardRule.DATE, "field 7", {"f7": "1131090509"}),
    (CardRule.DATE, "field 12", {"f12": "250509"}),
    (CardRule.DATE, "field 13", {"f13": "0230"}),
    (CardRule.DATE, "the expiry of field 14 or 35", {"f35": "4012345678909D2813201000000000"}),
    (CardRule.DATE, "field 37", {"f37": "636700001234"}),
    (CardRule.CLOCK, "fields 7, 12 and 13", {"f12": "090509"}),  # UTC in a field of Almaty's time
    (CardRule.CHIP_DATA, "field 55", {"f55": "9F2609A1B2C3D4E5F607"}),
    *((CardRule.CHIP_DATA, f"field 55, tag {tag}", {"f55": tlv}) for tag, tlv in TLV_WITH.items()),
    (CardRule.PARTY, "field 32", {"f32": "400002"}),
    (CardRule.PARTY, "field 42", {"f42": "TOLEM0000000002"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "where", "change"), BROKEN_HOLDS, ids=lambda it: getattr(it, "name", None))
async def test_a_broken_hold_is_30_with_its_rule_and_field(
    *,
    rule: CardRule,
    where: str,
    change: dict[str, str | None],
    card_line: Any,
    messages: Any,
    log_line: Any,
    sandbox: Any,
) -> None:
    assert await card_line.code(messages.hold(**change)) == "30"
    line = log_line("card-host")
    assert (line["rule"], line["place"], line["says"]) == (rule.name.lower(), where, rule.says)
    assert sandbox.card_rows() == []


@pytest.mark.parametrize(
    ("sent_utc", "local"),
    [
        ("1231200000", ("0101", "010000")),  # New Year comes to Almaty first
        ("0228200000", ("0301", "010000")),
        ("0228200000", ("0229", "010000")),
        ("1122090509", ("1122", "140539")),  # within the minute
    ],
)
async def test_the_two_clocks_of_a_hold_may_stand_on_two_days(
    sent_utc: str, local: tuple[str, str], card_line: Any, messages: Any
) -> None:
    assert await card_line.code(messages.hold(f7=sent_utc, f13=local[0], f12=local[1])) == "00"


async def test_pan_and_expiry_may_come_without_track_2(card_line: Any, messages: Any) -> None:
    assert await card_line.code(messages.hold(f35=None, f2="4012345678909", f14="2812", f62=None)) == "00"


BROKEN_ADVICES: list[tuple[str, CardRule, str, dict[str, str | None]]] = [
    *(("capture", CardRule.MISSING, f"field {n}", {f"f{n}": None}) for n in (3, 4, 7, 12, 13, 37, 41, 42, 49)),
    *(("reversal", CardRule.MISSING, f"field {n}", {f"f{n}": None}) for n in (3, 4, 7, 12, 13, 37, 41, 42, 49, 90)),
    *(("capture", CardRule.FOREIGN, f"field {n}", {f"f{n}": "0" * 16}) for n in (35, 52)),
    *(("reversal", CardRule.FOREIGN, f"field {n}", {f"f{n}": "40123456789"}) for n in (2, 55)),
    ("capture", CardRule.APPROVAL, "field 38", {"f38": None}),
    ("capture", CardRule.APPROVAL, "field 38", {"f38": "XXXXXX"}),
    ("reversal", CardRule.APPROVAL, "field 38", {"f38": "XXXXXX"}),
    ("reversal", CardRule.VALUE, "field 90", {"f90": "0200" + "0" * 38}),
    ("reversal", CardRule.ORIGINAL, "field 90", {"f90": "0100" + "000002" + "1122090509" + "00000400001" + "0" * 11}),
    ("reversal", CardRule.ORIGINAL, "field 90", {"f90": "0100" + "000001" + "1122090510" + "00000400001" + "0" * 11}),
    ("reversal", CardRule.ORIGINAL, "field 90, acquirer", {"f90": "0100" + "000001" + "1122090509" + "00000400002" + "0" * 11}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "rule", "where", "change"), BROKEN_ADVICES, ids=lambda it: getattr(it, "name", None)
)
async def test_a_broken_advice_is_30_and_leaves_the_hold(
    *,
    kind: str,
    rule: CardRule,
    where: str,
    change: dict[str, str | None],
    card_line: Any,
    messages: Any,
    log_line: Any,
    sandbox: Any,
) -> None:
    held = await card_line.ask(messages.hold())
    assert await card_line.code(getattr(messages, kind)(**{"f38": held["38"]} | change)) == "30"
    line = log_line("card-host")
    assert (line["rule"], line["place"]) == (rule.name.lower(), where)
    assert sandbox.card_rows() == [HELD]


def test_every_rule_of_a_message_has_a_test_that_breaks_it() -> None:
    broken = {row[0] for row in BROKEN_HOLDS} | {row[1] for row in BROKEN_ADVICES}
    assert broken == {rule for rule in CardRule if rule.code == "30"} - {CardRule.PIN_BLOCK}


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"0100",
        b"0200" + b"0" * 16,
        b"0100" + b"Z" * 16,
        b"\xff\x00\xff",
        b"0800822000000000000084000000000000000000010000301x",
        b"0100C" + b"0" * 15 + b"8" + b"0" * 31,
    ],
)
async def test_an_undecodable_frame_closes_the_connection(
    frame: bytes, card_line: Any, log_line: Any
) -> None:
    card_line.send_frame(frame)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await card_line.receive_frame()
    assert log_line("card-host")["rule"] == "undecodable"


async def test_a_frame_may_come_byte_by_byte_and_two_at_once(card_line: Any, messages: Any) -> None:
    frame = b"0800" + b"8220000000000000" + b"0400000000000000" + b"1122090509" + b"000009" + b"301"
    framed = struct.pack(">H", len(frame)) + frame
    for number in range(len(framed)):
        card_line.writer.write(framed[number : number + 1])
        await card_line.writer.drain()
        await asyncio.sleep(0)
    card_line.writer.write(framed * 2)
    assert [(await card_line.receive())["39"] for _ in range(3)] == ["00"] * 3
