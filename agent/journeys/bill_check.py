"""The effects before the card: the check, and the person's consent to the total."""

from collections.abc import Sequence
from datetime import datetime

from agent.journeys.bill import Event
from agent.journeys.bill_record import Journey
from agent.journeys.bill_run import Run
from agent.journeys.card_record import Changes, Happened, J
from agent.journeys.ports import PAPER_OUT
from gateway.client import Refusal, Unreachable
from gateway.contract import CheckRefused, CheckRequest, Money, Offer
from gateway.money import Amount
from gateway.providers.fees import fee_for


async def check(run: Run[Journey]) -> Happened:
    """Ask the provider, if the terminal could finish what it begins. Nobody is asked for paper yet."""
    if hindered := await hindrance(run):
        return hindered
    journey = run.journey
    request = CheckRequest(product=journey.product, requisites=journey.requisites, amount=journey.amount)
    try:
        answer = await run.parts.gateway.check(request, key=f"check-{journey.journey_id}")
    except (Unreachable, Refusal) as error:
        return unanswered(error)
    if isinstance(answer, CheckRefused):
        return Happened.because(Event.CHECK_REFUSED, answer.reason, answer.comment)
    return _offer_made(answer)


async def ask_consent(run: Run[Journey]) -> Happened:
    """Agree on the sum if it is open, then on the total."""
    journey = run.journey
    if journey.offer is None:
        raise AssertionError("OFFERED without an offer")
    if journey.total is None:
        return await _ask_amount(run, journey.offer)
    return await consent_to_total(run, journey.offer.valid_until)


async def hindrance(run: Run[J]) -> Happened | None:
    """Why the terminal could not finish what it begins now; None: it could."""
    obstacles = [code for code in await run.parts.gate.obstacles() if code != PAPER_OUT]
    return _not_ready(obstacles) if obstacles else None


def unanswered(error: Unreachable | Refusal) -> Happened:
    """A question that moves no money fails closed."""
    if isinstance(error, Unreachable):
        return Happened.because(Event.CHECK_UNANSWERED, "gateway.unreachable")
    problem = error.problem
    event = Event.CHECK_UNANSWERED if problem.retryable else Event.CHECK_REFUSED
    return Happened.because(event, problem.code, problem.detail)


async def consent_to_total(run: Run[J], valid_until: datetime) -> Happened:
    """The person agrees to what is shown; then it is proved once more that it can be finished."""
    journey = run.journey
    await run.customer.consent(journey)
    if run.parts.now() >= valid_until:
        return Happened.because(Event.OFFER_EXPIRED, "check_expired")
    obstacles = list(await run.parts.gate.obstacles())
    if obstacles == [PAPER_OUT] and await run.customer.go_on_without_receipt(journey):
        obstacles = []
    return _not_ready(obstacles) if obstacles else Happened(Event.CONSENT_GIVEN)


async def _ask_amount(run: Run[Journey], offer: Offer) -> Happened:
    while (amount := await run.customer.give_amount(run.journey)) is not None:
        if offer.minimum.amount() <= amount <= offer.maximum.amount():
            return Happened(Event.AMOUNT_GIVEN, _priced(offer, amount))
    return Happened.because(Event.CANCELLED, "amount.none")


def _not_ready(obstacles: Sequence[str]) -> Happened:
    return Happened.because(Event.NOT_READY, obstacles[0], ", ".join(obstacles[1:]) or None)


def _offer_made(offer: Offer) -> Happened:
    changes = Changes(offer=offer)
    if offer.amount is not None and offer.fee is not None and offer.total is not None:
        changes |= Changes(amount=offer.amount, fee=offer.fee, total=offer.total)
    return Happened(Event.OFFER_MADE, changes)


def _priced(offer: Offer, amount: Amount) -> Changes:
    fee = fee_for(amount, offer.fee_rule)
    return Changes(amount=Money.of(amount), fee=Money.of(fee), total=Money.of(amount + fee))
