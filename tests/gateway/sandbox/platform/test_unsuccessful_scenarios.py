"""Every unsuccessful scenario of the source, by its step: who ends how, and the three books agree each time."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

NO_ANSWER = [None] * 4


# steps 2 to 5: nothing is ordered, nobody has lost anything


@pytest.mark.parametrize("timer_changes", [{"details_seconds": 0.5}], ids=[""])
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        pytest.param(lambda it: it.fault("2", "silence", count=4), "http None", id="2 no answer"),
        pytest.param(lambda it: it.fault("2", "refuse"), "http 422", id="2 failed validation"),
        pytest.param(lambda it: it.fault("2", "5xx", count=4, dice=1), "http 502", id="2 platform down"),
        pytest.param(
            lambda it: it.payee.script.answers.update({"3": list(NO_ANSWER)}), "AB08", id="3 no answer"
        ),
        pytest.param(lambda it: it.payee.script.answers.update({"3": [400]}), "MS03", id="3 invalid"),
        pytest.param(lambda it: it.payee.payee.links.clear(), "MS03", id="3 refused: unknown link"),
        pytest.param(lambda it: it.fault("3", "garbage", dice=1), "MS03", id="3 garbage"),
        pytest.param(lambda it: it.fault("3", "silence", count=4), "AB08", id="3 never sent"),
        pytest.param(lambda it: it.payee.script.mute.add("admi.010.001.02"), "AB05", id="4 no answer"),
        pytest.param(lambda it: it.payee.script.invalid.add("admi.010.001.02"), "FF01", id="4 invalid"),
        pytest.param(lambda it: it.fault("4", "refuse"), "FF01", id="4 failed validation"),
        pytest.param(lambda it: setattr(it.payee.script, "details", "AC04"), "AC04", id="4 refused"),
        pytest.param(lambda it: it.fault("5", "silence", count=4), None, id="5 no answer"),
        pytest.param(lambda it: it.payer.script.answers.update({"5": [400]}), None, id="5 invalid"),
    ],
)
async def test_without_details_nothing_is_ordered(town: Any, arrange: Any, reason: str | None) -> None:
    arrange(town)
    order = await town.pay()
    await town.ends()
    assert (order.state, order.reason) == ("FAILED", reason)
    assert town.platform.rows() == []


# step 9: the pacs.008 does not arrive


async def test_9_a_lost_order_keeps_the_hold_and_is_asked_about(town: Any) -> None:
    town.fault("9", "silence", count=4)
    paying = town.start_paying()
    await town.until(lambda: any(line["rule"] == "unknown" for line in town.seen("17.1")))
    (order,) = town.payer.payer.orders.values()
    assert order.state == "ORDERED"
    assert town.platform.rows() == []
    assert town.compare().agree
    assert town.compare().open == 1  # the hold lives on
    paying.cancel()
    with suppress(asyncio.CancelledError):
        await paying


async def test_9_a_refused_order_releases_at_once(town: Any) -> None:
    town.fault("9", "refuse")
    order = await town.pay()
    await town.ends()
    assert (order.state, order.reason, town.platform.rows()) == ("REJECTED", "http 422", [])


async def test_9_an_order_that_took_effect_behind_a_refusal_is_rejected_to_both(town: Any) -> None:
    town.fault("9", "refuse", "after")
    order = await town.pay()
    await town.ends()
    assert (order.state, town.state) == ("REJECTED", ("REJECTED", "MS03"))
    assert town.sold == ("REJECTED", 0)


# steps 10 to 15: a reason for each


@pytest.mark.parametrize("timer_changes", [{"order_life_seconds": 1.5}], ids=[""])
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        pytest.param(lambda it: it.fault("10", "refuse"), "ED05", id="10 position"),
        pytest.param(lambda it: it.fault("10", "refuse", dice=1), "AM02", id="10 limit"),
        pytest.param(
            lambda it: it.payee.script.answers.update({"11": list(NO_ANSWER)}), "AB08", id="11 no answer"
        ),
        pytest.param(lambda it: it.payee.script.answers.update({"11": [400]}), "MS03", id="11 invalid"),
        pytest.param(lambda it: it.fault("11", "silence", count=4), "AB08", id="11 never sent"),
        pytest.param(lambda it: it.fault("11", "refuse"), "MS03", id="11 refused"),
        pytest.param(lambda it: it.fault("11", "garbage"), "MS03", id="11 tampered"),
        pytest.param(lambda it: setattr(it.payee.script, "verdict", "AC06"), "AC06", id="12 refused"),
        pytest.param(lambda it: it.payee.script.mute.add("pacs.002.001.13"), "AB05", id="13 no answer"),
        pytest.param(lambda it: it.payee.script.invalid.add("pacs.002.001.13"), "FF01", id="13 invalid"),
        pytest.param(lambda it: it.fault("13", "refuse"), "FF01", id="13 failed validation"),
        pytest.param(lambda it: it.payee.script.forged.add("pacs.002.001.13"), "AB05", id="13 forged"),
        pytest.param(
            lambda it: it.payer.script.answers.update({"14": list(NO_ANSWER)}), "TM01", id="14 no answer"
        ),
        pytest.param(lambda it: it.payer.script.answers.update({"14": [422]}), "MS03", id="14 refused"),
        pytest.param(lambda it: it.fault("14", "garbage", dice=2), "MS03", id="14 invalid"),
        pytest.param(lambda it: it.fault("15", "refuse"), "ED05", id="15 the commit fails"),
        pytest.param(lambda it: it.payee.script.answers.update({"16": [400]}), "MS03", id="16 refused"),
        pytest.param(lambda it: it.fault("16", "garbage", dice=4), "MS03", id="16 invalid"),
    ],
)
async def test_a_chain_that_fails_moves_no_money(town: Any, arrange: Any, reason: str) -> None:
    arrange(town)
    order = await town.pay()
    await town.ends()
    assert (order.state, order.reason) == ("REJECTED", reason)
    assert town.state == ("REJECTED", reason)
    assert all(sale.credits == 0 for sale in town.payee.payee.orders.values())


async def test_10_a_position_that_is_too_small_is_ed05(town: Any) -> None:
    set_position(town, position=149_999)
    assert (await town.pay()).reason == "ED05"


async def test_10_a_limit_that_is_too_small_is_am02(town: Any) -> None:
    set_position(town, limit=149_999)
    assert (await town.pay()).reason == "AM02"


async def test_10_an_order_older_than_its_life_is_tm01(town: Any) -> None:
    order = await town.pay(age_seconds=16)
    await town.ends()
    assert (order.state, order.reason) == ("REJECTED", "TM01")


# what a repeat heals


@pytest.mark.parametrize(
    ("step", "name", "position"),
    [
        *((step, "silence", "after") for step in ("2", "3", "4", "5", "9", "11", "13", "14", "16", "17")),
        *((step, "cut", "before") for step in ("2", "3", "4", "5", "9", "11", "13", "14", "16", "17")),
        *((step, "duplicate", "before") for step in ("3", "9", "11", "13", "14", "16", "17")),
        *((step, "5xx", "before") for step in ("9", "13")),
        *((step, "delay", "before") for step in ("11", "13")),
    ],
)
async def test_a_trouble_of_the_line_ends_with_one_debit_and_one_credit(
    town: Any, step: str, name: str, position: str
) -> None:
    town.fault(step, name, position)
    order = await town.pay()
    await town.ends()
    assert (order.state, town.sold) == ("SETTLED", ("SETTLED", 1))


async def test_14_an_answer_that_is_lost_commits_at_the_repeat(town: Any) -> None:
    town.payer.script.answers_late["14"] = [None]
    assert (await town.pay()).state == "SETTLED"
    await town.ends()


# steps 16 and 17: the ending is told for as long as it takes, or asked for


async def test_16_1_the_payee_learns_the_ending_by_asking(town: Any) -> None:
    town.fault("16", "silence", count=10_000)
    order = await town.pay()
    await town.ends()
    assert town.sold == ("SETTLED", 1)
    assert town.seen("16.1")
    assert order.state == "SETTLED"


async def test_17_1_the_payer_learns_the_ending_by_asking(town: Any) -> None:
    town.fault("17", "silence", count=10_000)
    order = await town.pay()
    await town.ends()
    assert order.state == "SETTLED"
    assert town.seen("17.1")


async def test_17_a_payer_who_refuses_the_ending_still_learns_it(town: Any) -> None:
    town.payer.script.answers["17"] = [400]
    assert (await town.pay()).state == "SETTLED"
    await town.ends()


async def test_17_1_a_refused_question_is_asked_again(town: Any) -> None:
    town.fault("17", "silence", count=10_000)
    town.fault("17.1", "refuse", "after")
    town.fault("17.1 answer", "silence")
    assert (await town.pay()).state == "SETTLED"


def set_position(town: Any, **changes: int) -> None:
    book = town.platform._book
    with book.ledger.transaction():
        known = replace(book.participants.get("AAA"), **changes)
        book.participants.join(known)
        book.participants.set_position("AAA", known.position)
