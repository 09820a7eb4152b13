"""One payment at the gateway, through its API, between a scripted card host and a scripted e-port."""

import asyncio

import pytest

from gateway.bills.payment_states import State
from gateway.client import Refusal
from gateway.contract import CardInput, Money, NeverReceived, Told
from gateway.eport.operations import Operation
from gateway.outcomes import AdviceOutcome, EportOutcome, HoldOutcome, Verdict

SILENCE = EportOutcome(Verdict.UNANSWERED, detail="no answer in time")


async def refused(awaitable) -> str:
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.problem.code


async def test_a_payment_is_held_paid_and_captured_once(customer, funds, eport, moved) -> None:
    view = await customer.pay()
    assert (view.state, view.told, view.reason) == ("PAID", Told.PAID, None)
    assert (view.eport_id, view.approval_code) == ("900000417", "A1B2C3")
    assert [money.amount_minor for money in (view.amount, view.fee, view.total)] == [150_000, 2_250, 152_250]
    await moved.until("CAPTURED")
    assert [move.event for move in moved] == ["PUT", "HOLD_APPROVED", "PAYMENT_ACCEPTED", "CAPTURED"]
    (message,) = eport.of(Operation.PAYMENT)
    assert f"<rrn>{view.rrn}</rrn>".encode() in message
    assert f"<check_id>{view.check_id}</check_id>".encode() in message
    ((capture, repeat),) = funds.advised
    assert capture.startswith(f"0220 {view.rrn}".encode())
    assert not repeat
    (hold,) = funds.held
    assert (hold.rrn, hold.total.minor) == (view.rrn, 152_250)


async def test_a_declined_card_ends_at_once_with_nothing_sent(customer, funds, eport) -> None:
    funds.hold_outcome = HoldOutcome(Verdict.REFUSED, "51")
    view = await customer.pay()
    assert (view.state, view.told, view.reason) == ("REFUSED", Told.NOTHING_TAKEN, "card.51")
    assert eport.of(Operation.PAYMENT) == []
    assert funds.advised == []


async def test_a_silent_card_host_is_reversed_and_e_port_never_hears_of_it(
    customer, funds, eport, moved
) -> None:
    funds.hold_outcome = HoldOutcome(Verdict.UNANSWERED)
    await customer.pay()
    await moved.until(State.RELEASED)
    view = await customer.look()
    assert (view.told, view.reason) == (Told.NOTHING_TAKEN, "card_host_unanswered")
    assert [message[:4] for message, _ in funds.advised] == [b"0420"]
    assert eport.of(Operation.PAYMENT) == []


async def test_a_failure_of_ours_in_the_hold_is_reversed_too(customer, funds, moved) -> None:
    async def break_down(identifiers, card):
        raise RuntimeError(card.pan)

    funds.hold = break_down
    await customer.pay()
    await moved.until(State.RELEASED)


async def test_while_the_reversal_is_unanswered_the_customer_is_told_of_unblocking(customer, funds) -> None:
    funds.hold_outcome = HoldOutcome(Verdict.UNANSWERED)
    funds.advice_outcome = AdviceOutcome(Verdict.UNANSWERED)
    view = await customer.pay()
    assert (view.state, view.told) == ("RELEASING", Told.BEING_UNBLOCKED)


async def test_a_refusal_of_e_port_releases_the_hold(customer, funds, eport, moved) -> None:
    eport.outcomes[Operation.PAYMENT] = EportOutcome(Verdict.REFUSED, 5, comment="нет такого")
    await customer.pay()
    await moved.until(State.RELEASED)
    view = await customer.look()
    assert (view.told, view.reason) == (Told.NOTHING_TAKEN, "eport.5")
    assert [message[:4] for message, _ in funds.advised] == [b"0420"]


async def test_silence_after_the_hold_leaves_the_payment_pending_and_the_hold_alone(
    customer, funds, eport
) -> None:
    eport.outcomes[Operation.PAYMENT] = SILENCE
    view = await customer.pay()
    assert (view.state, view.told) == ("PENDING", Told.IN_PROCESSING)
    assert funds.advised == []


async def test_a_conflict_of_ids_stops_all_sends_and_waits_for_a_person(customer, funds, eport) -> None:
    eport.outcomes[Operation.PAYMENT] = EportOutcome(Verdict.CONFLICT, 215, alarm="eport_id_conflict")
    view = await customer.pay()
    assert (view.state, view.told) == ("UNRESOLVED", Told.IN_PROCESSING)
    assert funds.advised == []


async def test_a_put_without_a_preference_is_answered_as_soon_as_it_is_durable(
    customer, funds, moved
) -> None:
    funds.may_answer.clear()
    view = await customer.pay(wait_seconds=0)
    assert (view.state, view.told) == ("HOLDING", Told.WAIT)
    funds.may_answer.set()
    await moved.until(State.PAID)


async def test_a_wait_that_is_over_tells_how_far_the_payment_is(customer, eport) -> None:
    request = customer.request(await customer.offer())
    eport.may_answer.clear()
    view = await customer.terminal.put(customer.new_id(), request, wait_seconds=1)
    assert (view.state, view.told) == ("PAYING", Told.WAIT)
    eport.may_answer.set()


async def test_a_second_put_of_the_same_content_finds_the_first(customer, funds) -> None:
    terminal, payment_id = customer.terminal, customer.new_id()
    request = customer.request(await customer.offer())
    funds.may_answer.clear()
    asked = [asyncio.create_task(terminal.put(payment_id, request, wait_seconds=10)) for _ in range(3)]
    await terminal.put(payment_id, request)
    funds.may_answer.set()
    assert {view.state for view in await asyncio.gather(*asked)} == {"PAID"}
    assert (await terminal.put(payment_id, request)).state == "PAID"
    assert len(funds.held) == 1


