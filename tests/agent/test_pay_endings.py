"""What `tolem pay` tells when it, or the terminal that it asked, ends in the middle."""

import asyncio
from datetime import UTC, datetime

import pytest

from agent.cli.following import Following, Served
from agent.cli.pay_endings import SCRIPT, how_it_ended, script_facts
from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from spool import ControlUnavailable

AT = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
PAYMENT = "01a2026f-9a2d-7cc5-a429-bfe978b1920d"


def at(state, **known):
    return Journey(
        journey_id="01a2026f-0000-7000-8000-000000000000",
        language="ru",
        product="dala-mobile",
        product_name="Dala",
        requisites=[],
        requisite_names={},
        state=state,
        started_at=AT,
        changed_at=AT,
        **known,
    )


@pytest.mark.parametrize(
    ("last", "ending"),
    [
        (None, Ending.OUT_OF_SERVICE),
        (at(State.STARTED), Ending.OUT_OF_SERVICE),
        (at(State.APPLICATION_CHOSEN), Ending.OUT_OF_SERVICE),
        (at(State.PIN_DONE), Ending.IN_PROCESSING),
        (at(State.SENDING, payment_id=PAYMENT), Ending.IN_PROCESSING),
        (at(State.ASKING, payment_id=PAYMENT), Ending.IN_PROCESSING),
        (at(State.ENDED, payment_id=PAYMENT, ending=Ending.PAID), Ending.PAID),
        (at(State.RETURNING, ending=Ending.CANCELLED), Ending.OUT_OF_SERVICE),
    ],
)
def test_an_interrupted_payment_ends_as_far_as_it_was_told(last, ending):
    assert how_it_ended(last, interrupted=True) is ending


def test_a_cancel_by_the_person_is_a_refusal():
    ending = how_it_ended(at(State.ABANDONED, ending=Ending.CANCELLED), interrupted=False)
    assert SCRIPT[ending].ending == "refused"


def test_what_never_began_has_its_json_too():
    facts = script_facts(None, "out_of_service")
    assert facts.pop("ending") == "out_of_service"
    assert set(facts.values()) == {None}


class Terminal:
    """Tells `steps`, then waits until `cancel` was asked for, and tells `afterwards`."""

    def __init__(self, *steps, afterwards=(), dies=False):
        self.steps, self.afterwards, self.dies = steps, afterwards, dies
        self.asked = []
        self.silent = asyncio.Event()
        self._cancelled = asyncio.Event()

    async def call(self, command, arguments):
        self.asked.append(command)
        if command == "cancel":
            self._cancelled.set()
            yield {"asked": True}
            return
        for journey in self.steps:
            yield journey.model_dump(mode="json")
        if self.dies:
            raise ControlUnavailable("cut_off", "ended in mid-answer")
        self.silent.set()
        await self._cancelled.wait()
        for journey in self.afterwards:
            yield journey.model_dump(mode="json")
        if not self.afterwards:
            await asyncio.Event().wait()


async def followed(terminal, *, patience_seconds=0.05):
    stop = asyncio.Event()
    served = Served("pay", Journey.model_validate, lambda journey: journey.journey_id)
    following = Following(served, stop, patience_seconds=patience_seconds)
    task = asyncio.create_task(following.follow(terminal.call, {}, lambda _: None))
    silent = asyncio.create_task(terminal.silent.wait())
    await asyncio.wait((task, silent), return_when=asyncio.FIRST_COMPLETED)
    silent.cancel()
    stop.set()
    await asyncio.wait((task,))
    return following, task


async def test_a_stop_presses_cancel_and_hears_what_came_of_it():
    terminal = Terminal(at(State.CONSENTED), afterwards=[at(State.ABANDONED, ending=Ending.CANCELLED)])
    following, task = await followed(terminal, patience_seconds=30)
    assert terminal.asked == ["pay", "cancel"]
    assert not task.exception()
    assert following.interrupted
    assert how_it_ended(following.last, interrupted=following.interrupted) is Ending.OUT_OF_SERVICE


async def test_a_stop_that_comes_too_late_hears_the_ending():
    paid = at(State.CARD_TAKEN, payment_id=PAYMENT, ending=Ending.PAID)
    following, _ = await followed(
        Terminal(at(State.SENDING, payment_id=PAYMENT), afterwards=[paid]), patience_seconds=30
    )
    assert not following.interrupted
    assert how_it_ended(following.last, interrupted=False) is Ending.PAID


async def test_a_stop_waits_no_longer_than_its_patience():
    following, task = await followed(Terminal(at(State.SENDING, payment_id=PAYMENT)))
    assert task.cancelled()
    assert following.interrupted
    assert following.last.payment_id == PAYMENT


async def test_a_stop_before_the_first_step_leaves_at_once():
    following, task = await followed(Terminal(), patience_seconds=30)
    assert task.cancelled()
    assert (following.last, following.interrupted) == (None, True)


async def test_what_a_dying_terminal_told_last_is_known():
    following, task = await followed(Terminal(at(State.SENDING, payment_id=PAYMENT), dies=True))
    assert isinstance(task.exception(), ControlUnavailable)
    assert following.last.payment_id == PAYMENT
