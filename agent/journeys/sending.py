"""The effects while money moves, whatever is paid: one PUT, and the question about its fate if the answer is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from agent.journeys.bill import Event
from agent.journeys.bill_run import Run
from agent.journeys.card_record import CardJourney, Happened, J
from gateway.client import Refusal, Unreachable
from gateway.contract import NeverReceived, PaymentView, Told
from gateway.transfer_contract import OrderNeverReceived, OrderView

View = PaymentView | OrderView
Never = NeverReceived | OrderNeverReceived

TOLD_EVENTS: Mapping[Told, Event] = {
    Told.PAID: Event.PAID,
    Told.NOTHING_TAKEN: Event.NOTHING_TAKEN,
    Told.BEING_UNBLOCKED: Event.BEING_UNBLOCKED,
    Told.IN_PROCESSING: Event.IN_PROCESSING,
    Told.WAIT: Event.STILL_WAITING,
}


@dataclass(frozen=True)
class Calls:
    """The gateway's questions about one payment, by its id. They raise Unreachable and Refusal."""

    get: Callable[[float], Awaitable[View]]  # waits so many seconds for the next move
    resolve: Callable[[], Awaitable[View | Never]]


async def put_once(run: Run[J], put: Callable[[float], Awaitable[View]], calls: Calls) -> Happened:
    """PUT. Whatever is not the payment's view, a refusal too, leaves its fate to be asked."""
    told_at = run.told_at()
    try:
        async with asyncio.timeout_at(told_at):
            view = await put(_left(told_at))
    except TimeoutError:
        return Happened(Event.TIME_IS_UP)
    except Unreachable:
        return Happened(Event.UNANSWERED)
    except Refusal as refusal:
        return Happened.because(Event.UNANSWERED, refusal.problem.code, refusal.problem.detail)
    return _seen(await _released(run, view, calls))


async def ask(run: Run[J], calls: Calls) -> Happened:
    """Ask until there is an ending or the customer must be told. Only `resolve` may find "never"."""
    try:
        async with asyncio.timeout_at(run.told_at()):
            fate = await _fate(run, calls)
    except TimeoutError:
        return Happened(Event.TIME_IS_UP)
    if isinstance(fate, Never):
        return Happened(Event.NEVER_RECEIVED, {"never_received": True})
    return _seen(await _released(run, fate, calls))


def id_of(journey: CardJourney) -> str:
    if journey.payment_id is None:
        raise AssertionError("a payment is on its way without an id")
    return journey.payment_id


async def _fate(run: Run[J], calls: Calls) -> View | Never:
    while True:
        answer = await _asked(run, calls, _left(run.told_at()))
        if isinstance(answer, Never):
            return answer
        if answer is not None and answer.told is not Told.WAIT:
            return answer
        await asyncio.sleep(run.parts.timers.ask_again_seconds)


async def _asked(run: Run[J], calls: Calls, wait_seconds: float) -> View | Never | None:
    try:
        if run.journey.view is None:
            return await calls.resolve()
        return await calls.get(wait_seconds)
    except (Unreachable, Refusal):
        return None


async def _released(run: Run[J], view: View, calls: Calls) -> View:
    """A view that says "being unblocked", or the next one if it comes soon: then nothing was taken."""
    if view.told is not Told.BEING_UNBLOCKED:
        return view
    wait_seconds = min(run.parts.timers.unblocking_seconds, _left(run.told_at()))
    try:
        async with asyncio.timeout(wait_seconds):
            return await calls.get(wait_seconds)
    except (TimeoutError, Unreachable, Refusal):
        return view


def _seen(view: View) -> Happened:
    return Happened(TOLD_EVENTS[view.told], {"view": view, "reason": view.reason})


def _left(told_at: float) -> float:
    return max(0.0, told_at - asyncio.get_running_loop().time())
