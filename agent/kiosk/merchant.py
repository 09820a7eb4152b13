"""The merchant at the screen, as a sale knows them: `agent.journeys.merchant.Merchant`."""

import asyncio
from collections.abc import Callable

from agent.journeys.merchant_sale import INTERRUPTIBLE
from agent.journeys.sale_record import Sale


class KioskMerchant:
    """`changed` is told whenever the screen may look different. Used on one loop."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._no_more = asyncio.Event()
        self.sale: Sale | None = None

    def stop(self) -> bool:
        """Cancel. Whether it was heard: never once an order has come."""
        heard = self.sale is not None and self.sale.state in INTERRUPTIBLE
        if heard:
            self._no_more.set()
        return heard

    def see(self, sale: Sale) -> None:
        self.sale = sale
        self._changed()

    async def cancel(self, sale: Sale) -> None:  # noqa: ARG002 - the port's word
        await self._no_more.wait()

    async def ask_for_slip(self, sale: Sale) -> bool:  # noqa: ARG002 - the port's word
        """A sale that an earlier life began is ended with nobody at the screen."""
        return False
