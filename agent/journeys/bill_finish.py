"""The effects at the end: the receipt, and the card back to its owner."""

import logging

from agent.journeys.bill import Event
from agent.journeys.bill_run import Run
from agent.journeys.card_record import Happened, J

log = logging.getLogger(__name__)


async def print_receipt(run: Run[J]) -> Happened:
    """Print, unless the terminal was restarted meanwhile and nobody asks for it."""
    if run.journey.resumed and not await run.customer.ask_for_receipt(run.journey):
        return Happened(Event.RECEIPT_NOT_PRINTED, {"receipt_printed": False})
    job = run.parts.receipt(run.journey)
    printed = await run.parts.devices.printer.print_receipt(job, run.parts.timers.receipt_seconds)
    if printed.succeeded:
        return Happened(Event.RECEIPT_PRINTED, {"receipt_printed": True})
    log.warning("receipt.not_printed", extra={"error": printed.error, "detail": printed.detail})
    return Happened(Event.RECEIPT_NOT_PRINTED, {"receipt_printed": False})


async def return_card(run: Run[J]) -> Happened:
    run.forget_card()
    released = await run.parts.devices.reader.release_card(run.parts.timers.take_card_seconds)
    if released.succeeded:
        return Happened(Event.CARD_TAKEN)
    log.warning("card.left", extra={"error": released.error, "detail": released.detail})
    return Happened(Event.CARD_LEFT)
