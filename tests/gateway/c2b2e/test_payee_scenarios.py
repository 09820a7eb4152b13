"""Every unsuccessful scenario of the source by its step, where we are the payee's bank: the three books agree each time.

All of them run with --long; what is left without it has one of each kind.
"""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from gateway.outcomes import AccountOutcome, AdviceOutcome, Verdict

NO_ANSWER = [None] * 4
long = pytest.mark.long


# steps 3 to 5: nobody orders


@pytest.mark.parametrize("timer_changes", [{"details_seconds": 0.6}], ids=[""])
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        pytest.param(lambda it: it.fault("3", "silence", count=4), "AB08", id="3 no answer", marks=long),
        pytest.param(lambda it: it.fault("3", "garbage"), "MS03", id="3 failed validation", marks=long),
        pytest.param(lambda it: it.fault("4", "silence", count=4), "AB05", id="4 no answer", marks=long),
        pytest.param(lambda it: it.fault("4", "refuse"), "FF01", id="4 failed validation", marks=long),
        pytest.param(
            lambda it: it.other.script.answers.update({"5": [400]}), None, id="5 refusal", marks=long
        ),
    ],
)
async def test_without_details_nobody_orders(payee: Any, arrange: Any, reason: str | None) -> None:
    arrange(payee)
    sale = await payee.ours.sell()
    order = await payee.other.payer.pay(sale.link_id)
    assert (order.state, order.reason) == ("FAILED", reason)
    await payee.ends()
    assert (await payee.ours.sale(sale.sale_id)).told == "waiting"


async def test_3_an_unknown_link_is_404_and_a_cancelled_one_410(payee: Any) -> None:
    sale = await payee.ours.sell()
    assert (await payee.ours.cancel(sale.sale_id)).told == "cancelled"
    for link_id, status in (("BBB" + "0" * 21, 404), (sale.link_id, 410)):
        order = await payee.other.payer.ask(link_id)
        assert (order.state, order.reason) == ("FAILED", "MS03")
        assert payee.seen("3")[0]["verdict"] == f"answered {status}"


# steps 9 to 16: a reason for each


@pytest.mark.parametrize("timer_changes", [{"order_life_seconds": 1.5}], ids=[""])
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        pytest.param(lambda it: it.fault("10", "refuse"), "ED05", id="10 refusal", marks=long),
        pytest.param(lambda it: it.fault("11", "silence", count=4), "AB08", id="11 no answer", marks=long),
        pytest.param(lambda it: it.fault("11", "garbage"), "MS03", id="11 failed validation", marks=long),
        pytest.param(
            lambda it: setattr(
                it.ours.funds, "beneficiary", AccountOutcome(Verdict.REFUSED, response_code="14")
            ),
            "AC03",
            id="12 refusal",
        ),
        pytest.param(
            lambda it: setattr(it.ours.funds, "beneficiary", AccountOutcome(Verdict.UNANSWERED)),
            "AB05",
            id="12 no answer",
            marks=long,
        ),
        pytest.param(lambda it: it.fault("13", "silence", count=4), "AB05", id="13 no answer", marks=long),
        pytest.param(lambda it: it.fault("13", "refuse"), "FF01", id="13 failed validation", marks=long),
        pytest.param(
            lambda it: it.other.script.answers.update({"14": list(NO_ANSWER)}),
            "TM01",
            id="14 no answer",
            marks=long,
        ),
        pytest.param(
            lambda it: it.other.script.answers.update({"14": [422]}), "MS03", id="14 refusal", marks=long
        ),
        pytest.param(lambda it: it.fault("15", "refuse"), "ED05", id="15 the commit fails", marks=long),
        pytest.param(lambda it: it.fault("16", "garbage"), "MS03", id="16 failed validation", marks=long),
        pytest.param(lambda it: it.fault("16", "refuse"), "MS03", id="16 refusal", marks=long),
    ],
)
async def test_a_chain_that_fails_credits_nobody(payee: Any, arrange: Any, reason: str) -> None:
    arrange(payee)
    sale = await payee.ours.sell()
    order = await payee.other.payer.pay(sale.link_id)
    assert (order.state, order.reason) == ("REJECTED", reason)
    await payee.ends()
    assert payee.ours.funds.credit_rows() == []
    view = await payee.ours.sale(sale.sale_id)
    assert (view.state, view.told) == ("OPEN", "waiting")


async def test_an_order_for_another_sum_than_the_links_is_rejected(payee: Any) -> None:
    sale = await payee.ours.sell()
    order = await payee.other.payer.ask(sale.link_id)
    order.amount += 1
    await payee.other.payer.order(order)
    assert (order.state, order.reason) == ("REJECTED", "AM09")
    assert (await payee.ours.only()).state == "REJECTED"
    assert payee.ours.funds.credit_rows() == []


