"""The slot of an emulated reader: a person inserts and pulls virtual cards, by hand or by itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from devices.emulators.card import VirtualCard
from devices.emv.channel import CardMuteError, CardRemovedError, ReaderLostError


@dataclass
class SlotFaults:
    """APDUs are counted from 1 at each reset."""

    pull_at: int | None = None  # the card is pulled instead of an answer to this one
    unplug_at: int | None = None  # the reader itself goes
    hang_at: int | None = None  # no answer to this one until the card is pulled


class VirtualSlot:
    """Implements `devices.emv.channel.CardChannel`.

    `auto_card` is inserted when a card is waited for, and taken when the terminal lets go of it.
    """

    def __init__(self, auto_card: VirtualCard | None = None) -> None:
        self.auto_card = auto_card
        self.faults = SlotFaults()
        self.on_change: Callable[[bool], None] = lambda _: None  # told whether a card is in
        self._card: VirtualCard | None = None
        self._plugged = True
        self._powered = False
        self._sent = 0
        self._changed = asyncio.Event()

    @property
    def card(self) -> VirtualCard | None:
        """The one that is in."""
        return self._card

    @property
    def plugged(self) -> bool:
        return self._plugged

    def insert(self, card: VirtualCard) -> None:
        self._card = card
        self._tell()

    def pull(self) -> None:
        self._card = None
        self._tell()

    def unplug(self) -> None:
        """The reader itself."""
        self._plugged = False
        self._tell()

    def plug(self) -> None:
        self._plugged = True
        self._tell()

    async def present(self) -> bool:
        self._need_reader()
        return self._card is not None

    def hand_in(self) -> None:
        """What the person with `auto_card` does when a card is waited for."""
        if self._card is None and self.auto_card is not None:
            self.insert(self.auto_card)

    def hand_out(self) -> None:
        """What that person does when the terminal lets go of the card."""
        if self._card is not None and self._card is self.auto_card:
            self.pull()

    async def wait_for_change(self) -> None:
        """Until a card or the reader's cable comes or goes."""
        await self._changed.wait()

    async def wait_for_card(self) -> None:
        self.hand_in()
        await self._until(lambda: self._card is not None)

    async def wait_for_removal(self) -> None:
        await self._until(lambda: self._card is None)

    async def wait_for_reader(self) -> None:
        while not self._plugged:
            await self._changed.wait()

    async def power_on(self) -> bytes:
        atr = self._need_card().reset()
        if not atr:
            raise CardMuteError("no answer to reset")
        self._powered, self._sent = True, 0
        return atr

    async def transmit(self, apdu: bytes) -> bytes:
        self._sent += 1
        if self._sent == self.faults.pull_at:
            self.pull()
        if self._sent == self.faults.unplug_at:
            self.unplug()
        if self._sent == self.faults.hang_at:
            await self._until(lambda: not self._powered)
        card = self._need_card()
        if not self._powered:
            raise CardRemovedError("the card was pulled, and one was inserted since")
        return card.respond(apdu)

    async def power_off(self) -> None:
        self.unpower()
        self.hand_out()

    def unpower(self) -> None:
        self._powered = False

    async def close(self) -> None:
        self.unplug()

    def _need_reader(self) -> None:
        if not self._plugged:
            raise ReaderLostError("the reader is unplugged")

    def _need_card(self) -> VirtualCard:
        self._need_reader()
        if self._card is None:
            raise CardRemovedError("no card")
        return self._card

    async def _until(self, wanted: Callable[[], bool]) -> None:
        self._need_reader()
        while not wanted():
            await self._changed.wait()
            self._need_reader()

    def _tell(self) -> None:
        self._powered = False
        self._changed.set()
        self._changed = asyncio.Event()
        self.on_change(self._card is not None)
