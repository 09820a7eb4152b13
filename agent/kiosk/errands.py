"""What a move of the session sets going, each to the event that it comes to. None of them raises."""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final

from agent.journeys.card_record import CardJourney
from agent.journeys.sale_record import Sale
from agent.kiosk.customer import KioskCustomer
from agent.kiosk.desk import Desk, Earlier, TransferDesk
from agent.kiosk.merchant import KioskMerchant
from agent.kiosk.session import Event, Happened, Session
from agent.orders import LinkOrder, Order, OrderError, SaleWish
from agent.terminal import TerminalStopsError
from gateway.client import Refusal, Unreachable

log = logging.getLogger(__name__)


async def pay(desk: Desk, session: Session, customer: KioskCustomer) -> Happened:
    """Live a journey. When it ended otherwise than asked for, its last record says what the person is told."""
    if session.product is None:
        raise AssertionError("a payment without a product")
    order = Order(session.product, dict(session.values), None, session.language)
    return await _lived(desk.pay(order, customer), customer)


async def pay_link(desk: TransferDesk, session: Session, customer: KioskCustomer) -> Happened:
    """As `pay`, by what was scanned or typed."""
    return await _lived(desk.pay_link(LinkOrder(session.link, session.language), customer), customer)


async def _lived(journey: Awaitable[CardJourney], customer: KioskCustomer) -> Happened:
    try:
        customer.journey = await journey
    except NOT_BEGUN as error:
        return _not_begun(error)
    except Exception:
        log.exception("kiosk.journey_failed")
        return Happened(Event.JOURNEY_ENDED, {"reason": "store"})
    return Happened(Event.JOURNEY_ENDED)


async def sell(desk: TransferDesk, session: Session, merchant: KioskMerchant) -> Happened:
    """Live a sale. Its last record says what the merchant is told."""
    if session.sum is None:
        raise AssertionError("a sale without a sum")
    try:
        merchant.sale = await desk.sell(SaleWish(session.sum, session.language), merchant)
    except NOT_BEGUN as error:
        return _not_begun(error)
    except Exception:
        log.exception("kiosk.sale_failed")
        return Happened(Event.SALE_ENDED, {"reason": "store"})
    return Happened(Event.SALE_ENDED)


async def list_sales(desk: TransferDesk) -> Happened:
    sales: Sequence[Sale] = ()
    try:
        sales = await desk.sales()
    except Exception:
        log.exception("kiosk.sales_not_listed")
    return Happened(Event.SALES_FOUND, {"sales": tuple(sales)})


async def reprint_slip(desk: TransferDesk, session: Session) -> Happened:
    printed = False
    try:
        for sale in session.sales or ():
            if sale.slip_number == session.slip:
                printed = await desk.reprint(sale)
    except Exception:
        log.exception("kiosk.reprint_failed")
    return Happened(Event.SLIP_DONE, {"copy_printed": printed, "page": session.page})


async def look_up(earlier: Earlier, session: Session) -> Happened:
    """By the number and the last four digits, which were typed last."""
    found: CardJourney | None = None
    try:
        found = await earlier.find(session.number, session.draft)
    except Exception:
        log.exception("kiosk.look_up_failed")
    if found is None:
        return Happened(Event.MINE_NOT_FOUND, {"locked_seconds": int(earlier.locked_seconds)})
    return Happened(Event.MINE_FOUND, {"earlier": found, "copy_printed": None})


async def reprint(earlier: Earlier, session: Session) -> Happened:
    printed = False
    try:
        printed = session.earlier is not None and await earlier.reprint(session.earlier)
    except Exception:
        log.exception("kiosk.reprint_failed")
    return Happened(Event.COPY_DONE, {"copy_printed": printed})


def _not_begun(error: Exception) -> Happened:
    if isinstance(error, OrderError):
        log.warning("kiosk.order_refused", extra={"lines": error.lines})
    return Happened(Event.JOURNEY_NOT_BEGUN, {"reason": _REASONS[type(error)]})


_REASONS: Final[Mapping[type[Exception], str]] = {
    OrderError: "order",
    Unreachable: "gateway.unreachable",
    Refusal: "gateway.unreachable",
    TerminalStopsError: "stopping",
}
NOT_BEGUN: Final = tuple(_REASONS)
