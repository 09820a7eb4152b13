"""The effects while money moves: one PUT, and the question about its fate if the answer is lost."""

import asyncio
from collections.abc import Mapping

from agent.journeys.bill import Event
from agent.journeys.bill_record import Happened, Journey
from agent.journeys.bill_run import Run
from gateway.client import Refusal, Unreachable
from gateway.contract import CardInput, NeverReceived, PaymentRequest, PaymentView, Told

TOLD_EVENTS: Mapping[Told, Event] = {
    Told.PAID: Event.PAID,
    Told.NOTHING_TAKEN: Event.NOTHING_TAKEN,
    Told.BEING_UNBLOCKED: Event.BEING_UNBLOCKED,
    Told.IN_PROCESSING: Event.IN_PROCESSING,
    Told.WAIT: Event.STILL_WAITING,
}


async def put_payment(run: Run) -> Happened:
    """PUT once. Whatever is not the payment's view, a refusal too, leaves its fate to be asked."""
    payment_id = _payment_id(run.journey)
    request = _request(run)
    run.forget_card()
    told_at = run.told_at()
    try:
        async with asyncio.timeout_at(told_at):
            view = await run.parts.gateway.put(payment_id, request, wait_seconds=_left(told_at))
    except TimeoutError:
        return Happened(Event.TIME_IS_UP)
    except Unreachable:
        return Happened(Event.UNANSWERED)
    except Refusal as refusal:
        return Happened.because(Event.UNANSWERED, refusal.problem.code, refusal.problem.detail)
    return _seen(await _released(run, view))


async def ask_fate(run: Run) -> Happened:
    """Ask until there is an ending or the customer must be told. Only `resolve` may find "never"."""
    try:
        async with asyncio.timeout_at(run.told_at()):
            fate = await _fate(run)
    except TimeoutError:
        return Happened(Event.TIME_IS_UP)
    if isinstance(fate, NeverReceived):
        return Happened(Event.NEVER_RECEIVED, {"never_received": True})
    return _seen(await _released(run, fate))


async def _fate(run: Run) -> PaymentView | NeverReceived:
    while True:
        answer = await _ask(run, _left(run.told_at()))
        if isinstance(answer, NeverReceived):
            return answer
        if answer is not None and answer.told is not Told.WAIT:
            return answer
        await asyncio.sleep(run.parts.timers.ask_again_seconds)


async def _ask(run: Run, wait_seconds: float) -> PaymentView | NeverReceived | None:
    payment_id = _payment_id(run.journey)
    try:
        if run.journey.view is None:
            return await run.parts.gateway.resolve(payment_id)
        return await run.parts.gateway.get(payment_id, wait_seconds=wait_seconds)
    except (Unreachable, Refusal):
        return None


async def _released(run: Run, view: PaymentView) -> PaymentView:
    """A view that says "being unblocked", or the next one if it comes soon: then nothing was taken."""
    if view.told is not Told.BEING_UNBLOCKED:
        return view
    wait_seconds = min(run.parts.timers.unblocking_seconds, _left(run.told_at()))
    try:
        async with asyncio.timeout(wait_seconds):
            return await run.parts.gateway.get(view.payment_id, wait_seconds=wait_seconds)
    except (TimeoutError, Unreachable, Refusal):
        return view


def _seen(view: PaymentView) -> Happened:
    return Happened(TOLD_EVENTS[view.told], {"view": view, "reason": view.reason})


def _left(told_at: float) -> float:
    return max(0.0, told_at - asyncio.get_running_loop().time())


def _payment_id(journey: Journey) -> str:
    if journey.payment_id is None:
        raise AssertionError("a payment is on its way without an id")
    return journey.payment_id


def _request(run: Run) -> PaymentRequest:
    journey, chip, pin = run.journey, run.chip, run.pin
    if journey.offer is None or chip is None or pin is None:
        raise AssertionError("SENDING without an offer, a cryptogram and a PIN")
    if journey.amount is None or journey.fee is None or journey.total is None:
        raise AssertionError("SENDING without the sums that were shown")
    return PaymentRequest(
        check_id=journey.offer.check_id,
        amount=journey.amount,
        fee=journey.fee,
        total=journey.total,
        card=CardInput(
            track2=chip.track2,
            emv=chip.emv.hex().upper(),
            pin_block=pin.block.hex().upper(),
            ksn=pin.ksn.hex().upper() if pin.ksn else None,
        ),
    )
