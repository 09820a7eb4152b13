"""We are the payer's bank: a link, an offer, an order, its ending, against the sandbox's platform over HTTPS."""

import asyncio
from typing import Any

import pytest

from gateway.c2b2e import message_book
from gateway.contract import Money
from gateway.problems import ProblemError
from gateway.transfer_contract import OrderNeverReceived

LINK = "BBB000000000000000000001"
ADDRESS = f"https://qr.tolem.example/{LINK}"


async def test_a_link_is_paid_with_one_debit_and_one_credit(payer: Any) -> None:
    view = await payer.ours.pay(ADDRESS)
    await payer.ends()
    assert (view.state, view.told) == ("SETTLED", "paid")
    assert payer.state == ("SETTLED", None)
    transfer = await payer.ours.only()
    chain = await payer.ours.spool.read(lambda tx: message_book.chain(tx, transfer.key))
    questions = {one.msg_id for one in chain if one.kind.startswith("pacs.028")}  # of a slow machine
    told = [one for one in chain if not {one.msg_id, one.query_msg_id} & questions]
    assert [(one.direction, one.kind[:8], one.status, one.http) for one in told] == [
        ("out", "admi.009", None, 200),
        ("in", "admi.010", None, 200),
        ("out", "pacs.008", None, 200),
        ("in", "pacs.002", "PDNG", 200),
        ("in", "pacs.002", "ACSC", 200),
    ]
    assert {one.signer for one in chain} == {"AAAAKZKA", "NPCKKZKA"}


async def test_an_offer_serves_one_order_and_a_put_that_is_repeated_is_the_same_one(payer: Any) -> None:
    ours = payer.ours
    offer, order_id = await ours.resolve(LINK), ours.new_id()
    views = await asyncio.gather(*(ours.put(offer, order_id=order_id, wait_seconds=20) for _ in range(3)))
    assert {view.state for view in views} == {"SETTLED"}
    assert len(ours.funds.holds) == 1
    await _refused("order_conflict", ours.put(offer, order_id=order_id, total=Money(amount_minor=1)))
    await _refused("offer_used", ours.put(offer))
    assert "order_conflict" in await ours.alarms()
    await payer.ends()


async def test_what_differs_from_the_offer_or_is_not_this_terminals_is_refused_before_the_hold(
    payer: Any,
) -> None:
    ours = payer.ours
    offer = await ours.resolve(LINK)
    await _refused("offer_differs", ours.put(offer, amount=Money(amount_minor=1)))
    await _refused("offer_unknown", ours.put(offer.model_copy(update={"offer_id": "unknown"})))
    await _refused("order_not_found", ours.parts.paying.get_order("ATM2", ours.new_id(), wait_seconds=0))
    assert ours.funds.holds == {}


async def test_an_order_that_never_arrived_is_refused_for_ever(payer: Any) -> None:
    ours = payer.ours
    offer, order_id = await ours.resolve(LINK), ours.new_id()
    told = await ours.spool.write(lambda tx: ours.parts.paying.resolve_order(tx, "ATM00017", order_id))
    assert told == OrderNeverReceived(order_id=order_id)
    await _refused("never_received", ours.put(offer, order_id=order_id))
    view = await ours.put(offer, wait_seconds=20)
    found = await ours.spool.write(lambda tx: ours.parts.paying.resolve_order(tx, "ATM00017", view.order_id))
    assert found.state == "SETTLED"
    await payer.ends()


async def test_a_platform_that_does_not_answer_is_told_at_once_and_is_asked_again_by_a_link(
    payer: Any,
) -> None:
    ours = payer.ours
    offer = await ours.resolve(LINK)
    for _ in range(5):
        ours.breakers.unanswered("platform")
    await _refused("transfers_unavailable", ours.put(offer))

    async def probe_is_due() -> bool:
        return ours.breakers.state("platform") == "half_open"

    await payer.until(probe_is_due)
    assert (await ours.resolve(LINK)).link_id == LINK
    assert (await ours.put(offer, wait_seconds=20)).state == "SETTLED"


async def _refused(code: str, call: Any) -> None:
    with pytest.raises(ProblemError) as refused:
        await call
    assert refused.value.code == code