async def test_a_link_that_somebody_is_paying_is_410_to_another(payee: Any) -> None:
    sale = await payee.ours.sell()
    first, second = [await payee.other.payer.ask(sale.link_id) for _ in range(2)]
    await payee.other.payer.order(first)
    await payee.other.payer.order(second)
    await payee.ends()
    assert (first.state, second.state, second.reason) == ("SETTLED", "REJECTED", "MS03")
    assert [move.after for move in payee.ours.moves if move.key.end_to_end_id == second.end_to_end_id][
        -1
    ] == "LAPSED"


# what a repeat or a question heals


@pytest.mark.parametrize(
    ("step", "name", "position"),
    [
        pytest.param("3", "silence", "after", marks=long),
        pytest.param("4", "silence", "after", marks=long),
        pytest.param("11", "silence", "after", marks=long),
        pytest.param("11", "duplicate", "before", marks=long),
        ("13", "silence", "after"),
        pytest.param("13", "5xx", "before", marks=long),
        pytest.param("16", "silence", "after", marks=long),
        pytest.param("16", "duplicate", "before", marks=long),
    ],
)
async def test_a_trouble_of_the_line_ends_with_one_debit_and_one_credit(
    payee: Any, step: str, name: str, position: str
) -> None:
    payee.fault(step, name, position)
    sale = await payee.ours.sell()
    order = await payee.other.payer.pay(sale.link_id)
    await payee.ends()
    assert (order.state, (await payee.ours.sale(sale.sale_id)).told) == ("SETTLED", "paid")
    assert len(payee.ours.funds.credit_rows()) == 1


async def test_16_1_the_ending_is_learnt_by_asking(payee: Any) -> None:
    payee.fault("16", "silence", count=10_000)
    sale = await payee.ours.sell()
    assert (await payee.other.payer.pay(sale.link_id)).state == "SETTLED"
    await payee.ends()
    assert payee.seen("16.1")
    assert (await payee.ours.sale(sale.sale_id)).told == "paid"


@pytest.mark.parametrize(
    "our_timers",
    [
        {
            "payee_question_first_seconds": 0.1,
            "payee_question_gap_seconds": 0.1,
            "payee_question_count": 1,
        }
    ],
    ids=[""],
)
async def test_16_1_who_learns_nothing_stops_without_credit_and_a_late_ending_credits_once(
    payee: Any,
) -> None:
    payee.fault("16", "silence", count=30)
    payee.fault("16.1", "refuse", count=10_000)
    sale = await payee.ours.sell()
    paying = asyncio.create_task(payee.other.payer.pay(sale.link_id))
    await payee.until_state("ABANDONED")
    assert (await payee.ours.sale(sale.sale_id)).told == "doubtful"
    assert payee.ours.funds.credit_rows() == []
    assert "payee_questions_over" in await payee.ours.alarms()
    payee.platform.faults.rules.clear()
    assert (await paying).state == "SETTLED"
    await payee.ends()
    assert (await payee.ours.sale(sale.sale_id)).told == "paid_late"
    assert "payee_settled_told" in await payee.ours.alarms()
    assert len(payee.ours.funds.credit_rows()) == 1


async def test_a_credit_that_is_not_answered_is_sent_again_and_credits_once(payee: Any) -> None:
    payee.ours.funds.answers = [AdviceOutcome(Verdict.UNANSWERED)] * 2
    sale = await payee.ours.sell()
    await payee.other.payer.pay(sale.link_id)
    await payee.ends()
    assert len(payee.ours.funds.credit_rows()) == 1


async def test_a_credit_that_is_refused_waits_for_a_person(payee: Any) -> None:
    payee.ours.funds.answers = [AdviceOutcome(Verdict.REFUSED, "62")]
    sale = await payee.ours.sell()
    await payee.other.payer.pay(sale.link_id)

    async def alarmed() -> bool:
        return "payee_credit_refused" in await payee.ours.alarms()

    await payee.until(alarmed)
    assert (await payee.ours.only()).state == "SETTLED"


@pytest.mark.parametrize("our_timers", [{"link_life_seconds": 0.3}], ids=[""])
async def test_a_link_expires_and_whoever_asked_for_it_orders_no_more(payee: Any) -> None:
    sale = await payee.ours.sell()
    order = await payee.other.payer.ask(sale.link_id)
    await payee.until_state("LAPSED")
    assert (await payee.ours.sale(sale.sale_id)).told == "expired"
    with suppress(asyncio.CancelledError):
        await payee.other.payer.order(order)
    assert (order.state, order.reason) == ("REJECTED", "MS03")
    await payee.ends()
