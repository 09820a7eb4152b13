"""An emulated VISA PIN pad: the wire of PROTOCOLS §6 from the pad's side, on a pseudo-terminal.

`keypad` is what a person touches; `faults` makes it a bad pad; unplugging and plugging in restart it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from devices.emulators.dukpt import FutureKeys
from devices.emulators.keypad import Keypad
from devices.emulators.pad_line import PadFaults, PadLine
from devices.emulators.pin_requests import (
    PinRequest,
    RequestRefusedError,
    dukpt_answer,
    master_session_answer,
    read_pin_request,
)
from devices.emulators.terminals import PseudoTerminal, end
from devices.visa_pad.frames import FS, SUB, Damaged, Envelope, Event, Frame, Signal

TEST_PIN: Final = "1234"
REPEATS: Final = 3  # and NAKs, before EOT


@dataclass(frozen=True, repr=False)
class PadSecrets:
    """What was loaded into the pad. With `dukpt` it serves DUKPT, else MK/SK by its master keys."""

    dukpt: FutureKeys | None = None
    master_keys: Mapping[int, bytes] = field(default_factory=dict)


class EmulatedPad:
    """Use as an async context manager, or `start` and `close` it."""

    def __init__(
        self,
        terminal: PseudoTerminal,
        secrets: PadSecrets,
        *,
        keypad: Keypad | None = None,
        serial_number: str = "000000000001",
        code_page: str = "ascii",
    ) -> None:
        self.keypad = keypad or Keypad()
        self.faults = PadFaults()
        self._terminal = terminal
        self._secrets = secrets
        self._serial_number = serial_number
        self._code_page = code_page
        self._line = PadLine(terminal, self.faults, powered=self._power_on, heard=self._hear)
        self._running: asyncio.Task[None] | None = None
        self._selected = 0
        self._reply: Frame | None = None
        self._repeats = 0
        self._naks = 0
        self._handlers: Mapping[Envelope, Mapping[bytes, Callable[[bytes], None]]] = {
            Envelope.CONTROL: {
                b"11": self._end_at_once,
                b"01": self._end_at_once,
                b"16": self._test_self,
                b"06": self._tell_serial_number,
                b"04": self._tell_key,
                b"08": self._select_key,
            },
            Envelope.TEXT: {
                b"Z2": self._show_string,
                b"Z3": self._show_lines,
                b"70": self._ask_pin,
                b"76": self._ask_pin,
                b"Z60.": self._ask_pin,
            },
        }

    @property
    def path(self) -> str:
        """What a driver opens."""
        return self._terminal.path

    @property
    def plugged(self) -> bool:
        return self._terminal.plugged

    async def start(self) -> None:
        self._running = asyncio.create_task(self._line.run())

    async def close(self) -> None:
        if self._running is not None:
            await end(self._running)
        self.keypad.stop()
        self._terminal.unplug()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def unplug(self) -> None:
        self._terminal.unplug()

    def plug(self) -> None:
        self._terminal.plug()

    def _power_on(self) -> None:
        self._selected = 0
        self._reply = None
        self._naks = 0
        self.keypad.stop()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Frame):
            self._hear_frame(event)
        elif isinstance(event, Damaged):
            self._refuse_frame()
        else:
            self._hear_signal(event)

    def _hear_frame(self, frame: Frame) -> None:
        if self.faults.nak:
            self.faults.nak -= 1
            self._line.send(Signal.NAK)
            return
        self._naks = 0
        if frame.message == b"72" and self.keypad.asked.is_set():
            self.keypad.cancel()
            return
        self._line.send(Signal.ACK)
        for code, handle in self._handlers[frame.envelope].items():
            if frame.message.startswith(code):
                handle(frame.message)

    def _refuse_frame(self) -> None:
        self._naks += 1
        self._line.send(Signal.NAK if self._naks <= REPEATS else Signal.EOT)
        self._naks %= REPEATS + 1

    def _hear_signal(self, signal: Signal) -> None:
        reply = self._reply
        if reply is None:
            return
        if signal is Signal.NAK and self._repeats:
            self._repeats -= 1
            self._line.send(reply)
            return
        self._reply = None
        if signal is Signal.NAK or (signal is Signal.ACK and reply.envelope is Envelope.CONTROL):
            self._line.send(Signal.EOT)

    def _answer(self, envelope: Envelope, message: bytes) -> None:
        self._reply = Frame(envelope, message)
        self._repeats = REPEATS
        self._line.send(self._reply)

    def _end_at_once(self, _: bytes) -> None:
        self._line.send(Signal.EOT)

    def _test_self(self, _: bytes) -> None:
        self._answer(Envelope.CONTROL, b"16" + self.faults.self_test.encode("ascii"))

    def _tell_serial_number(self, _: bytes) -> None:
        self._answer(Envelope.CONTROL, b"06" + self._serial_number.encode("ascii"))

    def _tell_key(self, message: bytes) -> None:
        present = _place(message) in self._secrets.master_keys
        self._answer(Envelope.CONTROL, b"04F" if present else b"040")

    def _select_key(self, message: bytes) -> None:
        self._selected = _place(message)
        self._answer(Envelope.CONTROL, b"080")

    def _show_string(self, message: bytes) -> None:
        kept = () if message[2:3] == SUB else self.keypad.display
        self.keypad.show((*kept, self._text(message[2:].lstrip(SUB))))

    def _show_lines(self, message: bytes) -> None:
        self.keypad.show(tuple(map(self._text, message[3:].lstrip(SUB).split(FS))))

    def _text(self, line: bytes) -> str:
        return line.decode(self._code_page, "replace")

    def _ask_pin(self, message: bytes) -> None:
        if self.faults.refuse:
            self._line.send(Signal.EOT)
            return
        try:
            request = read_pin_request(message)
        except RequestRefusedError as refused:
            self._answer(Envelope.TEXT, refused.message)
            return
        if message.startswith(b"76"):
            self._answer_pin(request, TEST_PIN)
            return
        prompt = self.keypad.display if request.amount is None else ("TOTAL", request.amount, "ENTER PIN")
        self.keypad.ask(
            prompt,
            entered=lambda pin: self._answer_pin(request, pin),
            cancelled=lambda: self._line.send(Signal.EOT),
        )

    def _answer_pin(self, request: PinRequest, pin: str) -> None:
        self._answer(Envelope.TEXT, self._pin_message(request, pin))

    def _pin_message(self, request: PinRequest, pin: str) -> bytes:
        secrets = self._secrets
        try:
            if secrets.dukpt is not None:
                return dukpt_answer(request, pin, secrets.dukpt)
            return master_session_answer(
                request, pin, master_keys=secrets.master_keys, selected=self._selected
            )
        except RequestRefusedError as refused:
            return refused.message


def _place(message: bytes) -> int:
    digit = message[2:3]
    return int(digit) if digit.isdigit() else -1
