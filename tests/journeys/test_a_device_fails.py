"""Whatever a card, a reader, a PIN pad or a printer does: the ending is true, and no money is in doubt."""

import asyncio
from dataclasses import replace

import pytest

from agent.journeys.bill import Ending, State
from agent.journeys.customer import Unattended
from devices.emulators.printer import Roll
from gateway.contract import Told


def nothing_was_sent(bank, journey):
    return journey.payment_id is None and not bank.sandbox.card_rows() and not bank.sandbox.eport_rows()


@pytest.mark.parametrize("apdu", range(1, 13))
async def test_a_card_pulled_at_any_apdu_leaves_no_money_in_doubt(bank, terminal, pay, apdu):
    slot = terminal.devices.emulators.slot
    slot.faults.pull_at = apdu
    journey = await pay(terminal)
    assert journey.over
    if journey.ending is Ending.PAID:
        assert apdu > 6, "pulled before the cryptogram, and paid?"
        assert (await bank.settled(terminal)).agree
    else:
        assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, "card.noMedia")
        assert nothing_was_sent(bank, journey)


async def test_a_card_that_declines_by_itself_sends_nothing(bank, terminal, pay):
    terminal.devices.emulators.slot.auto_card.faults.declines = True
    journey = await pay(terminal)
    assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, "card.declinedByCard")
    assert nothing_was_sent(bank, journey)


async def test_a_mute_card_goes_back(bank, terminal, pay):
    terminal.devices.emulators.slot.auto_card.faults.mute = True
    journey = await pay(terminal)
    assert (journey.state, journey.ending) == (State.ABANDONED, Ending.NOTHING_TAKEN)
    assert nothing_was_sent(bank, journey)
    assert terminal.devices.emulators.slot.card is None


async def test_the_next_customer_pays_after_a_faulty_card(bank, terminal, pay):
    faults = terminal.devices.emulators.slot.auto_card.faults
    faults.mute = True
    await pay(terminal)
    faults.mute = False
    assert (await pay(terminal)).ending is Ending.PAID


async def test_cancel_on_the_pin_pad_takes_nothing(bank, terminal, pay):
    keypad = terminal.devices.emulators.pad.keypad
    keypad.auto_pin = None
    paying = asyncio.create_task(pay(terminal))
    await keypad.asked.wait()
    keypad.cancel()
    journey = await paying
    assert (journey.state, journey.ending) == (State.ABANDONED, Ending.CANCELLED)
    assert nothing_was_sent(bank, journey)


async def test_cancel_at_the_screen_during_pin_entry_stops_the_pad(bank, terminal, pay):
    keypad = terminal.devices.emulators.pad.keypad
    keypad.auto_pin = None
    cancelled = asyncio.Event()
    paying = asyncio.create_task(pay(terminal, customer=Unattended(cancelled=cancelled)))
    await keypad.asked.wait()
    cancelled.set()
    journey = await paying
    assert (journey.state, journey.ending) == (State.ABANDONED, Ending.CANCELLED)
    keypad.auto_pin = "1234"
    assert (await pay(terminal)).ending is Ending.PAID


async def test_a_card_pulled_during_pin_entry_is_noticed_then(bank, terminal, pay):
    keypad, slot = terminal.devices.emulators.pad.keypad, terminal.devices.emulators.slot
    keypad.auto_pin = None
    paying = asyncio.create_task(pay(terminal))
    await keypad.asked.wait()
    slot.pull()
    journey = await paying
    assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, "card.noMedia")
    assert nothing_was_sent(bank, journey)
    assert not keypad.asked.is_set()
    keypad.auto_pin = "1234"
    assert (await pay(terminal)).ending is Ending.PAID


async def test_nobody_who_inserts_a_card_is_a_customer_who_left(bank, pay):
    bank.timers["card_seconds"] = 0.1
    async with bank.terminal() as terminal:
        terminal.devices.emulators.slot.auto_card = None
        journey = await pay(terminal)
    assert (journey.state, journey.ending, journey.reason) == (State.ABANDONED, Ending.CANCELLED, "card.none")


