"""A customer's own earlier payment: found by operation number and card, shown as it stands today, printed again.

Who has the number and the card's last four digits has the receipt or the card in hand. Both are short, so
guesses are few; the digits are compared in constant time, and no line of a log or journal has them.
"""

import asyncio
import hmac
import logging
from typing import Final

from agent.assembly import Assembly
from agent.gateway_link import SETTLED
from agent.guesses import Guesses
from agent.journal import Data
from agent.journeys import bill_store
from agent.journeys.bill_book import Fate
from agent.journeys.card_record import CardJourney
from agent.journeys.link_record import LinkJourney
from gateway.client import GatewayClientError
from spool import Spool

log = logging.getLogger(__name__)
_NOBODYS: Final = "????"  # compared with where there is no such payment: both ways take as long


class EarlierPayments:
    """One for each terminal: wrong guesses are counted together, whoever makes them."""

    def __init__(self, spool: Spool, assembly: Assembly, *, guesses: Guesses | None = None) -> None:
        self._spool = spool
        self._assembly = assembly
        self._guesses = guesses or Guesses()

    @property
    def locked_seconds(self) -> float:
        """How long nothing is looked for, after too many wrong guesses; 0.0: it is."""
        return self._guesses.locked_seconds(asyncio.get_running_loop().time())

    async def find(self, operation_number: str, last_four: str) -> CardJourney | None:
        """The payment as it stands today. None: no such pair, or `locked_seconds` is not over.

        `operation_number`: as the receipt has it, spaces or not. What is still open is asked of the
        gateway first; if it is silent, the terminal's own last word is given.
        """
        if self.locked_seconds:
            return None
        number = "".join(operation_number.split())
        journey = await self._spool.read(lambda tx: bill_store.numbered(tx, number))
        right = hmac.compare_digest(_last_four(journey).encode(), last_four.encode())
        if journey is None or not right or last_four == _NOBODYS:
            await self._wrong()
            return None
        return await self._refreshed(journey)

    async def reprint(self, journey: CardJourney) -> bool:
        """Print the receipt again, marked as a copy. False: the printer did not prove it."""
        parts = self._assembly.parts
        printed = await parts.devices.printer.print_receipt(
            parts.receipt(journey), parts.timers.receipt_seconds
        )
        if not printed.succeeded:
            log.warning("receipt.not_printed", extra={"error": printed.error, "detail": printed.detail})
        data: Data = {"journey_id": journey.journey_id, "printed": printed.succeeded}
        await self._note("receipt.copy", data)
        return printed.succeeded

    async def _wrong(self) -> None:
        if self._guesses.wrong(asyncio.get_running_loop().time()):
            log.warning("earlier_payments.locked", extra={"seconds": self.locked_seconds})
            await self._note("alarm.earlier_payments_locked", {})

    async def _note(self, name: str, data: Data) -> None:
        await self._spool.write(lambda tx: self._assembly.journal.write(tx, name, data))

    async def _refreshed(self, journey: CardJourney) -> CardJourney:
        """With the gateway's word of today, kept where it is news."""
        payment_id = journey.payment_id
        settled = journey.never_received or (journey.view is not None and journey.view.told in SETTLED)
        if payment_id is None or settled:
            return journey
        try:
            answer = await self._ask(journey, payment_id)
        except GatewayClientError as error:
            log.info("earlier_payments.not_refreshed", extra={"why": str(error)})
            return journey
        book = self._assembly.book
        await self._spool.write(lambda tx: book.resolved(tx, payment_id, answer))
        return await self._spool.read(lambda tx: bill_store.find(tx, payment_id)) or journey

    async def _ask(self, journey: CardJourney, payment_id: str) -> Fate:
        """A payment of which the gateway never said a word may never have arrived: that is settled, too."""
        gateway = self._assembly.parts.gateway
        link, transfers = isinstance(journey, LinkJourney), gateway.transfers
        if journey.view is None:
            return await (transfers.resolve_order if link else gateway.resolve)(payment_id)
        return await (transfers.get_order if link else gateway.get)(payment_id, wait_seconds=0)


def _last_four(journey: CardJourney | None) -> str:
    """Of what is over: a payment that is being made here is not an earlier one."""
    if journey is None or not journey.over or journey.masked_pan is None:
        return _NOBODYS
    return journey.masked_pan.last4
