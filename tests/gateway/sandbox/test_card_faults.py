"""The card host's faults on its wire, and what its ledger has after each."""

import asyncio
from typing import Any

import iso8583
import pytest
from iso8583.specs import default_ascii

BROKEN_LINE = (asyncio.IncompleteReadError, ConnectionError)


def _held(sandbox: Any) -> list[int]:
    return [row.held for row in sandbox.card_rows()]


def _is_answer(frame: bytes) -> bool:
    try:
        return iso8583.decode(frame, default_ascii)[0].get("11") == "000001"
    except iso8583.DecodeError:
        return False


async def _echo(line: Any) -> str:
    return await line.code({"t": "0800", "11": "000009", "70": "301"})


@pytest.mark.parametrize(("position", "book"), [("before", []), ("after", [154500])])
async def test_silence_leaves_the_line_up(
    *, position: str, book: list[int], card_line: Any, messages: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("silence", position, operation="hold")
    card_line.send(messages.hold())
    assert await _echo(card_line) == "00"  # the only answer there is
    assert _held(sandbox) == book
    assert await card_line.code(messages.reversal()) == "00"
    assert _held(sandbox) == [0]
    assert sandbox.card_rows()[0].violations == ()


@pytest.mark.parametrize(("position", "book"), [("before", []), ("after", [154500])])
async def test_a_cut_takes_the_line_with_it(
    *, position: str, book: list[int], card_line: Any, messages: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("cut", position, operation="hold")
    card_line.send(messages.hold())
    with pytest.raises(BROKEN_LINE):
        await card_line.receive_frame()
    assert _held(sandbox) == book


async def test_others_on_the_line_are_not_held_up_by_a_late_answer(
    card_line: Any, messages: Any, fault_next: Any
) -> None:
    fault_next("delay", "after", operation="hold")
    card_line.send(messages.hold())
    assert await _echo(card_line) == "00"
    assert (await card_line.receive())["t"] == "0110"


async def test_a_hold_that_is_late_comes_after_its_reversal(
    card_line: Any, messages: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("delay", "before", operation="hold")
    card_line.send(messages.hold())
    assert (await card_line.ask(messages.reversal()))["t"] == "0430"
    assert (await card_line.receive())["39"] == "94"
    assert _held(sandbox) == [0]


async def test_a_message_taken_twice_has_one_effect_and_is_not_held_against_us(
    card_line: Any, messages: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("duplicate", "before", count=2)
    held = await card_line.ask(messages.hold())
    assert (held["39"], _held(sandbox)) == ("00", [154500])
    assert await card_line.code(messages.capture(f38=held["38"])) == "00"
    (row,) = sandbox.card_rows()
    assert (row.held, row.captured, row.violations) == (0, 154500, ())


async def test_an_answer_may_come_twice(card_line: Any, messages: Any, fault_next: Any) -> None:
    fault_next("duplicate", "after")
    assert await card_line.ask(messages.hold()) == await card_line.receive()


@pytest.mark.parametrize("dice", range(3))
@pytest.mark.parametrize(("position", "book"), [("before", []), ("after", [154500])])
async def test_garbage_is_never_the_answer(
    *, dice: int, position: str, book: list[int], card_line: Any, messages: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("garbage", position, dice=dice)
    card_line.send(messages.hold())
    frame = await card_line.receive_frame()
    assert not _is_answer(frame)
    assert _held(sandbox) == book


@pytest.mark.parametrize(
    ("name", "position", "code", "book"),
    [
        ("refuse", "before", "05", [0]),
        ("refuse", "after", "91", [154500]),
        ("5xx", "before", "96", []),
        ("5xx", "after", "96", [154500]),
    ],
)
async def test_a_code_may_hide_a_hold(
    *,
    name: str,
    position: str,
    code: str,
    book: list[int],
    card_line: Any,
    messages: Any,
    sandbox: Any,
    fault_next: Any,
) -> None:
    fault_next(name, position)
    assert await card_line.code(messages.hold()) == code
    assert _held(sandbox) == book


async def test_an_advice_that_was_applied_in_silence_is_answered_on_its_repeat(
    card_line: Any, messages: Any, sandbox: Any, fault_next: Any
) -> None:
    held = await card_line.ask(messages.hold())
    fault_next("silence", "after", operation="capture")
    card_line.send(messages.capture(f38=held["38"]))
    assert await card_line.code(messages.capture(f38=held["38"])) == "00"
    assert sandbox.card_rows()[0].captured == 154500


async def test_a_fault_finds_its_terminal(new_card_line: Any, messages: Any, fault_next: Any) -> None:
    fault_next("5xx", "before", terminal="ATM00018")
    async with new_card_line() as one, new_card_line() as other:
        assert await one.code(messages.hold()) == "00"
        assert await other.code(messages.hold(f41="ATM00018")) == "96"
