"""The exchange of frames against a scripted line: the order of bytes that no emulator would choose."""

import asyncio
from collections import deque

import pytest

from devices.visa_pad import commands
from devices.visa_pad.frames import ACK, EOT, NAK, Envelope, Frame, encode
from devices.visa_pad.link import (
    GarbledError,
    Link,
    NoAnswerError,
    NotAcknowledgedError,
    PadTimers,
    RefusedError,
)

TIMERS = PadTimers(ack_seconds=0.05, perhaps_eot_seconds=0.02)
DEADLINE = 0.1

SERIAL = encode(Frame(Envelope.CONTROL, b"06000000000001"))
DAMAGED = SERIAL[:-1] + bytes([SERIAL[-1] ^ 1])


class ScriptedPort:
    """A `Port` whose far end says the next piece of its script after each write, whatever was written."""

    def __init__(self, *script, stale=b"", babble=b""):
        self.written = []
        self.begun = asyncio.Event()
        self._script = deque(script)
        self._incoming = stale
        self._babble = babble

    async def open(self): ...

    async def close(self): ...

    async def write(self, data, deadline_seconds):
        self.written.append(data)
        self.begun.set()
        self._incoming += self._script.popleft() if self._script else b""

    async def read(self, deadline_seconds, most=4096):
        if self._babble:
            await asyncio.sleep(0.001)
            return self._babble
        if not self._incoming:
            await asyncio.sleep(deadline_seconds)
        incoming, self._incoming = self._incoming, b""
        return incoming

    async def flush_input(self):
        self._incoming = b""


def said(*parts):
    return b"".join(bytes([part]) if isinstance(part, int) else part for part in parts)


async def exchange(port, command=commands.SERIAL_NUMBER):
    return await Link(port, TIMERS).exchange(command, DEADLINE)


async def test_ack_and_answer_may_come_in_one_piece():
    port = ScriptedPort(said(ACK, SERIAL, EOT))
    assert (await exchange(port)).message == b"06000000000001"
    assert port.written[1:] == [said(ACK)]


async def test_what_came_before_the_command_does_not_answer_it():
    port = ScriptedPort(said(ACK, SERIAL), stale=said(NAK, NAK, EOT))
    assert (await exchange(port)).message == b"06000000000001"
    assert port.written == [encode(commands.SERIAL_NUMBER.frame), said(ACK)]


async def test_a_late_eot_of_an_earlier_command_does_not_refuse_this_one():
    assert await exchange(ScriptedPort(said(EOT, ACK, SERIAL)))


async def test_eot_and_nothing_more_is_a_refusal():
    with pytest.raises(RefusedError):
        await exchange(ScriptedPort(said(EOT)))


async def test_silence_is_asked_once_more():
    port = ScriptedPort(b"", said(ACK, SERIAL))
    assert await exchange(port)
    with pytest.raises(NotAcknowledgedError):
        await exchange(ScriptedPort(b"", b"", said(ACK)))


async def test_three_naks_are_answered_by_the_same_frame_and_the_fourth_by_eot():
    port = ScriptedPort(*[said(NAK)] * 4)
    with pytest.raises(GarbledError):
        await exchange(port)
    assert port.written == [encode(commands.SERIAL_NUMBER.frame)] * 4 + [said(EOT)]


async def test_three_damaged_answers_are_asked_again_and_the_fourth_ends_it():
    port = ScriptedPort(said(ACK, DAMAGED), DAMAGED, DAMAGED, DAMAGED)
    with pytest.raises(GarbledError):
        await exchange(port)
    assert port.written[1:] == [said(NAK)] * 3 + [said(EOT)]


async def test_an_answer_to_something_else_is_acknowledged_and_forgotten():
    stray = encode(Frame(Envelope.TEXT, b"7101B9C1845EB993A7A"))
    port = ScriptedPort(said(ACK, stray, SERIAL))
    assert (await exchange(port)).message == b"06000000000001"
    assert port.written[1:] == [said(ACK)] * 2


async def test_an_answer_that_never_comes_ends_by_its_deadline():
    with pytest.raises(NoAnswerError):
        await exchange(ScriptedPort(said(ACK)))


@pytest.mark.parametrize("babble", [b"\x00\xff", SERIAL, DAMAGED, said(ACK), said(0x02)], ids=repr)
async def test_a_pad_that_never_stops_talking_ends_by_the_deadline_too(babble):
    async with asyncio.timeout(5):
        with pytest.raises((NotAcknowledgedError, NoAnswerError, GarbledError)):
            await Link(ScriptedPort(babble=babble), TIMERS).exchange(commands.CONNECTION_TEST, DEADLINE)


async def test_an_answer_that_no_text_promises_is_taken_if_it_comes():
    answer = encode(Frame(Envelope.CONTROL, b"080"))
    assert (await exchange(ScriptedPort(said(ACK, answer)), commands.select_key(0))).message == b"080"
    assert await exchange(ScriptedPort(said(ACK)), commands.select_key(0)) is None


async def test_the_ack_of_what_is_cancelled_does_not_pass_for_the_cancellations_own():
    port = ScriptedPort(b"", said(ACK), said(EOT))
    link = Link(port, TIMERS)
    asking = asyncio.create_task(link.exchange(commands.enter_pin("4012345678909"), 5))
    await port.begun.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    with pytest.raises(NoAnswerError):
        await link.cancel(commands.CANCEL)
    await link.cancel(commands.CANCEL)


async def test_a_pad_with_nothing_to_cancel_answers_ack():
    await Link(ScriptedPort(said(ACK)), TIMERS).cancel(commands.CANCEL)


async def test_an_answer_that_crosses_the_cancellation_is_acknowledged():
    pin = encode(Frame(Envelope.TEXT, b"7101B9C1845EB993A7A"))
    port = ScriptedPort(said(pin, EOT))
    await Link(port, TIMERS).cancel(commands.CANCEL)
    assert port.written[1:] == [said(ACK)]
