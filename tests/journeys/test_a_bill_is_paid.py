"""What a customer lives through when all goes well, and when the provider or the bank says no."""

import asyncio

import pytest

from agent.journeys.bill import Ending, State
from agent.journeys.customer import Unattended
from agent.kept_receipts import kept
from agent.orders import OrderError
from devices.escpos.profile import PROFILES
from devices.escpos.reading import printed_text
from gateway.sandbox.faults import Fault, FaultName, Position, Rule


async def test_a_bill_is_paid_and_three_books_agree(bank, terminal, pay):
    journey = await pay(terminal)
    assert (journey.state, journey.ending, journey.view.state) == (State.CARD_TAKEN, Ending.PAID, "PAID")
    books = await bank.settled(terminal)
    assert books.agree
    [line] = books.lines
    assert line.eport[0].status == "ACCEPTED"
    assert line.cards[0].captured == journey.total.amount_minor == 150_000


async def test_the_receipt_says_what_was_paid_and_shows_no_card_number(bank, terminal, pay):
    journey = await pay(terminal)
    job = kept(terminal.settings.node.data_dir, journey.receipt_number)
    said = "\n".join(printed_text(job, PROFILES["escpos"]))
    for fact in ("ОПЛАЧЕНО", "1 500,00", journey.masked_pan, "000001", journey.view.eport_id):
        assert fact in said.replace("\u202f", " ").replace("\u00a0", " ")


async def test_ten_bills_one_after_the_other_get_receipts_without_gaps(bank, terminal, pay):
    numbers = [(await pay(terminal)).receipt_number for _ in range(10)]
    assert numbers == [f"{n:06d}" for n in range(1, 11)]
    assert (await bank.settled(terminal)).agree


async def test_an_account_that_does_not_exist_is_refused_before_the_card(bank, terminal, pay):
    journey = await pay(terminal, "7015900005")
    assert (journey.state, journey.ending, journey.reason) == (
        State.ABANDONED,
        Ending.NOTHING_TAKEN,
        "eport.5",
    )
    assert not (await bank.books(terminal)).lines


async def test_a_payment_that_the_provider_refuses_is_released(bank, terminal, pay):
    journey = await pay(terminal, "7015911005")
    assert journey.ending in {Ending.BEING_UNBLOCKED, Ending.NOTHING_TAKEN}
    books = await bank.settled(terminal)
    assert books.agree
    assert books.lines[0].gateway[0].state == "RELEASED"
    assert books.lines[0].cards[0].released == 150_000


async def test_a_provider_in_doubt_ends_in_processing_and_the_terminal_learns_the_rest(bank, terminal, pay):
    journey = await pay(terminal, "7015911090")
    assert (journey.ending, journey.receipt_printed) == (Ending.IN_PROCESSING, True)
    books = await bank.settled(terminal)
    assert books.agree
    known = await bank.known(terminal, journey, Ending.PAID)
    assert known.ending is Ending.IN_PROCESSING


async def test_too_little_money_on_the_card_takes_nothing(bank, terminal, pay):
    """777 751.00 is the sandbox's amount for field 39 = 51."""
    journey = await pay(terminal, "991231100122", product="personal-tax", sum_="777751.00", tax="vehicle")
    assert (journey.ending, journey.reason, journey.view.state) == (
        Ending.NOTHING_TAKEN,
        "card.51",
        "REFUSED",
    )
    books = await bank.books(terminal)
    assert books.agree
    assert books.lines[0].cards[0].response_code == "51"
    assert not books.lines[0].eport


async def test_a_wrong_pin_takes_nothing(bank, terminal, pay):
    terminal.devices.emulators.pad.keypad.auto_pin = "4321"
    journey = await pay(terminal)
    assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, "card.55")
    assert (await bank.books(terminal)).agree


async def test_a_silent_card_host_ends_unblocked_and_nothing_stays_held(bank, pay):
    bank.timers["hold_seconds"] = 0.2
    async with bank.terminal() as terminal:
        silence = Fault(FaultName.SILENCE, Position.AFTER)
        bank.sandbox.faults.rules.append(Rule(silence, operation="hold"))
        journey = await pay(terminal)
        assert journey.ending in {Ending.BEING_UNBLOCKED, Ending.NOTHING_TAKEN}
        books = await bank.settled(terminal)
    assert books.agree
    assert books.lines[0].gateway[0].state == "RELEASED"
    assert books.lines[0].cards[0].released == 150_000


async def test_a_silent_provider_is_no_refusal(bank, pay):
    """The payment took effect, its answer was lost: the customer waits no longer than told, and it is paid."""
    bank.timers |= {"payment_seconds": 0.3, "in_processing_seconds": 0.2}
    async with bank.terminal() as terminal:
        silence = Fault(FaultName.SILENCE, Position.AFTER)
        bank.sandbox.faults.rules.append(Rule(silence, operation="bank_payment"))
        journey = await pay(terminal)
        assert journey.ending is Ending.IN_PROCESSING
        books = await bank.settled(terminal)
    assert books.agree
    assert books.lines[0].gateway[0].state == "PAID"


async def test_a_silent_provider_at_the_check_is_out_of_service(bank, pay):
    bank.timers["check_seconds"] = 0.2
    async with bank.terminal() as terminal:
        silence = Fault(FaultName.SILENCE, Position.BEFORE)
        bank.sandbox.faults.rules.append(Rule(silence, operation="bank_account"))
        journey = await pay(terminal)
    assert (journey.state, journey.ending) == (State.ABANDONED, Ending.OUT_OF_SERVICE)
    assert journey.reason == "check_unanswered"


@pytest.mark.parametrize("account", ["12345", "7991234567", "701123456x"])
async def test_a_number_that_breaks_its_rules_never_leaves_the_terminal(bank, terminal, pay, account):
    with pytest.raises(OrderError) as refused:
        await pay(terminal, account)
    assert account not in str(refused.value)
    assert not bank.sandbox.eport_rows()


async def test_two_customers_at_once_are_served_one_after_the_other(bank, terminal, pay):
    states = []
    customers = [Unattended(lambda journey: states.append(journey.journey_id)) for _ in range(2)]
    journeys = await asyncio.gather(*(pay(terminal, customer=customer) for customer in customers))
    assert [journey.ending for journey in journeys] == [Ending.PAID, Ending.PAID]
    half = len(states) // 2
    assert len({*states[:half]}) == len({*states[half:]}) == 1
