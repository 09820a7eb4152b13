"""One frame at a time over a port, each acknowledged (PROTOCOLS §6).

Outgoing: ACK within 2 s; a NAK is answered by the same frame, three times, then by EOT. Incoming: ACK for
a good LRC, NAK for a bad one, EOT after three. Stray frames are acknowledged and forgotten.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from devices.errors import DeviceError
from devices.port import Port
from devices.visa_pad.commands import Command, Ending
from devices.visa_pad.frames import Damaged, Event, Frame, FrameReader, Signal, encode
from devices.witness import NOBODY, Witness

REPEATS_AFTER_NAK: Final = 3
REPEATS_AFTER_SILENCE: Final = 1


class LinkError(DeviceError):
    """The pad is there, but the exchange came to nothing."""


class NotAcknowledgedError(LinkError):
    """No ACK, not even to a repeat: switched off, another device, another speed."""


class NoAnswerError(LinkError):
    """The pad took the command, and nothing came before the deadline."""


class GarbledError(LinkError):
    """One side saw wrong LRCs until the repeats were used up."""


class RefusedError(LinkError):
    """The pad said EOT: cancelled, timed out there, or refused."""


@dataclass(frozen=True)
class PadTimers:
    ack_seconds: float = 2.0
    write_seconds: float = 2.0
    answer_seconds: float = 5.0  # for answers that wait for nobody
    diagnostic_seconds: float = 60.0  # the keypad test waits for a person
    perhaps_eot_seconds: float = 0.2  # for the EOT that the text leaves open


class Link:
    """For one command at a time; the driver's queue sees to that."""

    def __init__(self, port: Port, timers: PadTimers, witness: Witness = NOBODY) -> None:
        self._port = port
        self._witness = witness
        self._timers = timers
        self._reader = FrameReader()
        self._events: deque[Event] = deque()
        self._owed_ack = False  # a command was cut short before the pad's ACK to it

    async def exchange(self, command: Command, deadline_seconds: float) -> Frame | None:
        """Send a command and take its answer, or a late one that nobody had to send.

        `deadline_seconds` is for the answer, from the pad's ACK on. Raises LinkError and PortError.
        """
        await self._start_afresh()
        await self._send(command.frame)
        answer = None
        if command.answer is not None:
            answer = await self._receive(command.answer, deadline_seconds)
        if command.ending is Ending.EOT:
            await self._await_eot(deadline_seconds)
        if command.ending is Ending.PERHAPS_EOT:
            answer = await self._drain(command.frame.message[:2]) or answer
        return answer

    async def cancel(self, command: Command) -> None:
        """Send it and wait for EOT, or for the ACK of a pad that had nothing to cancel.

        The ACK of what is being cancelled may still be on its way; so may its answer, which is acknowledged
        and forgotten. Raises as `exchange`.
        """
        self._reader = FrameReader()
        self._events.clear()
        await self._send_once(command.frame)
        end = self._now() + self._timers.ack_seconds
        while (event := await self._event(end)) is not Signal.EOT:
            if isinstance(event, Frame):
                await self._signal(Signal.ACK)
            if event is Signal.ACK:
                if not self._owed_ack:
                    return
                self._owed_ack = False

    async def _start_afresh(self) -> None:
        await self._port.flush_input()
        self._reader = FrameReader()
        self._events.clear()

    async def _send(self, frame: Frame) -> None:
        left = {Signal.NAK: REPEATS_AFTER_NAK, None: REPEATS_AFTER_SILENCE}
        while True:
            self._owed_ack = True
            await self._send_once(frame)
            reply = await self._acknowledgement()
            self._owed_ack = False
            if reply is Signal.ACK:
                return
            if reply is Signal.EOT:
                raise RefusedError("EOT instead of ACK")
            if not left[reply]:
                break
            left[reply] -= 1
        if reply is None:
            raise NotAcknowledgedError("no ACK")
        await self._signal(Signal.EOT)
        raise GarbledError("NAK to every repeat")

    async def _acknowledgement(self) -> Signal | None:
        """ACK or NAK; EOT only if nothing follows it, since it may end an earlier command; None: silence."""
        end = self._now() + self._timers.ack_seconds
        said = None
        try:
            while (event := await self._event(end)) not in {Signal.ACK, Signal.NAK}:
                said = event if event is Signal.EOT else said
        except NoAnswerError:
            return said
        return Signal(event)

    async def _receive(self, code: bytes, deadline_seconds: float) -> Frame:
        end = self._now() + deadline_seconds
        naks = 0
        while True:
            event = await self._event(end)
            if event is Signal.EOT:
                raise RefusedError("EOT instead of an answer")
            if isinstance(event, Damaged):
                naks += 1
                await self._signal(Signal.NAK if naks <= REPEATS_AFTER_NAK else Signal.EOT)
                if naks > REPEATS_AFTER_NAK:
                    raise GarbledError(f"damaged four times: {event.why}")
            if isinstance(event, Frame):
                await self._signal(Signal.ACK)
                if event.message.startswith(code):
                    return event

    async def _await_eot(self, deadline_seconds: float) -> None:
        end = self._now() + deadline_seconds
        while await self._event(end) is not Signal.EOT:
            pass

    async def _drain(self, code: bytes) -> Frame | None:
        end = self._now() + self._timers.perhaps_eot_seconds
        answer = None
        try:
            while (event := await self._event(end)) is not Signal.EOT:
                if isinstance(event, Frame):
                    await self._signal(Signal.ACK)
                    answer = event if event.message.startswith(code) else answer
        except NoAnswerError:
            pass
        return answer

    async def _event(self, end: float) -> Event:
        """The next event. Raises NoAnswerError at `end`, by the loop's clock."""
        while (left := end - self._now()) > 0:
            if self._events:
                return self._events.popleft()
            heard = self._reader.feed(await self._port.read(left))
            for event in heard:
                self._witness.frame(f"← {event!r}")
            self._events += heard
        raise NoAnswerError("silence, or nothing but noise")

    async def _send_once(self, frame: Frame) -> None:
        self._witness.frame(f"→ {frame!r}")
        await self._write(encode(frame))

    async def _signal(self, signal: Signal) -> None:
        self._witness.frame(f"→ {signal!r}")
        await self._write(bytes([signal.value]))

    async def _write(self, data: bytes) -> None:
        await self._port.write(data, self._timers.write_seconds)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
