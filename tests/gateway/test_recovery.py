"""A gateway ends and starts again: what was half done goes on."""

from contextlib import asynccontextmanager

import pytest

from gateway.bills.payment_states import State
from gateway.client import Refusal
from gateway.contract import NeverReceived, Told
from gateway.eport.operations import Operation
from gateway.outcomes import AdviceOutcome, EportOutcome, HoldOutcome, Verdict
from gateway.settings import TimersSection

SILENCE = EportOutcome(Verdict.UNANSWERED, detail="no answer in time")
HASTY = TimersSection(shutdown_seconds=0.05)


@pytest.fixture
def live(open_gateway, terminal_of, customer_of, moved):
    """`async with live() as customer`: one life of the gateway, cut short at its end."""

    @asynccontextmanager
    async def life(**changes):
        moved.clear()
        async with open_gateway(**{"timers": HASTY, **changes}) as gateway:
            yield customer_of(terminal_of(gateway))

    return life


async def test_a_hold_whose_fate_the_restart_hid_is_reversed(live, funds, eport, moved) -> None:
    funds.may_answer.clear()
    async with live() as customer:
        await customer.pay(wait_seconds=0)
        payment_id = customer.last_id
    funds.may_answer.set()
    async with live() as customer:
        await moved.until(State.RELEASED)
        view = await customer.terminal.get(payment_id)
    assert [line.event for line in view.history] == ["PUT", "RESTARTED", "RELEASED"]
    assert (view.told, view.reason) == (Told.NOTHING_TAKEN, "card_host_unanswered")
    assert [message[:4] for message, _ in funds.advised] == [b"0420"]
    assert len(funds.held) == 1
    assert eport.of(Operation.PAYMENT) == []


async def test_a_reversal_names_the_acquirer_of_its_hold_whatever_the_settings_say_now(
    live, sections, funds, moved
) -> None:
    funds.may_answer.clear()
    async with live() as customer:
        await customer.pay(wait_seconds=0)
    funds.may_answer.set()
    async with live(card_host=sections.card_host.model_copy(update={"acquirer": "999999"})):
        await moved.until(State.RELEASED)
    ((reversal, _),) = funds.advised
    assert reversal.endswith(b" 123456")


async def test_a_payment_in_flight_is_resent_with_the_same_bytes_and_not_as_the_first(
    live, eport, moved
) -> None:
    soon = TimersSection(shutdown_seconds=0.05, payment_resend_seconds=0.1)
    async with live(timers=soon) as customer:
        request = customer.request(await customer.offer())
        eport.may_answer.clear()
        eport.asked.clear()
        await customer.terminal.put(customer.new_id(), request)
        await eport.asked.wait()
        payment_id = customer.last_id
    eport.may_answer.set()
    async with live(timers=soon) as customer:
        await moved.until("CAPTURED")
        view = await customer.terminal.get(payment_id)
    assert [line.event for line in view.history] == [
        "PUT",
        "HOLD_APPROVED",
        "RESTARTED",
        "PAYMENT_ACCEPTED",
        "CAPTURED",
    ]
    sent = [
        (message, first) for operation, message, _, first, _ in eport.sent if operation is Operation.PAYMENT
    ]
    assert len({message for message, _ in sent}) == 1
    assert [first for _, first in sent] == [True, False]


async def test_a_pending_payment_stays_pending_over_a_restart(live, eport) -> None:
    eport.outcomes[Operation.PAYMENT] = SILENCE
    async with live() as customer:
        assert (await customer.pay()).state == "PENDING"
        payment_id = customer.last_id
    async with live() as customer:
        view = await customer.terminal.get(payment_id)
    assert [line.event for line in view.history] == ["PUT", "HOLD_APPROVED", "UNANSWERED"]


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.REFUSED])
async def test_an_advice_in_flight_goes_again_as_one_that_may_have_left(
    live, funds, eport, moved, verdict
) -> None:
    eport.outcomes[Operation.PAYMENT] = EportOutcome(verdict, 5)
    funds.advice_outcome = AdviceOutcome(Verdict.UNANSWERED)
    soon = TimersSection(shutdown_seconds=0.05, advice_resend_seconds=0.3)
    async with live(timers=soon) as customer:
        await customer.pay()
    funds.advice_outcome = AdviceOutcome(Verdict.ACCEPTED, "00")
    async with live(timers=soon):
        await moved.until("CAPTURED" if verdict is Verdict.ACCEPTED else "RELEASED")
    messages, repeats = zip(*funds.advised, strict=True)
    assert len(set(messages)) == 1
    assert repeats[-1]


@pytest.mark.parametrize(
    ("hold", "payment", "state"),
    [
        (HoldOutcome(Verdict.REFUSED, "51"), None, "REFUSED"),
        (HoldOutcome(Verdict.ACCEPTED, "00"), EportOutcome(Verdict.ACCEPTED, 0), "PAID"),
        (HoldOutcome(Verdict.ACCEPTED, "00"), EportOutcome(Verdict.CONFLICT, 215), "UNRESOLVED"),
    ],
)
async def test_what_was_decided_stays_decided(live, funds, eport, hold, payment, state) -> None:
    funds.hold_outcome = hold
    if payment is not None:
        eport.outcomes[Operation.PAYMENT] = payment
    async with live() as customer:
        before = await customer.pay()
        payment_id = customer.last_id
    assert before.state == state
    async with live() as customer:
        after = await customer.terminal.get(payment_id)
    assert (after.state, after.reason, after.finished_at) == (state, before.reason, before.finished_at)


async def test_a_put_again_after_a_restart_finds_its_payment(live, funds) -> None:
    async with live() as customer:
        request = customer.request(await customer.offer())
        payment_id = customer.new_id()
        await customer.terminal.put(payment_id, request, wait_seconds=10)
    async with live() as customer:
        assert (await customer.terminal.put(payment_id, request)).state == "PAID"
    assert len(funds.held) == 1


async def test_a_check_may_be_paid_and_a_tombstone_holds_after_a_restart(live, funds) -> None:
    async with live() as customer:
        request = customer.request(await customer.offer())
        buried = customer.new_id()
        await customer.terminal.resolve(buried)
    async with live() as customer:
        assert await customer.terminal.resolve(buried) == NeverReceived(payment_id=buried)
        with pytest.raises(Refusal, match="never_received"):
            await customer.terminal.put(buried, request)
        assert (await customer.terminal.put(customer.new_id(), request, wait_seconds=10)).state == "PAID"
