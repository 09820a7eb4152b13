"""A bill's payment at the gateway: what is PUT, and where its fate is asked."""

from functools import partial

from agent.journeys import sending
from agent.journeys.bill_record import Journey
from agent.journeys.bill_run import Run
from agent.journeys.card_record import Happened
from agent.journeys.sending import Calls, id_of
from gateway.contract import PaymentRequest, PaymentView


async def put_payment(run: Run[Journey]) -> Happened:
    payment_id, request = id_of(run.journey), _request(run)
    run.forget_card()

    async def put(wait_seconds: float) -> PaymentView:
        return await run.parts.gateway.put(payment_id, request, wait_seconds=wait_seconds)

    return await sending.put_once(run, put, _calls(run, payment_id))


async def ask_fate(run: Run[Journey]) -> Happened:
    return await sending.ask(run, _calls(run, id_of(run.journey)))


def _calls(run: Run[Journey], payment_id: str) -> Calls:
    gateway = run.parts.gateway

    async def get(wait_seconds: float) -> PaymentView:
        return await gateway.get(payment_id, wait_seconds=wait_seconds)

    return Calls(get, partial(gateway.resolve, payment_id))


def _request(run: Run[Journey]) -> PaymentRequest:
    journey = run.journey
    if journey.offer is None:
        raise AssertionError("SENDING without an offer")
    if journey.amount is None or journey.fee is None or journey.total is None:
        raise AssertionError("SENDING without the sums that were shown")
    return PaymentRequest(
        check_id=journey.offer.check_id,
        amount=journey.amount,
        fee=journey.fee,
        total=journey.total,
        card=run.card(),
    )
