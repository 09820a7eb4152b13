"""What a move of the session sets going, each to the event that it comes to. None of them raises."""

import logging

from agent.journeys.card_record import CardJourney
from agent.kiosk.customer import KioskCustomer
from agent.kiosk.desk import Desk, Earlier
from agent.kiosk.session import Event, Happened, Session
from agent.orders import Order, OrderError
from agent.terminal import TerminalStopsError
from gateway.client import Refusal, Unreachable

log = logging.getLogger(__name__)


async def pay(desk: Desk, session: Session, customer: KioskCustomer) -> Happened:
    """Live a journey. When it ended otherwise than asked for, its last record says what the person is told."""
    if session.product is None:
        raise AssertionError("a payment without a product")
    order = Order(session.product, dict(session.values), None, session.language)
    try:
        customer.journey = await desk.pay(order, customer)
    except OrderError as error:
        log.warning("kiosk.order_refused", extra={"lines": error.lines})
        return _not_begun("order")
    except (Unreachable, Refusal):
        return _not_begun("gateway.unreachable")
    except TerminalStopsError:
        return _not_begun("stopping")
    except Exception:
        log.exception("kiosk.journey_failed")
        return Happened(Event.JOURNEY_ENDED, {"reason": "store"})
    return Happened(Event.JOURNEY_ENDED)


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


def _not_begun(reason: str) -> Happened:
    return Happened(Event.JOURNEY_NOT_BEGUN, {"reason": reason})
