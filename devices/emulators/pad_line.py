"""What an emulated PIN pad says and hears on its line, with the faults of a bad one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from devices.emulators.terminals import PseudoTerminal, UnpluggedError
from devices.visa_pad.frames import Event, Frame, FrameReader, Signal, encode


@dataclass
class PadFaults:
    """What the pad does wrong. Numbers count down with each frame that they spoil."""

    silent: bool = False
    nak: int = 0  # frames of the host that are answered with NAK
    wrong_lrc: int = 0  # frames of the pad that leave with a wrong LRC
    noise: bytes = b""  # before each frame of the pad
    split: bool = False  # each byte leaves on its own
    joined: bool = False  # what is to be said leaves in one piece, ACK and answer together
    byte_seconds: float = 0.0  # a slow line: pause before each byte
    refuse: bool = False  # EOT to every PIN request
    self_test: str = "0"  # what `16` is answered with


class PadLine:
    """Bytes to events and back. `powered` is called at each plugging in, `heard` for each event."""

    def __init__(
        self,
        terminal: PseudoTerminal,
        faults: PadFaults,
        *,
        powered: Callable[[], None],
        heard: Callable[[Event], None],
    ) -> None:
        self._terminal = terminal
        self._faults = faults
        self._powered = powered
        self._heard = heard
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()

    def send(self, what: Frame | Signal) -> None:
        """Say it after what was said before. A silent pad says nothing."""
        if self._faults.silent:
            return
        if isinstance(what, Signal):
            self._outgoing.put_nowait(bytes([what.value]))
            return
        data = encode(what)
        if self._faults.wrong_lrc:
            self._faults.wrong_lrc -= 1
            data = data[:-1] + bytes([data[-1] ^ 0xFF])
        self._outgoing.put_nowait(self._faults.noise + data)

    async def run(self) -> None:
        """Until cancelled, over any unplugging."""
        while True:
            await self._terminal.wait_plugged()
            self._outgoing = asyncio.Queue()
            self._powered()
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._listen())
                    both.create_task(self._speak())
            except* UnpluggedError:
                pass  # the same pad, wherever it is plugged in again

    async def _listen(self) -> None:
        reader = FrameReader()
        while True:
            events = reader.feed(await self._terminal.read())
            for event in () if self._faults.silent else events:
                self._heard(event)

    async def _speak(self) -> None:
        while True:
            data = await self._outgoing.get()
            while self._faults.joined and not self._outgoing.empty():
                data += self._outgoing.get_nowait()
            each = 1 if self._faults.split or self._faults.byte_seconds else len(data)
            for start in range(0, len(data), each):
                await asyncio.sleep(self._faults.byte_seconds)
                await self._terminal.write(data[start : start + each])
