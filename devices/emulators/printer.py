"""An emulated ESC/POS printer on a pseudo-terminal: it prints jobs into a list, and can be a bad printer.

What was received is printed in order, as far as there is paper; the proof of a job leaves after the last
byte before it is printed; status answers at once, even from inside an image, as on real printers.
`faults` is what a person does to it: assign to it at any time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol, Self

from devices.emulators.terminals import UnpluggedError, end
from devices.escpos import opcodes
from devices.escpos.decoder import Command, Decoder, Piece

SLICE_BYTES: Final = 64  # printed at once
_STATUS_LENGTH: Final = len(opcodes.STATUS.prefix) + 1
_FIXED_BITS: Final = 0x12
_OFF_PAPER: Final = frozenset({opcodes.STATUS, opcodes.PROCESS_ID})


class Roll(StrEnum):
    FULL = "full"
    LOW = "low"
    OUT = "out"


@dataclass(frozen=True)
class PrinterFaults:
    roll: Roll = Roll.FULL
    out_after_bytes: int | None = None  # the roll ends when so many more bytes are printed
    cover_open: bool = False
    cutter_jammed: bool = False
    unrecoverable: bool = False
    silent: bool = False  # prints, but answers nothing
    proves_nothing: bool = False  # a cheap model: status yes, GS ( H no
    deaf: bool = False  # takes no bytes off the line
    noise: bytes = b""  # before each answer
    bytes_per_second: float | None = None  # a slow line; None: as fast as it comes

    @property
    def stopped(self) -> bool:
        return self.roll is Roll.OUT or self.cover_open or self.cutter_jammed or self.unrecoverable

    def status_byte(self, group: int) -> int:
        """The answer to DLE EOT `group`."""
        bits = {
            1: 0x08 * self.stopped,
            2: 0x04 * self.cover_open | 0x20 * (self.roll is Roll.OUT) | 0x40 * (self.cutter_jammed or self.unrecoverable),
            3: 0x08 * self.cutter_jammed | 0x20 * self.unrecoverable,
            4: {Roll.FULL: 0, Roll.LOW: 0x0C, Roll.OUT: 0x6C}[self.roll],
        }  # fmt: skip
        return _FIXED_BITS | bits[group]


class Line(Protocol):
    """What a printer is connected by: a pseudo-terminal, or a network's line."""

    @property
    def path(self) -> str: ...

    @property
    def plugged(self) -> bool: ...

    async def wait_plugged(self) -> None: ...

    async def read(self, most: int = 4096) -> bytes: ...

    async def write(self, data: bytes) -> None: ...

    def unplug(self) -> None: ...

    def plug(self) -> None: ...


class EmulatedPrinter:
    """Use as an async context manager, or `start` and `close` it. `printed` is told of each finished job."""

    def __init__(self, terminal: Line, *, printed: Callable[[bytes], None] = lambda _: None) -> None:
        self._terminal = terminal
        self.on_print = printed
        self._faults = PrinterFaults()
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._received = bytearray()
        self._decoder = Decoder()
        self._heard = b""
        self._paper = b""
        self.jobs: list[bytes] = []  # each up to its cut
        self.torn: list[bytes] = []  # what hung out of it uncut when it lost its line

    @property
    def path(self) -> str:
        """What a driver opens."""
        return self._terminal.path

    @property
    def plugged(self) -> bool:
        return self._terminal.plugged

    @property
    def unfinished(self) -> bytes:
        """What is on paper since the last cut."""
        return self._paper

    @property
    def faults(self) -> PrinterFaults:
        return self._faults

    @faults.setter
    def faults(self, faults: PrinterFaults) -> None:
        self._faults = faults
        self._changed.set()

    async def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._running is not None:
            await end(self._running)
        self._terminal.unplug()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def unplug(self) -> None:
        """Line and power together: what it had received and not printed is lost."""
        self._terminal.unplug()
        self._lose_power()

    def plug(self) -> None:
        self._terminal.plug()

    async def until(self, ready: Callable[[], object]) -> None:
        """Wait until something about this printer is so: `until(lambda: printer.jobs)`."""
        while not ready():
            self._changed.clear()
            await self._changed.wait()

    async def _run(self) -> None:
        while True:
            await self._terminal.wait_plugged()
            self._lose_power()
            try:
                async with asyncio.TaskGroup() as work:
                    work.create_task(self._receive())
                    work.create_task(self._print())
                    work.create_task(self._answer())
            except* UnpluggedError:
                pass  # the same printer, wherever it is plugged in again

    def _lose_power(self) -> None:
        if self._paper:
            self.torn.append(self._paper)
        self._received, self._decoder, self._heard, self._paper = bytearray(), Decoder(), b"", b""
        self._answers = asyncio.Queue()

    async def _receive(self) -> None:
        while True:
            await self.until(lambda: not self._faults.deaf)
            data = await self._terminal.read()
            self._hear_status_requests(data)
            self._received += data
            self._changed.set()

    def _hear_status_requests(self, data: bytes) -> None:
        """In real time: wherever the three bytes stand, and however they were split."""
        heard = self._heard + data
        for at in range(len(heard) - _STATUS_LENGTH + 1):
            prefix, group = heard[at : at + 2], heard[at + 2]
            if prefix == opcodes.STATUS.prefix and 1 <= group <= 4:
                self._say(bytes([self._faults.status_byte(group)]))
        self._heard = heard[-(_STATUS_LENGTH - 1) :]

    async def _print(self) -> None:
        while True:
            await self.until(lambda: self._received and not self._faults.stopped)
            left = self._faults.out_after_bytes
            data = bytes(self._received[: SLICE_BYTES if left is None else min(left, SLICE_BYTES)])
            del self._received[: len(data)]
            for piece in self._decoder.feed(data):
                self._put_on_paper(piece)
            self._use_roll(len(data))
            speed = self._faults.bytes_per_second
            await asyncio.sleep(len(data) / speed if speed else 0)

    def _use_roll(self, count: int) -> None:
        left = self._faults.out_after_bytes
        if left is not None:
            self.faults = replace(self._faults, out_after_bytes=left - count)
        if left == count:
            self.faults = replace(self._faults, roll=Roll.OUT, out_after_bytes=None)

    def _put_on_paper(self, piece: Piece) -> None:
        opcode = piece.opcode if isinstance(piece, Command) else None
        if opcode is opcodes.PROCESS_ID and not self._faults.proves_nothing:
            self._say(opcodes.proof(piece.wire[-4:]))
        if opcode not in _OFF_PAPER and piece.wire.strip(b"\x00"):
            self._paper += piece.wire
        if opcode is opcodes.CUT:
            job, self._paper = self._paper, b""
            self.jobs.append(job)
            self.on_print(job)
        self._changed.set()

    def _say(self, answer: bytes) -> None:
        if not self._faults.silent:
            self._answers.put_nowait(self._faults.noise + answer)

    async def _answer(self) -> None:
        while True:
            await self._terminal.write(await self._answers.get())
