"""One sale and whoever pays its link: two real terminals, each of which only its own gateway knows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from agent.demo.stage import TerminalPlace
from agent.demo.transfers.shoppers import Course, Purchase
from agent.journeys.bill import Ending
from agent.journeys.link_record import LinkJourney
from agent.journeys.sale_record import Sale

PATIENCE_SECONDS: Final = 15.0  # with a link that somebody may be paying, before the merchant takes it back


@dataclass
class Shopped:
    """What both sides were told. `sale` None: none was begun."""

    sale: Sale | None = None
    journeys: list[LinkJourney] = field(default_factory=list)


Told = Callable[[Sale | LinkJourney], None]


def _nobody(_: Sale | LinkJourney) -> None:
    """Listens."""


@dataclass(frozen=True)
class Shop:
    """A till, and the customers' terminal beside it."""

    till: TerminalPlace
    terminal: TerminalPlace

    async def serve(self, purchase: Purchase, told: Told = _nobody) -> Shopped:
        """From the sum on the till to both endings. ControlError if a terminal cannot begin."""
        shopped = Shopped()
        async with self._selling(purchase, told) as selling:
            link = await selling.link()
            if link is not None and purchase.course is Course.CALLED_OFF:
                await self._call_off(selling)
            if link is not None:
                shopped.journeys.append(await self.pay(link, told))
                await self._let_it_end(selling, shopped.journeys[0])
            shopped.sale = await selling.end()
        if link is not None and purchase.course is Course.AGAIN:
            shopped.journeys.append(await self.pay(link, told))
        return shopped

    async def pay(self, link: str, told: Told = _nobody) -> LinkJourney:
        last: LinkJourney | None = None
        async for item in self.terminal.call("pay_link", {"link": link}):
            last = LinkJourney.model_validate(item)
            told(last)
        if last is None or last.ending is None:
            raise AssertionError("a journey without an ending")
        return last

    async def _let_it_end(self, selling: "_Selling", journey: LinkJourney) -> None:
        """A merchant takes back a link that nobody pays, and one that nothing becomes of."""
        if journey.outcome in {Ending.PAID, Ending.IN_PROCESSING, Ending.BEING_UNBLOCKED}:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await selling.over.wait()
            except TimeoutError:
                pass
            else:
                return
        await self._call_off(selling)

    async def _call_off(self, selling: "_Selling") -> None:
        """As CANCEL at the till; it is heard where the sale can still be called off."""
        if selling.sale is not None and not selling.over.is_set():
            async for _ in self.till.call("cancel", {"journey_id": selling.sale.sale_id}):
                pass

    @asynccontextmanager
    async def _selling(self, purchase: Purchase, told: Told) -> AsyncIterator["_Selling"]:
        selling = _Selling()
        task = asyncio.create_task(selling.follow(self.till, purchase, told))
        try:
            yield selling
        finally:
            task.cancel()
            await asyncio.wait({task})
        await task


class _Selling:
    """A sale that is followed while somebody pays."""

    def __init__(self) -> None:
        self.sale: Sale | None = None
        self.over = asyncio.Event()
        self._moved = asyncio.Event()

    async def follow(self, till: TerminalPlace, purchase: Purchase, told: Told) -> None:
        try:
            async for item in till.call("sale", purchase.arguments()):
                self.sale = Sale.model_validate(item)
                told(self.sale)
                self._moved.set()
        finally:
            self.over.set()
            self._moved.set()

    async def link(self) -> str | None:
        """As its QR code holds it; None: the sale has ended without one."""
        while not self.over.is_set():
            if self.sale is not None and self.sale.view is not None:
                return self.sale.view.link
            self._moved.clear()
            await self._moved.wait()
        return None

    async def end(self) -> Sale | None:
        await self.over.wait()
        return self.sale
