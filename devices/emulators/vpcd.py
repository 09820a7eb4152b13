"""A virtual slot behind pcscd: the card's end of the line to vpcd, the virtual reader of vsmartcard.

On the line each message is preceded by its length in two bytes. The reader says 00 power off, 01 power on,
02 reset, 04 answer to reset?, or a command; the card answers the last two. A card is in while the line
stands.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Self

from devices.emulators.card_slot import VirtualSlot
from devices.emulators.pcscd import OwnPcscd
from devices.emv.channel import CardChannel, CardMuteError, ChannelError

NO_ATR: Final = bytes(40)  # longer than any: pcscd sees a card, and hears nothing that it could be

_KNOCK_AGAIN_SECONDS: Final = 0.02


class VpcdReader:
    """pcscd with a reader whose slot is `slot`. An unplugged slot is a pcscd that is gone."""

    def __init__(self, slot: VirtualSlot, pcscd: OwnPcscd) -> None:
        self._slot = slot
        self._pcscd = pcscd
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._pcscd.start()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following is not None:
            await _end(self._following)
        await self._pcscd.close()

    async def _follow(self) -> None:
        """Whatever a person does to the slot, for ever."""
        plugged = True
        while True:
            changed = asyncio.create_task(self._slot.wait_for_change())
            await asyncio.sleep(0)  # from here on it sees every change
            if self._slot.plugged is not plugged:
                plugged = self._slot.plugged
                await (self._pcscd.start() if plugged else self._pcscd.kill())
            line = asyncio.create_task(self._keep_card_in())
            try:
                await changed
            finally:
                await _end(line)
                changed.cancel()

    async def _keep_card_in(self) -> None:
        """Knock until the reader opens, and again when pcscd was restarted: the card is still in."""
        while self._slot.card is not None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ChannelError):
                await self._converse()
            await asyncio.sleep(_KNOCK_AGAIN_SECONDS)

    async def _converse(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._pcscd.port)
        try:
            while True:
                _acknowledge_at_once(writer)
                length = int.from_bytes(await reader.readexactly(2), "big")
                answer = await self._answer(await reader.readexactly(length))
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
                    await writer.drain()
        finally:
            writer.transport.abort()

    async def _answer(self, message: bytes) -> bytes | None:
        if len(message) == 1:
            return await _CONTROLS.get(message[0], _passed_over)(self._slot)
        return await self._slot.transmit(message)


async def _power_off(slot: VirtualSlot) -> bytes | None:
    slot.unpower()
    return None


async def _power_on(slot: VirtualSlot) -> bytes | None:
    with contextlib.suppress(CardMuteError):
        await slot.power_on()
    return None


async def _answer_to_reset(slot: VirtualSlot) -> bytes | None:
    card = slot.card
    return None if card is None else NO_ATR if card.faults.mute else card.atr


async def _passed_over(_: VirtualSlot) -> bytes | None:
    return None


_CONTROLS: Final[Mapping[int, Callable[[VirtualSlot], Awaitable[bytes | None]]]] = {
    0: _power_off,
    1: _power_on,
    2: _power_on,
    4: _answer_to_reset,
}


class AttendedChannel:
    """Implements `CardChannel`: another one, with the person at its slot who has `VirtualSlot.auto_card`."""

    def __init__(self, channel: CardChannel, slot: VirtualSlot) -> None:
        self._channel = channel
        self._slot = slot
        self.present = channel.present
        self.wait_for_removal = channel.wait_for_removal
        self.wait_for_reader = channel.wait_for_reader
        self.power_on = channel.power_on
        self.transmit = channel.transmit
        self.close = channel.close

    async def wait_for_card(self) -> None:
        self._slot.hand_in()
        await self._channel.wait_for_card()

    async def power_off(self) -> None:
        await self._channel.power_off()
        self._slot.hand_out()


def _acknowledge_at_once(writer: asyncio.StreamWriter) -> None:
    """The reader writes length and message apart: without this the second waits 40 ms for our kernel."""
    line: socket.socket = writer.get_extra_info("socket")
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
