"""What an operator asks about transfers: one chain, found by whatever number a person has."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.c2b2e.commands import NO_SUCH_TRANSFER, TransferCommands
from spool import ControlError

LINK = "BBB000000000000000000001"


@pytest.fixture
def our_timers() -> dict[str, float]:
    """Nobody asks what becomes of it while a busy machine takes its time."""
    return {"payer_question_first_seconds": 60, "payee_question_first_seconds": 60}


@pytest.fixture
def ask() -> Any:
    async def ask(town: Any, command: str, **arguments: Any) -> list[dict[str, Any]]:
        commands = TransferCommands(town.ours.spool).commands()
        return [item async for item in commands[command](arguments)]

    return ask


async def settled(town: Any) -> None:
    """Both books agree, and our card host has answered for the last time."""

    async def closed() -> bool:
        return (await town.ours.only()).hold_closed is not None

    await town.ends()
    await town.until(closed)


async def test_a_payers_chain_is_found_by_each_of_its_numbers_and_told_whole(payer: Any, ask: Any) -> None:
    view = await payer.ours.pay(LINK)
    await settled(payer)
    [told] = await ask(payer, "transfers.show", id=view.end_to_end_id)
    chain = told["transfer"]
    messages = chain["messages"]
    assert [(one["direction"], one["kind"][:8], one["status"]) for one in messages] == [
        ("out", "admi.009", None),
        ("in", "admi.010", None),
        ("out", "pacs.008", None),
        ("in", "pacs.002", "PDNG"),
        ("in", "pacs.002", "ACSC"),
    ]
    assert {(one["direction"], one["signer"]) for one in messages} == {
        ("out", "AAAAKZKA"),
        ("in", "NPCKKZKA"),
    }
    assert {one["http"] for one in messages} == {200}
    assert messages[-1]["original_msg_id"] in {messages[2]["msg_id"], None}
    assert [line["state"] for line in chain["history"]][-1] == "SETTLED"
    numbers = [
        LINK,
        f"https://qr.tolem.example/{LINK}",
        view.order_id,
        view.tx_id,
        view.rrn,
        *(one["msg_id"] for one in messages),
    ]
    assert [await ask(payer, "transfers.show", id=number) for number in numbers] == [[told]] * len(numbers)


async def test_a_terminal_and_a_time_find_a_chain_too(payer: Any, ask: Any) -> None:
    view = await payer.ours.pay(LINK)
    at = view.accepted_at
    shown = {"from": at.isoformat(), "to": (at + timedelta(seconds=1)).isoformat()}
    [told] = await ask(payer, "transfers.show", terminal=view.terminal, **shown)
    assert told["transfer"]["order_id"] == view.order_id
    with pytest.raises(ControlError) as refused:
        await ask(payer, "transfers.show", terminal="OTHER", **shown)
    assert refused.value.code == NO_SUCH_TRANSFER


async def test_a_sale_is_told_before_the_chains_of_its_link(payee: Any, ask: Any) -> None:
    sale = await payee.ours.sell()
    await payee.other.payer.pay(sale.link_id)
    await settled(payee)
    for number in (sale.sale_id, sale.link, sale.link_id):
        told_sale, told = await ask(payee, "transfers.show", id=number)
        assert told_sale["sale"]["state"] == "PAID"
        assert told_sale["sale"]["end_to_end_id"] == told["transfer"]["end_to_end_id"]
        assert (told["transfer"]["role"], told["transfer"]["state"]) == ("payee", "SETTLED")
    [line] = await ask(payee, "transfers.books")
    assert (line["role"], line["state"], line["closed"], line["amount"]) == (
        "payee",
        "SETTLED",
        True,
        150_000,
    )
    [row] = await ask(payee, "transfers.list", limit=5)
    assert row["end_to_end_id"] == line["end_to_end_id"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"id": "nothing"}, NO_SUCH_TRANSFER),
        ({}, "bad_argument"),
        ({"terminal": "POS00001"}, "bad_argument"),
        ({"terminal": "POS00001", "from": "2026-11-22T10:00:00", "to": "x"}, "bad_argument"),
    ],
)
async def test_what_names_nothing_is_told_so(payee: Any, ask: Any, arguments: Any, code: str) -> None:
    with pytest.raises(ControlError) as refused:
        await ask(payee, "transfers.show", **arguments)
    assert refused.value.code == code
