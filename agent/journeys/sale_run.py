"""A sale while it is lived, and its effects: a link, what comes of it, the slip."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from agent.journeys.merchant import Merchant
from agent.journeys.merchant_sale import TOLD_EVENTS, Event
from agent.journeys.ports import JourneyTimers
from agent.journeys.sale_record import Happened, Sale
from devices.interfaces import ReceiptPrinter
from gateway.client import Refusal, Unreachable
from gateway.transfer_contract import SaleRequest, SaleTold, SaleView

log = logging.getLogger(__name__)

NOT_FOUND: Final = "sale_not_found"
WATCH_SECONDS: Final = 20.0  # of one question that waits for news


class SaleGateway(Protocol):
    """The gateway as the payee's bank. Any call may raise Unreachable or Refusal."""

    async def put_sale(self, sale_id: str, request: SaleRequest) -> SaleView: ...

    async def get_sale(self, sale_id: str, *, wait_seconds: float) -> SaleView: ...

    async def cancel_sale(self, sale_id: str) -> SaleView: ...


class Book(Protocol):
    """Where the sale is kept."""

    async def begin(self, sale: Sale) -> None: ...

    async def move(self, sale: Sale, happened: Happened) -> Sale:
        """The record after the event, durable together with all that the table's row causes."""


@dataclass(frozen=True)
class SaleParts:
    gateway: SaleGateway
    printer: ReceiptPrinter
    book: Book
    slip: Callable[[Sale], bytes]  # one ESC/POS job
    now: Callable[[], datetime]
    timers: JourneyTimers


@dataclass
class SaleRun:
    sale: Sale
    parts: SaleParts
    merchant: Merchant


async def open_link(run: SaleRun) -> Happened:
    """PUT until it is answered: the same id and content never make a second sale, and nobody has seen a link yet."""
    sale = run.sale
    request = SaleRequest(amount=sale.amount, purpose=sale.purpose, merchant_order=sale.merchant_order)
    answer = await _until_heard(run, lambda: run.parts.gateway.put_sale(sale.sale_id, request))
    if isinstance(answer, SaleView):
        return _told(answer)
    return Happened(Event.NOT_OPENED, {"reason": answer})


async def watch(run: SaleRun) -> Happened:
    """Ask until the gateway tells something new. What is still shown is not given up before it expires."""
    sale = run.sale
    shown = None if sale.view is None else sale.view.told
    while True:
        answer = await _until_heard(
            run, lambda: run.parts.gateway.get_sale(sale.sale_id, wait_seconds=WATCH_SECONDS)
        )
        if isinstance(answer, SaleView):
            if answer.told is not shown:
                return _told(answer)
            await asyncio.sleep(run.parts.timers.ask_again_seconds)
        elif not _may_still_be_paid(run):
            return Happened(Event.SILENCE, {"reason": answer})


async def cancel(run: SaleRun) -> Happened:
    """Close the link. An order that came first is not called off, and is followed to its end."""
    sale = run.sale
    answer = await _until_heard(run, lambda: run.parts.gateway.cancel_sale(sale.sale_id))
    if isinstance(answer, SaleView):
        return Happened(Event.SILENCE) if answer.told is SaleTold.WAITING else _told(answer)
    never = answer == NOT_FOUND and sale.view is None
    return Happened(Event.NOT_OPENED if never else Event.SILENCE, {"reason": answer})


async def print_slip(run: SaleRun) -> Happened:
    """Print, unless the terminal was restarted meanwhile and nobody asks for it."""
    if run.sale.resumed and not await run.merchant.ask_for_slip(run.sale):
        return Happened(Event.SLIP_NOT_PRINTED, {"slip_printed": False})
    printed = await run.parts.printer.print_receipt(
        run.parts.slip(run.sale), run.parts.timers.receipt_seconds
    )
    if printed.succeeded:
        return Happened(Event.SLIP_PRINTED, {"slip_printed": True})
    log.warning("slip.not_printed", extra={"error": printed.error, "detail": printed.detail})
    return Happened(Event.SLIP_NOT_PRINTED, {"slip_printed": False})


async def _until_heard(run: SaleRun, ask: Callable[[], Awaitable[SaleView]]) -> SaleView | str:
    """The gateway's answer; or a code: of its refusal, or of its silence for as long as a customer is kept waiting."""
    clock = asyncio.get_running_loop()
    until = clock.time() + run.parts.timers.told_seconds
    while True:
        try:
            return await ask()
        except Refusal as refusal:
            code = refusal.problem.code
            if not refusal.problem.retryable or clock.time() >= until:
                return code
        except Unreachable:
            if clock.time() >= until:
                return "gateway.unreachable"
        await asyncio.sleep(run.parts.timers.ask_again_seconds)


def _may_still_be_paid(run: SaleRun) -> bool:
    """Its link is open by our own clock: who has scanned it may be paying."""
    view = run.sale.view
    return view is not None and view.told is SaleTold.WAITING and run.parts.now() < view.expires_at


def _told(view: SaleView) -> Happened:
    return Happened(TOLD_EVENTS[view.told], {"view": view, "reason": view.reason})
