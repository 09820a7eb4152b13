"""Lives a sale: state, its effect, the event, the committed move, the next state. Nothing here decides."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from agent.journeys.merchant import Merchant
from agent.journeys.merchant_sale import DEFECTS, EFFECTS, INTERRUPTIBLE, Effect, Event, State
from agent.journeys.sale_book import unfinished
from agent.journeys.sale_record import Happened, Sale
from agent.journeys.sale_run import SaleParts, SaleRun, cancel, open_link, print_slip, watch
from spool import Spool

log = logging.getLogger(__name__)

_DO: Final[Mapping[Effect, Callable[[SaleRun], Awaitable[Happened]]]] = {
    Effect.OPEN_LINK: open_link,
    Effect.WATCH: watch,
    Effect.CANCEL: cancel,
    Effect.PRINT_SLIP: print_slip,
}


async def sell(sale: Sale, parts: SaleParts, merchant: Merchant) -> Sale:
    """Run `sale` from its state to its end; the record that it ended with, already committed.

    Raises what the book raises when it cannot commit; the sale stays in its last committed state.
    """
    run = SaleRun(sale, parts, merchant)
    _show(run)
    while run.sale.state in EFFECTS:
        happened = await _happening(run)
        run.sale = await parts.book.move(run.sale, happened)
        _show(run)
    return run.sale


async def recover_sales(spool: Spool, parts: SaleParts, merchant: Merchant) -> list[Sale]:
    """Live every unfinished sale to its end, oldest first: nobody looks at its code any more."""
    sales = []
    for sale in await spool.read(unfinished):
        resumed = await parts.book.move(sale, Happened(Event.RESTARTED, {"resumed": True}))
        sales.append(await sell(resumed, parts, merchant))
    return sales


def _show(run: SaleRun) -> None:
    """A page that fails must not stop a sale."""
    try:
        run.merchant.see(run.sale)
    except Exception:
        log.exception("sale.not_shown", extra={"sale_id": run.sale.sale_id})


async def _happening(run: SaleRun) -> Happened:
    state = run.sale.state
    if state not in INTERRUPTIBLE:
        return await _done(state, run)
    work = asyncio.ensure_future(_done(state, run))
    wish = asyncio.ensure_future(run.merchant.cancel(run.sale))
    try:
        await asyncio.wait((work, wish), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else Happened(Event.CANCEL_WANTED)
    finally:
        work.cancel()
        wish.cancel()
        await asyncio.gather(work, wish, return_exceptions=True)


async def _done(state: State, run: SaleRun) -> Happened:
    try:
        return await _DO[EFFECTS[state]](run)
    except Exception:
        log.exception("sale.defect", extra={"state": state, "sale_id": run.sale.sale_id})
        return Happened(DEFECTS[state], {"reason": f"defect.{EFFECTS[state]}"})
