"""What devices and the person at them do to a journey."""

import asyncio

import pytest

from agent.journeys.bill import Ending, State, Step
from agent.journeys.customer import Unattended
from devices.interfaces import Application, Completion, Result
from spool import DiskFull
from tests.agent.fakes import PAID, Book, Device, Gateway, Lived


@pytest.mark.parametrize(
    ("call", "result", "ending", "reason"),
    [
        ("wait_for_card", Result(Completion.TIME_OUT), Ending.CANCELLED, "card.none"),
        ("wait_for_card", Result(Completion.USER_ERROR), Ending.NOTHING_TAKEN, "reader.userError"),
        ("wait_for_card", Result(Completion.CONNECTION_LOST), Ending.OUT_OF_SERVICE, "reader.connectionLost"),
        (
            "applications",
            Result(Completion.COMMAND_ERROR, error="noApplication"),
            Ending.NOTHING_TAKEN,
            "card.noApplication",
        ),
        (
            "open_application",
            Result(Completion.USER_ERROR, error="noMedia"),
            Ending.NOTHING_TAKEN,
            "card.noMedia",
        ),
        ("enter_pin", Result(Completion.CANCELED), Ending.CANCELLED, "pin_pad.canceled"),
        ("enter_pin", Result(Completion.TIME_OUT), Ending.CANCELLED, "pin_pad.timeOut"),
        (
            "enter_pin",
            Result(Completion.COMMAND_ERROR, error="keyNotFound"),
            Ending.OUT_OF_SERVICE,
            "pin_pad.keyNotFound",
        ),
        (
            "authorise",
            Result(Completion.COMMAND_ERROR, error="declinedByCard"),
            Ending.NOTHING_TAKEN,
            "card.declinedByCard",
        ),
        ("authorise", Result(Completion.USER_ERROR, error="noMedia"), Ending.NOTHING_TAKEN, "card.noMedia"),
        ("authorise", Result(Completion.HARDWARE_ERROR), Ending.OUT_OF_SERVICE, "card.hardwareError"),
        ("authorise", RuntimeError("a defect"), Ending.OUT_OF_SERVICE, "defect.make_cryptogram"),
    ],
)
async def test_what_goes_wrong_before_the_cryptogram_sends_nothing(call, result, ending, reason):
    lived = Lived(device=Device(**{call: result}))
    end = await lived()
    assert (end.state, end.ending, end.reason) == (State.ABANDONED, ending, reason)
    assert end.payment_id is None
    assert lived.gateway.calls == ["check"]


@pytest.mark.parametrize(
    ("left", "ending", "reason"),
    [
        (Result(Completion.SUCCESS), Ending.NOTHING_TAKEN, "card.noMedia"),
        (Result(Completion.CONNECTION_LOST, error="readerLost"), Ending.OUT_OF_SERVICE, "reader.readerLost"),
    ],
)
@pytest.mark.parametrize("asking", ["enter_pin", "choose_application"])
async def test_a_card_that_leaves_while_its_holder_is_asked_is_noticed_then(left, ending, reason, asking):
    asked = asyncio.Event()
    let_go = []

    async def waits_for_ever():
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            let_go.append(asking)

    async def leaves():
        await asked.wait()
        return left

    class Slow(Unattended):
        async def choose_application(self, journey, labels):
            return await waits_for_ever()

    several = [Application(b"\xa0", "TEST CREDIT", 1), Application(b"\xa1", "TEST DEBIT", 2)]
    how = {
        "enter_pin": {"enter_pin": waits_for_ever},
        "choose_application": {"applications": Result(Completion.SUCCESS, several)},
    }
    lived = Lived(device=Device(wait_for_removal=leaves, **how[asking]), customer=Slow())
    end = await lived()
    assert (end.state, end.ending, end.reason) == (State.ABANDONED, ending, reason)
    assert let_go == [asking]
    assert "authorise" not in lived.device.calls


async def test_a_card_that_was_inside_goes_back_before_the_end():
    lived = Lived(device=Device(enter_pin=Result(Completion.CANCELED)))
    await lived()
    assert lived.device.calls[-1] == "release_card"
    assert lived.states[-2:] == [State.RETURNING, State.ABANDONED]


async def test_a_receipt_that_did_not_print_does_not_change_the_ending():
    lived = Lived(device=Device(print_receipt=Result(Completion.HARDWARE_ERROR, error="paperJam")))
    end = await lived()
    assert (end.state, end.ending, end.receipt_printed) == (State.CARD_TAKEN, Ending.PAID, False)


async def test_a_card_left_behind_is_an_alarm():
    lived = Lived(device=Device(release_card=Result(Completion.TIME_OUT)))
    end = await lived()
    assert (end.state, end.ending, end.card_left) == (State.CARD_LEFT, Ending.PAID, True)
    assert lived.book.steps == [Step.IDENTIFY, Step.ALARM]


async def test_cancel_is_heard_while_the_card_is_awaited_and_lets_the_reader_go():
    cancelled = asyncio.Event()
    released = []

    async def waits_for_ever():
        cancelled.set()
        try:
            await asyncio.Event().wait()
        finally:
            released.append("wait_for_card")

    lived = Lived(device=Device(wait_for_card=waits_for_ever), customer=Unattended(cancelled=cancelled))
    end = await lived()
    assert (end.state, end.ending) == (State.ABANDONED, Ending.CANCELLED)
    assert released == ["wait_for_card"]


async def test_cancel_while_money_moves_is_not_heard():
    cancelled = asyncio.Event()

    class Slow(Gateway):
        async def put(self, payment_id, request, *, wait_seconds):
            cancelled.set()
            await asyncio.sleep(0)
            return PAID

    end = await Lived(gateway=Slow(), customer=Unattended(cancelled=cancelled))()
    assert end.ending is Ending.PAID


class FullDisk(Book):
    """Cannot commit the move from this state."""

    def __init__(self, state):
        super().__init__()
        self.state = state

    async def move(self, journey, happened):
        if journey.state is self.state:
            raise DiskFull
        return await super().move(journey, happened)


@pytest.mark.parametrize("state", [State.PIN_DONE, State.SENDING, State.ENDED])
async def test_a_book_that_cannot_commit_gives_the_card_back_and_sends_no_more(state):
    lived = Lived(book=FullDisk(state))
    with pytest.raises(DiskFull):
        await lived()
    assert lived.device.calls[-1] == "release_card"
    assert lived.gateway.calls == (["check"] if state is State.PIN_DONE else ["check", "put"])


async def test_a_page_that_fails_does_not_stop_a_payment():
    class Broken(Unattended):
        def see(self, journey):
            raise RuntimeError

    assert (await Lived(customer=Broken())()).ending is Ending.PAID


async def test_a_page_that_cannot_say_whether_somebody_is_there_takes_nothing():
    class Broken(Unattended):
        async def leave(self, journey):
            raise RuntimeError

        async def consent(self, journey):
            await asyncio.Event().wait()

    lived = Lived(customer=Broken())
    assert (await lived()).ending is Ending.CANCELLED
    assert not lived.device.calls
