"""Emulators as a terminal has them: loaded, and where nobody is to operate them, served by a person inside."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from devices.emulators.card import VirtualCard
from devices.emulators.card_files import throw_contents
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.counter_file import CounterFile
from devices.emulators.dukpt import FutureKeys
from devices.emulators.keypad import Keypad
from devices.emulators.pinpad import EmulatedPad, PadSecrets
from devices.emulators.terminals import PseudoTerminal

EMULATED_PIN: Final = "1234"
EMULATED_CARD_YEARS: Final = 3  # until it expires
_MASTER_KEY_BYTES: Final = 16


def ready_slot(*, today: date, random_bytes: Callable[[int], bytes], attended: bool) -> VirtualSlot:
    """`attended`: a card of its own inserts itself and is taken."""
    expiry = f"{(today.year + EMULATED_CARD_YEARS) % 100:02d}{today.month:02d}"
    contents = throw_contents(random_bytes, expiry_yymm=expiry)
    return VirtualSlot(auto_card=VirtualCard(contents) if attended else None)


def ready_pad(secrets: PadSecrets, *, code_page: str, attended: bool) -> EmulatedPad:
    """`attended`: its PIN types itself."""
    keypad = Keypad(auto_pin=EMULATED_PIN if attended else None)
    return EmulatedPad(PseudoTerminal(), secrets, keypad=keypad, code_page=code_page)


def dukpt_secrets(state: Path | None) -> PadSecrets:
    """The sample keys of ANSI X9.24-1; `state` keeps their counter over restarts."""
    if state is None:
        return PadSecrets(dukpt=FutureKeys())
    counter = CounterFile(state / "pin_pad.counter")
    return PadSecrets(dukpt=FutureKeys(counter=counter.load(), advance=counter.save))


def master_secrets(place: int, random_bytes: Callable[[int], bytes]) -> PadSecrets:
    """A master key that nobody else knows."""
    return PadSecrets(master_keys={place: random_bytes(_MASTER_KEY_BYTES)})
