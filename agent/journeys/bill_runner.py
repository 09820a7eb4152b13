"""Lives a journey that is paid by card: state, its effect, the event, the committed move, the next state.

Nothing here decides: the table knows which effect belongs to a state and where an event leads. The
runner races an effect with the person's wish to leave where the table allows it, and turns an effect
that raised, a fault of ours, into the event that is honest about it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from agent.journeys import bill_check, bill_send, link_send
from agent.journeys.bill import DEFECTS, EFFECTS, INTERRUPTIBLE, Effect, Event
from agent.journeys.bill_card import enter_pin, make_cryptogram, open_application, wait_for_card
from agent.journeys.bill_finish import print_receipt, return_card
from agent.journeys.bill_record import Journey
from agent.journeys.bill_run import Run
from agent.journeys.card_record import CardJourney, Happened, J
from agent.journeys.customer import Customer, Leaving
from agent.journeys.link_record import LinkJourney
from agent.journeys.ports import Parts

log = logging.getLogger(__name__)

_Do = Mapping[Effect, Callable[[Run[Any]], Awaitable[Happened]]]  # each is given the record of its own kind

_WITH_CARD: Final[_Do] = {
    Effect.WAIT_FOR_CARD: wait_for_card,
    Effect.OPEN_APPLICATION: open_application,
    Effect.ENTER_PIN: enter_pin,
    Effect.MAKE_CRYPTOGRAM: make_cryptogram,
    Effect.PRINT_RECEIPT: print_receipt,
    Effect.RETURN_CARD: return_card,
}
_DO: Final[Mapping[type[CardJourney], _Do]] = {
    Journey: {
        Effect.CHECK: bill_check.check,
        Effect.ASK_CONSENT: bill_check.ask_consent,
        Effect.PUT_PAYMENT: bill_send.put_payment,
        Effect.ASK_FATE: bill_send.ask_fate,
        **_WITH_CARD,
    },
    LinkJourney: {
        Effect.CHECK: link_send.resolve_link,
        Effect.ASK_CONSENT: link_send.ask_consent,
        Effect.PUT_PAYMENT: link_send.put_order,
        Effect.ASK_FATE: link_send.ask_fate,
        **_WITH_CARD,
    },
}


async def live(journey: J, parts: Parts, customer: Customer) -> J:
    """Run `journey` from its state to its end; the record that it ended with, already committed.

    Raises what the book raises when it cannot commit. The card goes back all the same, and the journey
    stays in its last committed state, to be recovered.
    """
    run = Run(journey, parts, customer)
    _show(run)
    try:
        while (effect := EFFECTS.get(run.journey.state)) is not None:
            happened = await _happening(effect, run)
            run.journey = await parts.book.move(run.journey, happened)
            _show(run)
    except Exception:
        await _done(Effect.RETURN_CARD, run)
        raise
    return run.journey


def _show(run: Run[J]) -> None:
    """A page that fails must not stop a payment."""
    try:
        run.customer.see(run.journey)
    except Exception:
        log.exception("journey.not_shown", extra={"journey_id": run.journey.journey_id})


async def _happening(effect: Effect, run: Run[J]) -> Happened:
    if run.journey.state not in INTERRUPTIBLE:
        return await _done(effect, run)
    work = asyncio.ensure_future(_done(effect, run))
    leaving = asyncio.ensure_future(_leaving(run))
    try:
        await asyncio.wait((work, leaving), return_when=asyncio.FIRST_COMPLETED)
        return Happened(leaving.result()) if leaving.done() else work.result()
    finally:
        work.cancel()
        leaving.cancel()
        await asyncio.gather(work, leaving, return_exceptions=True)  # a device has let go of its call


async def _leaving(run: Run[J]) -> Leaving:
    try:
        return await run.customer.leave(run.journey)
    except Exception:
        log.exception("journey.nobody_to_ask", extra={"journey_id": run.journey.journey_id})
        return Event.WALKED_AWAY


async def _done(effect: Effect, run: Run[J]) -> Happened:
    try:
        return await _DO[type(run.journey)][effect](run)
    except Exception:
        log.exception("journey.defect", extra={"effect": effect, "journey_id": run.journey.journey_id})
        return Happened.because(DEFECTS[effect], f"defect.{effect}")
