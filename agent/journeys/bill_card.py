"""The effects with the card inside, up to its cryptogram. Until then nothing leaves the terminal."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from agent.journeys.bill import Event
from agent.journeys.bill_run import Run
from agent.journeys.card_record import Happened, J
from agent.masked_pan import MaskedPan
from agent.texts.pad import pin_prompts
from devices.interfaces import Application, Completion, Purchase, Result
from gateway.money import CURRENCY_NUMERIC

T = TypeVar("T")

COUNTRY_NUMERIC = "398"  # ISO 3166-1, Kazakhstan

_BY_ERROR: Mapping[str, Event] = {
    "noMedia": Event.CARD_PULLED,
    "declinedByCard": Event.CARD_DECLINED,
}
_BY_COMPLETION: Mapping[Completion, Event] = {
    Completion.USER_ERROR: Event.CARD_UNUSABLE,
    Completion.COMMAND_ERROR: Event.CARD_UNUSABLE,
    Completion.INVALID_DATA: Event.CARD_UNUSABLE,
}
_OF_A_PERSON: Mapping[Completion, Event] = {
    Completion.CANCELED: Event.CANCELLED,
    Completion.TIME_OUT: Event.WALKED_AWAY,
}


async def wait_for_card(run: Run[J]) -> Happened:
    inserted = await run.parts.devices.reader.wait_for_card(run.parts.timers.card_seconds)
    if inserted.succeeded:
        return Happened(Event.CARD_INSERTED)
    if inserted.completion in _OF_A_PERSON:
        return Happened.because(_OF_A_PERSON[inserted.completion], "card.none")
    event = _BY_COMPLETION.get(inserted.completion, Event.DEVICE_FAILED)
    return Happened.because(event, _reason("reader", inserted), inserted.detail)


async def open_application(run: Run[J]) -> Happened:
    """Choose an application of the card, by the person if there are several, and read its PAN."""
    reader = run.parts.devices.reader
    listed = await reader.applications()
    if listed.value is None:
        return _card_fault(listed)
    application = await _while_card_is_in(run, _chosen(run, listed.value))
    if isinstance(application, Happened):
        return application
    opened = await reader.open_application(application)
    if opened.value is None:
        return _card_fault(opened)
    run.pan = opened.value
    return Happened(
        Event.APPLICATION_OPENED,
        {"application": application.label, "masked_pan": MaskedPan.of(opened.value)},
    )


async def enter_pin(run: Run[J]) -> Happened:
    if run.pan is None or run.journey.total is None:
        raise AssertionError("PIN entry without a PAN and a total")
    entry = run.parts.devices.pad.enter_pin(
        pan=run.pan,
        amount_text=str(run.journey.total.amount()),
        deadline_seconds=run.parts.timers.pin_seconds,
        prompts=pin_prompts(run.journey.language),
    )
    entered = await _while_card_is_in(run, entry)
    if isinstance(entered, Happened):
        return entered
    if entered.succeeded:
        run.pin = entered.value
        return Happened(Event.PIN_ENTERED)
    event = _OF_A_PERSON.get(entered.completion, Event.DEVICE_FAILED)
    return Happened.because(event, _reason("pin_pad", entered), entered.detail)


async def make_cryptogram(run: Run[J]) -> Happened:
    """GENERATE AC for the total that the person agreed to."""
    if run.journey.total is None:
        raise AssertionError("a cryptogram without a total")
    purchase = Purchase(
        amount_minor=run.journey.total.amount_minor,
        currency_numeric=CURRENCY_NUMERIC,
        country_numeric=COUNTRY_NUMERIC,
        date_yymmdd=f"{run.parts.local_time(run.parts.now()):%y%m%d}",
        unpredictable=run.parts.random_bytes(4),
    )
    made = await run.parts.devices.reader.authorise(purchase)
    if not made.succeeded:
        return _card_fault(made)
    run.chip = made.value
    return Happened(Event.CRYPTOGRAM_MADE)


async def _chosen(run: Run[J], applications: Sequence[Application]) -> Application:
    if len(applications) == 1:
        return applications[0]
    labels = [application.label for application in applications]
    return applications[await run.customer.choose_application(run.journey, labels)]


async def _while_card_is_in(run: Run[J], asking: Coroutine[Any, Any, T]) -> T | Happened:
    """What the person answered, or that the card or its reader has left, and then nobody is asked any more."""
    asked = asyncio.ensure_future(asking)
    removal = asyncio.ensure_future(run.parts.devices.reader.wait_for_removal())
    try:
        await asyncio.wait((asked, removal), return_when=asyncio.FIRST_COMPLETED)
        return asked.result() if asked.done() else _left(removal.result())
    finally:
        asked.cancel()
        removal.cancel()
        await asyncio.gather(asked, removal, return_exceptions=True)  # the pad has let go of its call


def _left(removal: Result[None]) -> Happened:
    if removal.succeeded:
        return Happened.because(Event.CARD_PULLED, "card.noMedia", "pulled while its holder was asked")
    return Happened.because(Event.DEVICE_FAILED, _reason("reader", removal), removal.detail)


def _card_fault(result: Result[Any]) -> Happened:
    event = _BY_ERROR.get(result.error or "") or _BY_COMPLETION.get(result.completion, Event.DEVICE_FAILED)
    return Happened.because(event, _reason("card", result), result.detail)


def _reason(device: str, result: Result[Any]) -> str:
    return f"{device}.{result.error or result.completion}"
