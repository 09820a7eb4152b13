"""Faults by name, so that a person, a test or a demo can write down what goes wrong and when.

>>> parse("card.pull_at=4 @0.5 pad.unplug @1 pad.plug")[1:3]
(Pause(seconds=0.5), Act(name='pad.unplug', value=None))

A word is `DEVICE.FAULT`, `DEVICE.FAULT=VALUE`, or `@SECONDS` to wait; the faults are the rows of `FAULTS`.
`well` ends what a device does wrong; it plugs nothing in.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from devices.emulators.card import CardFaults
from devices.emulators.card_slot import SlotFaults, VirtualSlot
from devices.emulators.pad_line import PadFaults
from devices.emulators.pinpad import EmulatedPad
from devices.emulators.printer import EmulatedPrinter, PrinterFaults, Roll
from devices.emulators.scanner import EmulatedScanner, ScannerFaults

NOISE: Final = b"\x00\xff\x02\x7f"


class ScriptError(ValueError):
    """A word that is no fault, or a device that is not there. Names the word."""


@dataclass(frozen=True)
class Emulated:
    """Whose faults a script tells; None where a device is real or not there."""

    card: VirtualSlot | None = None
    pad: EmulatedPad | None = None
    printer: EmulatedPrinter | None = None
    scanner: EmulatedScanner | None = None


@dataclass(frozen=True)
class Act:
    name: str
    value: str | None = None


@dataclass(frozen=True)
class Pause:
    seconds: float


Script = tuple[Act | Pause, ...]
_Do = Callable[[Any, str | None], None]


def parse(text: str) -> Script:
    """Raises ScriptError."""
    return tuple(_parsed(word) for word in text.split())


async def play(script: Script, emulated: Emulated) -> None:
    """One after the other. Raises ScriptError."""
    for step in script:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            continue
        device = getattr(emulated, step.name.partition(".")[0])
        if device is None:
            raise ScriptError(f"{step.name}: this device is not emulated here")
        try:
            FAULTS[step.name](device, step.value)
        except (TypeError, ValueError):
            raise ScriptError(f"{step.name}={step.value}: no value for this fault") from None


def _parsed(word: str) -> Act | Pause:
    if word.startswith("@"):
        try:
            return Pause(float(word[1:]))
        except ValueError:
            raise ScriptError(f"{word}: no number of seconds") from None
    name, is_there, value = word.partition("=")
    if name not in FAULTS:
        raise ScriptError(f"{word}: no such fault; there is {', '.join(FAULTS)}")
    return Act(name, value if is_there else None)


def _set(name: str, value: Callable[[str | None], Any]) -> _Do:
    """A fault that is a field of the device's own `faults`, which may be frozen."""

    def do(device: Any, text: str | None) -> None:
        change = {name: value(text)}
        if isinstance(device.faults, PrinterFaults):
            device.faults = replace(device.faults, **change)
        else:
            vars(device.faults).update(change)

    return do


def _of_card(name: str) -> _Do:
    def do(slot: VirtualSlot, _: str | None) -> None:
        card = slot.card or slot.auto_card
        if card is None:
            raise ScriptError(f"card.{name}: there is no card")
        setattr(card.faults, name, True)

    return do


def _well(fresh: Callable[[], Any]) -> _Do:
    def do(device: Any, _: str | None) -> None:
        if isinstance(device.faults, PrinterFaults):
            device.faults = fresh()
        else:
            vars(device.faults).update(vars(fresh()))

    return do


def _call(name: str) -> _Do:
    return lambda device, _: getattr(device, name)()


def _number(text: str | None) -> int:
    return int(text or "1")


def _seconds(text: str | None) -> float:
    return float(text or "0.01")


def _yes(_: str | None) -> bool:
    return True


def _always(value: Any) -> Callable[[str | None], Any]:
    return lambda _: value


FAULTS: Final[Mapping[str, _Do]] = {
    "card.pull": _call("pull"),
    "card.pull_at": _set("pull_at", _number),  # instead of an answer to this APDU
    "card.hang_at": _set("hang_at", _number),
    "card.unplug_at": _set("unplug_at", _number),  # the reader
    **{f"card.{field.name}": _of_card(field.name) for field in fields(CardFaults)},
    "card.unplug": _call("unplug"),
    "card.plug": _call("plug"),
    "card.well": _well(SlotFaults),
    "pad.silent": _set("silent", _yes),
    "pad.nak": _set("nak", _number),
    "pad.wrong_lrc": _set("wrong_lrc", _number),
    "pad.noise": _set("noise", _always(NOISE)),
    "pad.split": _set("split", _yes),
    "pad.joined": _set("joined", _yes),
    "pad.slow": _set("byte_seconds", _seconds),
    "pad.refuse": _set("refuse", _yes),
    "pad.self_test": _set("self_test", lambda text: text or "1"),
    "pad.unplug": _call("unplug"),
    "pad.plug": _call("plug"),  # elsewhere: the line has another path than before
    "pad.well": _well(PadFaults),
    "printer.out_after": _set("out_after_bytes", _number),
    "printer.paper": _set("roll", lambda text: Roll(text or Roll.OUT)),
    "printer.cover": _set("cover_open", _yes),
    "printer.cutter": _set("cutter_jammed", _yes),
    "printer.broken": _set("unrecoverable", _yes),
    "printer.silent": _set("silent", _yes),
    "printer.unproved": _set("proves_nothing", _yes),
    "printer.deaf": _set("deaf", _yes),
    "printer.noise": _set("noise", _always(NOISE)),
    "printer.slow": _set("bytes_per_second", lambda text: float(text or "1000")),
    "printer.unplug": _call("unplug"),
    "printer.plug": _call("plug"),
    "printer.well": _well(PrinterFaults),
    "scanner.noise": _set("noise", _always(NOISE)),
    "scanner.split": _set("split", _yes),
    "scanner.endless": _set("end", _always(b"")),  # codes whose end gets lost
    "scanner.unplug": _call("unplug"),
    "scanner.plug": _call("plug"),
    "scanner.well": _well(ScannerFaults),
}
