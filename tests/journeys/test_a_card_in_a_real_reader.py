"""Bills paid with a card in a PC/SC reader: the real pcscd, one of our own, with a virtual reader."""

import asyncio
from dataclasses import replace

import pytest

from agent.journeys.bill import Ending, State
from agent.journeys.customer import Unattended
from devices.emulators.card import CardFaults, VirtualCard
from devices.emulators.card_files import CREDIT, DEBIT
from devices.interfaces import DeviceState
from tests.journeys.conftest import eventually

ARQC = 6  # PPSE, SELECT, GPO, two records, GENERATE AC; the seventh command only closes the card
BEFORE_SENDING = (State.CONSENTED, State.CARD_IN, State.APPLICATION_CHOSEN, State.PIN_DONE)
NOTHING_SENT = {Ending.OUT_OF_SERVICE, Ending.NOTHING_TAKEN}
AFTER = (State.SENDING, State.ENDED, State.RECEIPT_DONE)


@pytest.fixture
def bank(bank):
    bank.timers["take_card_seconds"] = 20.0
    reader = {**bank.devices["devices.reader"], "driver": "pcsc"}
    bank.devices = {**bank.devices, "devices.reader": reader}
    return bank


@pytest.fixture
async def terminal(bank, virtual_reader):
    async with bank.terminal() as running:
        yield running


@pytest.fixture
def slot(terminal):
    return terminal.devices.emulators.slot


async def status(terminal):
    return (await terminal.devices.ports.reader.status()).device


async def restart_pcscd(terminal, slot):
    slot.unplug()
    await eventually(lambda: status(terminal), lambda state: state is DeviceState.NO_DEVICE)
    slot.plug()


async def test_a_bill_is_paid_and_the_books_agree(bank, terminal, pay):
    journey = await pay(terminal)
    assert (journey.state, journey.ending) == (State.CARD_TAKEN, Ending.PAID)
    assert (await bank.settled(terminal)).agree


async def test_a_card_pulled_at_any_command_leaves_no_money_in_doubt(bank, terminal, slot, pay):
    for at in range(1, ARQC + 2):
        slot.faults.pull_at = at
        journey = await pay(terminal)
        if at <= ARQC:
            assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, "card.noMedia")
            assert not bank.sandbox.card_rows()
            assert not bank.sandbox.eport_rows()
    assert journey.ending is Ending.PAID
    assert (await bank.settled(terminal)).agree


async def test_each_bad_card_has_its_own_code_and_the_next_customer_pays(bank, terminal, slot, pay):
    good = slot.auto_card
    expired = VirtualCard(replace(good.contents, expiry_yymm="2001"))
    cards = {
        "reader.muteCard": VirtualCard(good.contents, faults=CardFaults(mute=True)),
        "card.cardBlocked": VirtualCard(good.contents, faults=CardFaults(blocked=True)),
        "card.declinedByCard": VirtualCard(good.contents, faults=CardFaults(declines=True)),
        "card.cardExpired": expired,
    }
    for reason, card in cards.items():
        slot.auto_card = card
        journey = await pay(terminal)
        assert (journey.state, journey.ending, journey.reason) == (
            State.ABANDONED,
            Ending.NOTHING_TAKEN,
            reason,
        )
    assert not bank.sandbox.card_rows()
    slot.auto_card = good
    assert (await pay(terminal)).ending is Ending.PAID


async def test_of_several_applications_the_customer_chooses(terminal, slot, pay):
    asked = []

    class Chooser(Unattended):
        async def choose_application(self, journey, labels):
            asked.append(labels)
            return 1

    slot.auto_card = VirtualCard(replace(slot.auto_card.contents, applications=(CREDIT, DEBIT)))
    journey = await pay(terminal, customer=Chooser())
    assert asked == [["VISA CREDIT", "MASTERCARD"]]
    assert (journey.ending, journey.application) == (Ending.PAID, "MASTERCARD")


async def test_a_card_pulled_during_pin_entry_is_noticed_then(bank, terminal, slot, pay):
    keypad = terminal.devices.emulators.pad.keypad
    keypad.auto_pin = None
    paying = asyncio.create_task(pay(terminal))
    await keypad.asked.wait()
    slot.pull()
    journey = await paying
    assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, "card.noMedia")
    assert not bank.sandbox.card_rows()


async def test_a_card_left_behind_is_an_ending_of_its_own(bank, pay, virtual_reader):
    bank.timers["take_card_seconds"] = 0.2
    async with bank.terminal() as terminal:
        slot = terminal.devices.emulators.slot
        card, slot.auto_card = slot.auto_card, None
        slot.insert(card)
        journey = await pay(terminal)
        assert (journey.state, journey.ending) == (State.CARD_LEFT, Ending.PAID)
        assert (await bank.settled(terminal)).agree


async def test_pcscd_is_killed_and_restarted_in_the_middle_of_ten_payments(bank, terminal, slot, pay):
    paid = 0
    for moment in (*BEFORE_SENDING, *AFTER, 2, 4, ARQC):
        killer = Killer(terminal, slot, moment)
        journey = await pay(terminal, customer=killer)
        assert journey.over
        assert journey.ending in ({Ending.PAID} if moment in AFTER else NOTHING_SENT), moment
        assert (journey.payment_id is not None) is (moment in AFTER)
        paid += journey.ending is Ending.PAID
        await killer.killing
        await eventually(lambda: status(terminal), lambda state: state is DeviceState.ONLINE)
        assert (await pay(terminal)).ending is Ending.PAID, f"after {moment}"
        paid += 1
    books = await bank.settled(terminal)
    assert books.agree
    assert len(bank.sandbox.card_rows()) == len(bank.sandbox.eport_rows()) == paid


class Killer(Unattended):
    """Whoever kills pcscd when a journey comes to a state, or its card to a command, and starts it again."""

    def __init__(self, terminal, slot, moment):
        super().__init__(self._watch)
        self._terminal, self._slot, self._moment = terminal, slot, moment
        self.killing = None
        if isinstance(moment, int):
            slot.faults.unplug_at = moment
            slot.on_change = self._kill

    def _watch(self, journey):
        if journey.state is self._moment:
            self._kill()

    def _kill(self, _=None):
        if self.killing is None and (isinstance(self._moment, State) or not self._slot.plugged):
            self._slot.faults.unplug_at = None
            self.killing = asyncio.create_task(restart_pcscd(self._terminal, self._slot))
