"""A link's order at the gateway: what is asked about the link, what is PUT, and where its fate is asked."""

from functools import partial

from agent.journeys import sending
from agent.journeys.bill import Event
from agent.journeys.bill_check import consent_to_total, hindrance, unanswered
from agent.journeys.bill_run import Run
from agent.journeys.card_record import Changes, Happened
from agent.journeys.link_record import LinkJourney
from agent.journeys.sending import Calls, id_of
from gateway.client import Refusal, Unreachable
from gateway.transfer_contract import LinkOffer, LinkRefused, LinkRequest, OrderRequest, OrderView


async def resolve_link(run: Run[LinkJourney]) -> Happened:
    """Ask the payee's bank who is paid and how much, if the terminal could finish what it begins."""
    if hindered := await hindrance(run):
        return hindered
    journey = run.journey
    try:
        answer = await run.parts.gateway.transfers.resolve_link(
            LinkRequest(link=journey.link), key=f"link-{journey.journey_id}"
        )
    except (Unreachable, Refusal) as error:
        return unanswered(error)
    if isinstance(answer, LinkRefused):
        return Happened.because(Event.CHECK_REFUSED, answer.reason, answer.comment)
    changes = Changes(offer=answer, amount=answer.amount, fee=answer.fee, total=answer.total)
    return Happened(Event.OFFER_MADE, changes)


async def ask_consent(run: Run[LinkJourney]) -> Happened:
    return await consent_to_total(run, _offer(run).valid_until)


async def put_order(run: Run[LinkJourney]) -> Happened:
    order_id, offer, card = id_of(run.journey), _offer(run), run.card()
    request = OrderRequest(
        offer_id=offer.offer_id, amount=offer.amount, fee=offer.fee, total=offer.total, card=card
    )
    run.forget_card()

    async def put(wait_seconds: float) -> OrderView:
        return await run.parts.gateway.transfers.put_order(order_id, request, wait_seconds=wait_seconds)

    return await sending.put_once(run, put, _calls(run, order_id))


async def ask_fate(run: Run[LinkJourney]) -> Happened:
    return await sending.ask(run, _calls(run, id_of(run.journey)))


def _calls(run: Run[LinkJourney], order_id: str) -> Calls:
    transfers = run.parts.gateway.transfers

    async def get(wait_seconds: float) -> OrderView:
        return await transfers.get_order(order_id, wait_seconds=wait_seconds)

    return Calls(get, partial(transfers.resolve_order, order_id))


def _offer(run: Run[LinkJourney]) -> LinkOffer:
    if run.journey.offer is None:
        raise AssertionError("a link's payment goes on without an offer")
    return run.journey.offer
