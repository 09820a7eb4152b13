"""A process that ends between any two commits goes on where it was: one debit and one credit, or neither."""

import asyncio
from typing import Any

import pytest

AMOUNT = 150_000
OF_PAYER = (
    "BEGUN",
    "DETAILS_GIVEN",
    "CONFIRMED",
    "ACCOUNT_FIT",
    "HOLD_APPROVED",
    "PENDING_TOLD",
    "SETTLED_TOLD",
)
OF_PAYEE = ("BEGUN", "ORDER_TAKEN", "BENEFICIARY_FIT", "PENDING_LEAVES", "SETTLED_TOLD")


async def test_the_payers_bank_starts_again_behind_each_of_its_moves(payer: Any) -> None:
    for number, event in enumerate(OF_PAYER):
        link = f"BBB{number:021d}"
        payer.other.payee.offer(link, amount=AMOUNT)
        await payer.ours.restart_behind(event, payer.ours.pay(link))
    await payer.ends()
    ordered = [one for one in await payer.ours.every() if one.order_id]
    assert {one.state for one in ordered} <= {"SETTLED", "RELEASED", "FAILED"}
    assert ordered[-1].state == "SETTLED"
    assert all(hold.held == 0 for hold in payer.ours.funds.holds.values())


async def test_the_payees_bank_starts_again_behind_each_of_its_moves(payee: Any) -> None:
    paying = []
    for event in OF_PAYEE:
        sale = await payee.ours.sell()
        order = asyncio.create_task(payee.other.payer.pay(sale.link_id))
        paying.append(order)
        await payee.ours.restart_behind(event, _watch(order))
    await asyncio.gather(*paying)
    await payee.ends()
    assert {order.result().state for order in paying} <= {"SETTLED", "REJECTED", "FAILED"}
    assert paying[-1].result().state == "SETTLED"
    sold = [one for one in await payee.ours.every() if one.state == "SETTLED"]
    assert len(payee.ours.funds.credit_rows()) == len(sold)


async def _watch(task: asyncio.Task[Any]) -> None:
    """The other side goes on, whoever no longer watches."""
    await asyncio.shield(task)


async def test_an_order_that_was_cut_off_while_its_hold_was_asked_is_released(payer: Any) -> None:
    link = "BBB000000000000000000009"
    payer.other.payee.offer(link, amount=AMOUNT)
    held = payer.ours.funds.hold

    async def never_answers(*asked: Any) -> Any:
        await held(*asked)
        await asyncio.Event().wait()

    payer.ours.funds.hold = never_answers
    offer = await payer.ours.resolve(link)
    putting = asyncio.create_task(payer.ours.put(offer, wait_seconds=20))
    await payer.until_state("HOLDING")
    putting.cancel()
    await payer.ours.restart()
    await payer.until_state("RELEASED")
    assert (await payer.ours.only()).reason == "card_host_unanswered"
    await payer.ends()


@pytest.mark.parametrize("our_timers", [{"payer_question_first_seconds": 0.3}], ids=[""])
async def test_a_question_that_was_due_while_nobody_was_there_is_asked_after_the_start(payer: Any) -> None:
    link = "BBB000000000000000000008"
    payer.other.payee.offer(link, amount=AMOUNT)
    payer.fault("17", "silence", count=10_000)
    offer = await payer.ours.resolve(link)
    await payer.ours.put(offer)
    await payer.until_state("PENDING", "SETTLED")  # on a busy machine the question was not waited with
    await payer.ours.__aexit__()
    await asyncio.sleep(0.4)
    await payer.ours.__aenter__()
    await payer.ends()
    assert (await payer.ours.only()).state == "SETTLED"
