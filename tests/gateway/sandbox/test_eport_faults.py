"""e-port's faults on HTTP, and what its ledger has after each."""

import asyncio
from typing import Any

import pytest
from lxml import etree

ACCEPTED = ("0", "true")


@pytest.fixture
async def checked(eport_client: Any, bodies: Any) -> None:
    await eport_client.post("bank_account", bodies.check())


def _statuses(sandbox: Any) -> list[str]:
    return [row.status for row in sandbox.eport_rows()]


@pytest.mark.parametrize("name", ["silence", "cut"])
@pytest.mark.parametrize(("position", "book"), [("before", []), ("after", ["ACCEPTED"])])
async def test_no_answer_comes_and_the_repeat_is_answered(
    *,
    name: str,
    position: str,
    book: list[str],
    checked: None,
    eport_client: Any,
    bodies: Any,
    sandbox: Any,
    fault_next: Any,
    log_line: Any,
) -> None:
    fault_next(name, position, operation="bank_payment")
    with pytest.raises(ConnectionError):
        await eport_client.post("bank_payment", bodies.payment())
    assert (_statuses(sandbox), log_line("eport")["fault"]) == (book, f"{name} {position}")
    assert (await eport_client.post("bank_payment", bodies.payment())).verdict == ACCEPTED
    assert _statuses(sandbox) == ["ACCEPTED"]


async def test_a_cut_answer_breaks_in_the_middle(
    checked: None, eport_client: Any, bodies: Any, fault_next: Any
) -> None:
    fault_next("cut", "after", operation="bank_payment")
    async with eport_client.line() as (reader, writer):
        writer.write(eport_client.request("bank_payment", bodies.payment()))
        head = await reader.readuntil(b"\r\n\r\n")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(100_000)
    assert b"Content-Length" in head


@pytest.mark.parametrize("position", ["before", "after"])
async def test_a_late_answer_is_an_answer(
    *, position: str, checked: None, eport_client: Any, bodies: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("delay", position, operation="bank_payment")
    asking = asyncio.create_task(eport_client.post("bank_payment", bodies.payment()))
    assert (await asking).verdict == ACCEPTED
    assert _statuses(sandbox) == ["ACCEPTED"]


async def test_a_delayed_request_takes_effect_though_nobody_waits(
    checked: None, eport_client: Any, bodies: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("delay", "before", operation="bank_payment")
    async with eport_client.line() as (_, writer):
        writer.write(eport_client.request("bank_payment", bodies.payment()))
        while sandbox.faults.rules:  # until the request has met its fault
            await eport_client.post("bank_status", bodies.txn("bank_status"))
    while not sandbox.eport_rows():
        await eport_client.post("bank_status", bodies.txn("bank_status"))
    assert _statuses(sandbox) == ["ACCEPTED"]


async def test_a_request_taken_twice_has_one_effect(
    checked: None, eport_client: Any, bodies: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("duplicate", "before", operation="bank_payment")
    assert (await eport_client.post("bank_payment", bodies.payment())).verdict == ACCEPTED
    assert _statuses(sandbox) == ["ACCEPTED"]


async def test_an_answer_may_come_twice(
    checked: None, eport_client: Any, bodies: Any, fault_next: Any
) -> None:
    fault_next("duplicate", "after", operation="bank_payment")
    async with eport_client.line() as (reader, writer):
        writer.write(eport_client.request("bank_payment", bodies.payment()))
        answers = [await eport_client.answer(reader) for _ in range(2)]
    assert answers[0].body == answers[1].body


@pytest.mark.parametrize("dice", range(6))
@pytest.mark.parametrize(("position", "book"), [("before", []), ("after", ["ACCEPTED"])])
async def test_garbage_is_never_the_answer(
    *,
    dice: int,
    position: str,
    book: list[str],
    checked: None,
    eport_client: Any,
    bodies: Any,
    sandbox: Any,
    fault_next: Any,
) -> None:
    fault_next("garbage", position, operation="bank_payment", dice=dice)
    garbage = await eport_client.post("bank_payment", bodies.payment())
    assert (garbage.status, _statuses(sandbox)) == (200, book)
    assert len(garbage.body) > 65536 or b"<!DOCTYPE" in garbage.body or not _is_answer(garbage.body)


def _is_answer(body: bytes) -> bool:
    try:
        return etree.fromstring(body).findtext("*/txn_id") == "26112200000001234567"
    except etree.XMLSyntaxError:
        return False


async def test_a_refusal_before_is_final_and_in_the_book(
    checked: None, eport_client: Any, bodies: Any, sandbox: Any, fault_next: Any
) -> None:
    fault_next("refuse", "before", operation="bank_payment")
    refused = [await eport_client.post("bank_payment", bodies.payment()) for _ in range(2)]
    assert [answer.verdict for answer in refused] == [("7", "true")] * 2
    assert _statuses(sandbox) == ["REFUSED"]


async def test_what_was_accepted_is_not_refused_later(
    checked: None, eport_client: Any, bodies: Any, sandbox: Any, fault_next: Any
) -> None:
    await eport_client.post("bank_payment", bodies.payment())
    fault_next("refuse", "before", operation="bank_payment")
    assert (await eport_client.post("bank_payment", bodies.payment())).verdict == ACCEPTED


async def test_a_check_can_be_refused(eport_client: Any, bodies: Any, fault_next: Any) -> None:
    fault_next("refuse", "before")
    assert (await eport_client.post("bank_account", bodies.check())).verdict == ("7", "true")


@pytest.mark.parametrize(
    ("name", "position", "status", "book"),
    [
        ("refuse", "after", 403, ["ACCEPTED"]),
        ("5xx", "before", 503, []),
        ("5xx", "after", 503, ["ACCEPTED"]),
    ],
)
async def test_a_shut_door_says_nothing_of_the_payment(
    *,
    name: str,
    position: str,
    status: int,
    book: list[str],
    checked: None,
    eport_client: Any,
    bodies: Any,
    sandbox: Any,
    fault_next: Any,
) -> None:
    fault_next(name, position, operation="bank_payment", dice=2)
    answer = await eport_client.post("bank_payment", bodies.payment())
    assert (answer.status, _statuses(sandbox)) == (status, book)


@pytest.mark.parametrize("position", ["before", "after"])
async def test_a_status_is_never_made_to_refuse(
    *, position: str, checked: None, eport_client: Any, bodies: Any, fault_next: Any
) -> None:
    await eport_client.post("bank_payment", bodies.payment())
    fault_next("refuse", position, operation="bank_status")
    assert (await eport_client.post("bank_status", bodies.txn("bank_status"))).status == 403


async def test_a_broken_request_meets_no_fault(eport_client: Any, fault_next: Any, sandbox: Any) -> None:
    fault_next("silence", "before")
    assert (await eport_client.post("bank_account", "<request/>")).status == 400
    assert len(sandbox.faults.rules) == 1