async def test_a_card_that_nobody_takes_is_an_alarm_in_the_journal(bank, pay):
    bank.timers["take_card_seconds"] = 0.1
    async with bank.terminal() as terminal:
        slot = terminal.devices.emulators.slot
        card, slot.auto_card = slot.auto_card, None
        slot.insert(card)
        journey = await pay(terminal)
        assert (journey.state, journey.ending) == (State.CARD_LEFT, Ending.PAID)
        names = [
            name
            for (name,) in await terminal.spool.read(lambda tx: list(tx.execute("SELECT name FROM journal")))
        ]
    assert "alarm.card_left" in names


async def left_behind(terminal, pay):
    """A card that a customer inserted by hand and nobody took."""
    slot = terminal.devices.emulators.slot
    card, slot.auto_card = slot.auto_card or slot.card, None
    slot.insert(card)
    assert (await pay(terminal)).state is State.CARD_LEFT
    return card


async def test_a_card_left_behind_serves_nobody_until_it_is_pulled(bank, pay):
    bank.timers["take_card_seconds"] = 0.1
    async with bank.terminal() as terminal:
        card = await left_behind(terminal, pay)
        journey = await pay(terminal)
        assert (journey.ending, journey.reason) == (Ending.OUT_OF_SERVICE, "reader.cardLeft")
        assert journey.payment_id is None
        assert await terminal.assembly.gate.obstacles() == ["reader.cardLeft"]
        terminal.devices.emulators.slot.pull()
        await terminal.assembly.left_card.removal()
        terminal.devices.emulators.slot.insert(card)  # somebody's who comes early
        assert (await pay(terminal)).ending is Ending.PAID


async def test_a_card_left_behind_is_remembered_over_a_restart(bank, pay):
    bank.timers["take_card_seconds"] = 0.1
    async with bank.terminal() as terminal:
        card = await left_behind(terminal, pay)
    bank.timers["take_card_seconds"] = 20.0
    async with bank.terminal() as terminal:
        assert terminal.assembly.left_card.stays
        await terminal.assembly.left_card.removal()  # the emulated reader of this life is empty
    async with bank.terminal() as terminal:
        assert not terminal.assembly.left_card.stays
        terminal.devices.emulators.slot.insert(card)
        assert await terminal.assembly.gate.obstacles() == []


async def test_a_card_that_goes_with_its_reader_is_not_known_to_have_gone(bank, pay):
    bank.timers["take_card_seconds"] = 0.1
    async with bank.terminal() as terminal:
        await left_behind(terminal, pay)
        slot = terminal.devices.emulators.slot
        slot.unplug()
        assert await terminal.assembly.gate.obstacles() == ["reader.noDevice"]
        slot.plug()
        assert await terminal.assembly.gate.obstacles() == ["reader.cardLeft"]


async def test_without_paper_nothing_is_begun_unless_the_customer_goes_on(bank, terminal, pay):
    printer = terminal.devices.emulators.printer
    printer.faults = replace(printer.faults, roll=Roll.OUT)
    journey = await pay(terminal)
    assert (journey.ending, journey.reason) == (Ending.OUT_OF_SERVICE, "printer.paper_out")
    assert nothing_was_sent(bank, journey)
    journey = await pay(terminal, customer=Unattended(without_receipt=True))
    assert (journey.ending, journey.receipt_printed) == (Ending.PAID, False)


async def test_paper_that_ends_in_the_receipt_does_not_change_the_ending(bank, terminal, pay):
    printer = terminal.devices.emulators.printer
    printer.faults = replace(printer.faults, out_after_bytes=100)
    journey = await pay(terminal)
    assert (journey.ending, journey.receipt_printed) == (Ending.PAID, False)
    assert (await bank.settled(terminal)).agree


@pytest.mark.parametrize("device", ["reader", "pin_pad", "printer"])
async def test_an_unplugged_device_is_out_of_service_by_name(bank, terminal, pay, device):
    emulators = terminal.devices.emulators
    if device == "reader":
        emulators.slot.unplug()
    else:
        await {"pin_pad": emulators.pad, "printer": emulators.printer}[device].close()
    journey = await pay(terminal)
    assert journey.ending is Ending.OUT_OF_SERVICE
    assert journey.reason.startswith(device)
    assert nothing_was_sent(bank, journey)


async def test_what_the_customer_is_told_is_what_the_gateway_says(bank, terminal, pay):
    journey = await pay(terminal)
    assert journey.view.told is Told.PAID
