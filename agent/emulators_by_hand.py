"""The terminal's emulated devices, operated by hand: what a person does to the real ones, as commands.

They are commands of the terminal's control socket, and exist only where the port of every device is
`emulator_by_hand`: a terminal with one real device has none of them.

| command | arguments | does, and answers what is then to be seen |
|---|---|---|
| hands.watch | – | answers again after each change, for ever |
| hands.insert | card: a name of `devices.emulators.wallet.KINDS` | takes out the one that is in |
| hands.pull | – | |
| hands.press | key: 0 to 9, clear, cancel, enter | |
| hands.reader | plugged | the cable of the card reader |
| hands.printer | roll?, cover_open? | |
| hands.tear | – | takes the receipts that hang out of the printer |
| hands.scan | code | holds it before the scanner, where the terminal has one |
| hands.script | script: faults by name, `devices.emulators.script` | answers when the script is over |
| hands.receipt | number, from 1 in the order of printing | answers the bytes that came over the printer's line |
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from agent.command_arguments import Arguments, read
from agent.terminal import Terminal
from agent.terminal_devices import Emulators
from devices.drivers import EMULATOR_BY_HAND
from devices.emulators.card import VirtualCard
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.keypad import Keypad
from devices.emulators.pinpad import EmulatedPad
from devices.emulators.printer import EmulatedPrinter, Roll
from devices.emulators.script import Emulated, ScriptError, parse, play
from devices.emulators.wallet import wallet
from spool import ControlError
from spool.control import Command

Item = dict[str, Any]


class InsertArguments(Arguments):
    card: str


class PressArguments(Arguments):
    key: Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "cancel", "enter"]


class ReaderArguments(Arguments):
    plugged: bool


class PrinterArguments(Arguments):
    roll: Roll | None = None
    cover_open: bool | None = None


class ScanArguments(Arguments):
    code: str


class ScriptArguments(Arguments):
    script: str


class ReceiptArguments(Arguments):
    number: int


_KEYS: Final[Mapping[str, Callable[[Keypad], None]]] = {
    "clear": Keypad.clear,
    "cancel": Keypad.cancel,
    "enter": Keypad.enter,
}


def hand_commands(terminal: Terminal) -> Mapping[str, Command]:
    """None at all unless every device is there to be operated by hand."""
    ports = [device.port for device in terminal.settings.devices.values()]
    if set(ports) != {EMULATOR_BY_HAND}:
        return {}
    parts = terminal.assembly.parts
    cards = wallet(parts.random_bytes, today=parts.local_time(parts.now()).date())
    return Hands(terminal.devices.emulators, cards).table()


class Hands:
    """A person's hands and eyes at one terminal's emulated devices."""

    def __init__(self, emulators: Emulators, cards: Mapping[str, VirtualCard]) -> None:
        self._slot, self._pad, self._printer = _all(emulators)
        self._emulated = Emulated(self._slot, self._pad, self._printer, emulators.scanner)
        self._cards = cards
        self._torn = 0
        self._changed = asyncio.Event()
        self._slot.on_change = self._pad.keypad.on_display = self._printer.on_print = self._tell

    def table(self) -> Mapping[str, Command]:
        return {
            "hands.watch": self.watch,
            "hands.insert": self.insert,
            "hands.pull": self.pull,
            "hands.press": self.press,
            "hands.reader": self.reader,
            "hands.printer": self.printer,
            "hands.tear": self.tear,
            "hands.scan": self.scan,
            "hands.script": self.script,
            "hands.receipt": self.receipt,
        }

    async def watch(self, _: Item) -> AsyncIterator[Item]:
        while True:
            changed = self._changed
            yield self._seen()
            await changed.wait()

    async def insert(self, arguments: Item) -> Item:
        card = self._cards.get(read(InsertArguments, arguments).card)
        if card is None:
            raise ControlError("no_such_card", f"the wallet has {', '.join(self._cards)}")
        self._slot.insert(card)
        return self._seen()

    async def pull(self, _: Item) -> Item:
        self._slot.pull()
        return self._seen()

    async def press(self, arguments: Item) -> Item:
        key, keypad = read(PressArguments, arguments).key, self._pad.keypad
        if key in _KEYS:
            _KEYS[key](keypad)
        else:
            keypad.press(key)
        return self._seen()

    async def reader(self, arguments: Item) -> Item:
        if read(ReaderArguments, arguments).plugged:
            self._slot.plug()
        else:
            self._slot.unplug()
        return self._seen()

    async def printer(self, arguments: Item) -> Item:
        told = read(PrinterArguments, arguments).model_dump(exclude_none=True)
        self._printer.faults = replace(self._printer.faults, **told)
        self._tell()
        return self._seen()

    async def tear(self, _: Item) -> Item:
        self._torn = len(self._printer.jobs)
        self._tell()
        return self._seen()

    async def scan(self, arguments: Item) -> Item:
        scanner = self._emulated.scanner
        if scanner is None or not scanner.plugged:
            raise ControlError("no_scanner", "this terminal has no scanner, or it is unplugged")
        await scanner.scan(read(ScanArguments, arguments).code)
        return self._seen()

    async def script(self, arguments: Item) -> Item:
        try:
            await play(parse(read(ScriptArguments, arguments).script), self._emulated)
        except ScriptError as error:
            raise ControlError("no_such_fault", str(error)) from None
        self._tell()
        return self._seen()

    async def receipt(self, arguments: Item) -> Item:
        number = read(ReceiptArguments, arguments).number
        if not 1 <= number <= len(self._printer.jobs):
            raise ControlError("no_such_receipt", f"{len(self._printer.jobs)} were printed")
        return {"number": number, "job": base64.b64encode(self._printer.jobs[number - 1]).decode()}

    def _seen(self) -> Item:
        faults = self._printer.faults
        names = [name for name, card in self._cards.items() if card is self._slot.card]
        return {
            "card": names[0] if names else None,
            "reader_plugged": self._slot.plugged,
            "display": list(self._pad.keypad.display),
            "pin_asked": self._pad.keypad.asked.is_set(),
            "roll": faults.roll,
            "cover_open": faults.cover_open,
            "printed": len(self._printer.jobs),
            "hangs_out": len(self._printer.jobs) - self._torn,
        }

    def _tell(self, _: object = None) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _all(emulators: Emulators) -> tuple[VirtualSlot, EmulatedPad, EmulatedPrinter]:
    slot, pad, printer = emulators.slot, emulators.pad, emulators.printer
    if slot is None or pad is None or printer is None:
        raise AssertionError("an emulated port has an emulator behind it")
    return slot, pad, printer
