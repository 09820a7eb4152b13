"""What a control socket's caller, a restart and a gateway that comes and goes do to a terminal."""

import asyncio

import pytest

from agent.journeys import bill_store
from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.terminal_commands import terminal_commands
from gateway.sandbox.faults import Fault, FaultName, Position, Rule
from spool import ControlError, ControlServer, control_call

ORDER = {"product": "dala-mobile", "requisites": {"account": "7011234567"}, "sum": "1500.00"}


async def latest(terminal):
    [journey] = await terminal.spool.read(lambda tx: bill_store.latest(tx, 1))
    return journey


async def test_every_step_of_a_payment_is_told_over_the_control_socket(terminal, tmp_path):
    async with ControlServer(tmp_path / "c", terminal_commands(terminal)):
        told = [Journey.model_validate(item) async for item in control_call(tmp_path / "c", "pay", ORDER)]
    states = [journey.state for journey in told]
    assert (states[0], states[-1]) == (State.STARTED, State.CARD_TAKEN)
    assert told[-1] == await latest(terminal)


async def test_who_asked_and_went_away_has_pressed_cancel(terminal):
    terminal.devices.emulators.slot.auto_card = None
    telling = terminal_commands(terminal)["pay"](ORDER)
    async for item in telling:
        if item["state"] == State.CONSENTED:
            break
    await telling.aclose()
    journey = await latest(terminal)
    assert (journey.state, journey.ending) == (State.ABANDONED, Ending.CANCELLED)


async def test_who_goes_away_while_money_moves_changes_nothing(terminal):
    telling = terminal_commands(terminal)["pay"](ORDER)
    async for item in telling:
        if item["state"] == State.SENDING:
            break
    await telling.aclose()
    assert (await latest(terminal)).ending is Ending.PAID


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "bad_argument"),
        ({**ORDER, "card": "4000000000000001"}, "bad_argument"),
        ({**ORDER, "sum": "1500"}, "order"),
        ({**ORDER, "product": "nothing"}, "order"),
        ({**ORDER, "requisites": {"account": "1"}}, "order"),
    ],
)
async def test_a_wrong_order_is_refused_with_a_code_and_begins_nothing(terminal, tmp_path, arguments, code):
    async with ControlServer(tmp_path / "c", terminal_commands(terminal)):
        with pytest.raises(ControlError) as refused:
            [_ async for _ in control_call(tmp_path / "c", "pay", arguments)]
    assert refused.value.code == code
    assert "4000000000000001" not in str(refused.value)
    assert not await terminal.spool.read(lambda tx: bill_store.latest(tx, 1))


async def test_a_terminal_that_stops_in_the_middle_finds_out_when_it_starts_again(bank, pay):
    """The provider is slow; the process ends while the customer waits, and the next one learns the ending."""
    bank.sandbox.faults.delay_seconds = 0.5
    bank.sandbox.faults.rules.append(Rule(Fault(FaultName.DELAY, Position.BEFORE), operation="bank_payment"))
    held = asyncio.Event()
    async with bank.terminal(
        observe_gateway=lambda move: move.event == "HOLD_APPROVED" and held.set()
    ) as terminal:
        paying = asyncio.create_task(pay(terminal))
        await held.wait()
    assert paying.cancelled()
    async with bank.terminal() as terminal:
        [resumed] = await terminal.recovered
        assert (resumed.state, resumed.ending, resumed.receipt_printed) == (
            State.CARD_TAKEN,
            Ending.PAID,
            False,
        )
        assert (await bank.settled(terminal)).agree


async def test_a_journey_that_was_left_behind_is_ended_before_the_next_customer(terminal, pay):
    first = await pay(terminal)
    left = first.model_copy(update={"journey_id": "left", "state": State.CARD_IN, "ending": None})
    left = left.model_copy(update={"payment_id": None, "receipt_number": None, "view": None})
    await terminal.assembly.book.begin(left)
    assert (await pay(terminal)).ending is Ending.PAID
    ended = await terminal.spool.read(lambda tx: bill_store.find(tx, "left"))
    assert (ended.state, ended.ending, ended.reason) == (State.ABANDONED, Ending.CANCELLED, "restarted")