async def test_a_second_put_of_other_content_is_refused(customer, funds) -> None:
    offer = await customer.offer()
    payment_id = customer.new_id()
    await customer.terminal.put(payment_id, customer.request(offer), wait_seconds=10)
    other = customer.request(offer, card=CardInput(pan="4012345678909", expiry_yymm="3001"))
    assert await refused(customer.terminal.put(payment_id, other)) == "payment_conflict"
    assert len(funds.held) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount": Money(amount_minor=150_001), "total": Money(amount_minor=152_251)},
        {"fee": Money(amount_minor=0), "total": Money(amount_minor=150_000)},
        {"total": Money(amount_minor=150_000)},
    ],
    ids=["sum", "fee", "total"],
)
async def test_what_was_not_offered_is_refused_before_the_hold_and_the_check_stays_free(
    customer, funds, other
) -> None:
    offer = await customer.offer()
    refusal = customer.terminal.put(customer.new_id(), customer.request(offer, **other))
    assert await refused(refusal) == "offer_differs"
    assert funds.held == []
    view = await customer.terminal.put(customer.new_id(), customer.request(offer), wait_seconds=10)
    assert view.state == "PAID"


async def test_one_check_serves_one_payment(customer, funds) -> None:
    request = customer.request(await customer.offer())
    await customer.terminal.put(customer.new_id(), request, wait_seconds=10)
    assert await refused(customer.terminal.put(customer.new_id(), request)) == "check_used"
    assert len(funds.held) == 1


async def test_a_check_of_another_terminal_is_unknown(gateway, terminal_of, customer) -> None:
    request = customer.request(await customer.offer())
    assert await refused(terminal_of(gateway, "POS2").put(customer.new_id(), request)) == "check_unknown"


async def test_card_data_that_disagree_are_refused_before_the_hold(customer, funds) -> None:
    card = CardInput(pan="4012345678909", expiry_yymm="2912", track2="4111111111111111D2912101")
    request = customer.request(await customer.offer(), card=card)
    assert await refused(customer.terminal.put(customer.new_id(), request)) == "card_incomplete"
    assert funds.held == []


async def test_a_foreign_terminal_sees_nothing(gateway, terminal_of, customer) -> None:
    stranger, request = terminal_of(gateway, "POS2"), customer.request(await customer.offer())
    payment_id = customer.new_id()
    await customer.terminal.put(payment_id, request, wait_seconds=10)
    assert await refused(stranger.get(payment_id)) == "payment_not_found"
    assert await refused(stranger.resolve(payment_id)) == "payment_not_found"
    assert await refused(stranger.put(payment_id, request)) == "payment_conflict"


async def test_never_received_is_for_ever(customer, funds) -> None:
    request, payment_id = customer.request(await customer.offer()), customer.new_id()
    never = NeverReceived(payment_id=payment_id)
    assert await customer.terminal.resolve(payment_id) == never
    assert await customer.terminal.resolve(payment_id) == never
    assert await refused(customer.terminal.put(payment_id, request)) == "never_received"
    assert await refused(customer.terminal.get(payment_id)) == "payment_not_found"
    assert funds.held == []


async def test_resolve_tells_the_state_of_a_payment_that_arrived(customer) -> None:
    await customer.pay()
    assert (await customer.terminal.resolve(customer.last_id)).state == "PAID"


async def test_a_long_poll_wakes_on_a_move(customer, funds) -> None:
    funds.may_answer.clear()
    await customer.pay(wait_seconds=0)
    asked = asyncio.create_task(customer.terminal.get(customer.last_id, wait_seconds=60))
    await customer.look()
    funds.may_answer.set()
    async with asyncio.timeout(10):
        assert (await asked).state != "HOLDING"


async def test_a_long_poll_of_an_ended_payment_does_not_wait(customer) -> None:
    await customer.pay()
    async with asyncio.timeout(10):
        assert (await customer.terminal.get(customer.last_id, wait_seconds=60)).state == "PAID"


async def test_without_the_card_host_no_payment_begins_but_a_known_one_is_found(customer, funds) -> None:
    known, fresh = customer.request(await customer.offer()), customer.request(await customer.offer())
    payment_id = customer.new_id()
    await customer.terminal.put(payment_id, known, wait_seconds=10)
    funds.is_reachable = False
    assert await refused(customer.terminal.put(customer.new_id(), fresh)) == "card_host_unavailable"
    assert (await customer.terminal.put(payment_id, known)).state == "PAID"
    funds.is_reachable = True
    assert (await customer.terminal.put(customer.new_id(), fresh, wait_seconds=10)).state == "PAID"


@pytest.mark.parametrize(
    "case",
    [(Verdict.ACCEPTED, "CAPTURE_REFUSED", "PAID"), (Verdict.REFUSED, "REVERSAL_REFUSED", "RELEASING")],
)
async def test_a_refused_advice_goes_to_a_person_and_the_state_stays(
    customer, funds, eport, moved, case
) -> None:
    ending, event, state = case
    eport.outcomes[Operation.PAYMENT] = EportOutcome(ending, 5)
    funds.advice_outcome = AdviceOutcome(Verdict.REFUSED, "12")
    await customer.pay()
    await moved.until(event)
    assert (await customer.look()).state == state
