"""The driver of a chip card reader: EMV over any channel of APDUs, behind `interfaces.CardReader`.

One command at a time. A card that answers nothing cannot be called back: the command ends by its deadline,
and the advice is to pull the card.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final, TypeVar

from devices.emv.application import OpenApplication, open_application
from devices.emv.channel import CardChannel, ReaderLostError
from devices.emv.cryptogram import generate
from devices.emv.exchange import APDU_SECONDS, Exchange
from devices.emv.faults import FAULTS, CardFaultError, CardSilentError, Fault, SequenceError, result_of
from devices.emv.finding import find_applications
from devices.emv.terminal import Terminal, purchase_elements
from devices.interfaces import Application, ChipData, Completion, DeviceState, Purchase, Result, Status
from devices.witness import NOBODY, Witness

T = TypeVar("T")

SEVERAL_CARDS: Final = 3
"""So many cards in a row that answer nothing are not to blame: the reader is."""


class EmvReader:
    """Implements `interfaces.CardReader`. `today`: the terminal's own date, by which cards expire."""

    def __init__(
        self,
        channel: CardChannel,
        *,
        today: Callable[[], date],
        terminal: Terminal = Terminal(),  # noqa: B008 - frozen
        apdu_seconds: float = APDU_SECONDS,
        witness: Witness = NOBODY,
    ) -> None:
        self._channel = channel
        self._witness = witness
        self._exchange = Exchange(channel, apdu_seconds=apdu_seconds, witness=witness)
        self._today = today
        self._terminal = terminal
        self._queue = asyncio.Lock()
        self._powered = False
        self._application: OpenApplication | None = None
        self._silent = False  # a card in the slot answers nothing, until it is pulled
        self._silent_in_a_row = 0  # cards, since one answered all that was asked

    async def status(self) -> Status:
        """By the reader's own word on its slot; never waits for a card."""
        status = await self._ask_status()
        self._witness.status_told(status)
        return status

    async def wait_for_card(self, deadline_seconds: float) -> Result[None]:
        return await self._run(lambda: self._wait_for_card(deadline_seconds))

    async def applications(self) -> Result[Sequence[Application]]:
        return await self._run(self._applications)

    async def open_application(self, application: Application) -> Result[str]:
        return await self._run(lambda: self._open_application(application))

    async def authorise(self, purchase: Purchase) -> Result[ChipData]:
        return await self._run(lambda: self._authorise(purchase))

    async def wait_for_removal(self) -> Result[None]:
        """Beside the queue: it watches while somebody else is busy."""
        try:
            await self._channel.wait_for_removal()
        except FAULTS as error:
            return result_of(error)
        return Result(Completion.SUCCESS)

    async def release_card(self, deadline_seconds: float) -> Result[None]:
        return await self._run(lambda: self._release_card(deadline_seconds))

    async def close(self) -> None:
        await self._channel.close()

    async def _ask_status(self) -> Status:
        try:
            present = await self._channel.present()
        except ReaderLostError as error:
            return Status(DeviceState.NO_DEVICE, {"media": "unknown"}, str(error))
        self._silent = self._silent and present
        if self._silent:
            return Status(DeviceState.HARDWARE_ERROR, {"media": "present", "card": "silent"}, "pull the card")
        measured = {"media": "present" if present else "notPresent"}
        if self._silent_in_a_row >= SEVERAL_CARDS:
            measured["card"] = "severalSilent"
        return Status(DeviceState.ONLINE, measured)

    async def _run(self, work: Callable[[], Awaitable[Result[T]]]) -> Result[T]:
        async with self._queue:
            try:
                result = await work()
            except FAULTS as error:
                if isinstance(error, CardSilentError):
                    self._silent_in_a_row += not self._silent
                    self._silent = True
                result = result_of(error)
        self._witness.result_told(result)
        return result

    async def _wait_for_card(self, deadline_seconds: float) -> Result[None]:
        self._forget_card()
        try:
            async with asyncio.timeout(deadline_seconds):
                await self._channel.wait_for_card()
        except TimeoutError:
            return Result(Completion.TIME_OUT, detail="nobody inserted a card in time")
        await self._exchange.power_on()
        self._powered, self._silent = True, False
        return Result(Completion.SUCCESS)

    async def _applications(self) -> Result[Sequence[Application]]:
        self._need_power()
        return Result(Completion.SUCCESS, await find_applications(self._exchange))

    async def _open_application(self, application: Application) -> Result[str]:
        self._need_power()
        self._application = None
        opened = await open_application(self._exchange, application, self._terminal)
        if opened.cardholder.expired(self._today()):
            raise CardFaultError(Fault.CARD_EXPIRED)
        self._application = opened
        return Result(Completion.SUCCESS, opened.cardholder.pan)

    async def _authorise(self, purchase: Purchase) -> Result[ChipData]:
        application, self._application = self._application, None  # one cryptogram for one opening
        if application is None:
            raise SequenceError("no application is open")
        told = {**self._terminal.elements(application.aid), **purchase_elements(purchase)}
        emv = await generate(self._exchange, application, told)
        holder = application.cardholder
        return Result(
            Completion.SUCCESS,
            ChipData(holder.pan, holder.expiry_yymm, holder.track2, holder.pan_sequence, emv),
        )

    async def _release_card(self, deadline_seconds: float) -> Result[None]:
        if self._powered and not self._silent:
            self._silent_in_a_row = 0
        self._forget_card()
        await self._exchange.power_off()
        try:
            async with asyncio.timeout(deadline_seconds):
                await self._removal()
        except TimeoutError:
            return Result(Completion.TIME_OUT, detail="the card is still in the reader")
        return Result(Completion.SUCCESS)

    async def _removal(self) -> None:
        """What a lost reader holds is unknown until it is back."""
        while True:
            try:
                return await self._channel.wait_for_removal()
            except ReaderLostError:
                await self._channel.wait_for_reader()

    def _need_power(self) -> None:
        if not self._powered:
            raise SequenceError("no card was waited for")

    def _forget_card(self) -> None:
        self._powered = False
        self._application = None
