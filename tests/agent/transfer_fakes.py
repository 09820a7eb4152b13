"""Fakes of the gateway's calls for links and sales, and the facts that their tests agree on."""

from datetime import timedelta

from agent.journeys.bill import State
from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant_sale import State as SaleState
from agent.journeys.sale_record import Sale
from gateway.contract import Told
from gateway.transfer_contract import LinkOffer, OrderView, SaleTold, SaleView
from tests.agent.fakes import NOW, PAYMENT_ID, Answers, money

LINK_ID = "SBXaZ09-_abcdefghijklmno"
LINK = f"https://pay.example.kz/{LINK_ID}"
END_TO_END_ID = "PAY202611220000000000001"


def link_offer(**changes):
    facts = {
        "offer_id": END_TO_END_ID,
        "link_id": LINK_ID,
        "creditor_name": "ЖШС «Алма»",
        "creditor_bin": "990140000012",
        "amount": money(150_000),
        "fee": money(0),
        "total": money(150_000),
        "purpose": "Сыр и хлеб",
        "merchant_order": "A-17",
        "knp": "710",
        "valid_until": NOW + timedelta(minutes=20),
    }
    return LinkOffer(**{**facts, **changes})


def order_view(told, state, **changes):
    facts = {
        "order_id": PAYMENT_ID,
        "terminal": "ATM00017",
        "state": state,
        "told": told,
        "link_id": LINK_ID,
        "creditor_name": "ЖШС «Алма»",
        "creditor_bin": "990140000012",
        "amount": money(150_000),
        "fee": money(0),
        "total": money(150_000),
        "end_to_end_id": END_TO_END_ID,
        "tx_id": "PAY202611220000000000002",
        "rrn": "632600000001",
        "accepted_at": NOW,
        "changed_at": NOW,
    }
    return OrderView(**{**facts, **changes})


def sale_view(told, **changes):
    facts = {
        "sale_id": PAYMENT_ID,
        "terminal": "POS00001",
        "state": told.upper(),
        "told": told,
        "merchant_name": "ЖШС «Алма»",
        "merchant_bin": "990140000012",
        "amount": money(150_000),
        "link": LINK,
        "link_id": LINK_ID,
        "expires_at": NOW + timedelta(minutes=20),
        "accepted_at": NOW,
        "changed_at": NOW,
    }
    if told in {SaleTold.PAID, SaleTold.PAID_LATE}:
        facts |= {"end_to_end_id": END_TO_END_ID, "rrn": "632600000002", "paid_at": NOW}
    return SaleView(**{**facts, **changes})


SETTLED = order_view(Told.PAID, "SETTLED")


class Transfers(Answers):
    """`gateway.transfer_client.TransferClient`."""

    def __init__(
        self,
        *,
        offer=None,
        put_order=(SETTLED,),
        get_order=(SETTLED,),
        resolve_order=(SETTLED,),
        put_sale=(),
        get_sale=(),
        cancel_sale=(),
    ):
        super().__init__(
            resolve_link=[offer or link_offer()],
            put_order=put_order,
            get_order=get_order,
            resolve_order=resolve_order,
            put_sale=put_sale or [sale_view(SaleTold.WAITING)],
            get_sale=get_sale or [sale_view(SaleTold.BEING_PAID), sale_view(SaleTold.PAID)],
            cancel_sale=cancel_sale or [sale_view(SaleTold.CANCELLED)],
        )

    async def resolve_link(self, request, *, key):
        self.requests.append(request)
        return self._answer("resolve_link")

    async def put_order(self, order_id, request, *, wait_seconds):
        self.requests.append(request)
        return self._answer("put_order")

    async def get_order(self, order_id, *, wait_seconds):
        return self._answer("get_order")

    async def resolve_order(self, order_id):
        return self._answer("resolve_order")

    async def put_sale(self, sale_id, request):
        self.requests.append(request)
        return self._answer("put_sale")

    async def get_sale(self, sale_id, *, wait_seconds):
        return self._answer("get_sale")

    async def cancel_sale(self, sale_id):
        return self._answer("cancel_sale")


def link_journey(state=State.STARTED, language="ru", **changes):
    facts = {
        "journey_id": "l1",
        "language": language,
        "link": LINK,
        "state": state,
        "started_at": NOW,
        "changed_at": NOW,
    }
    return LinkJourney(**{**facts, **changes})


def sale(state=SaleState.OPENING, language="ru", **changes):
    facts = {
        "sale_id": PAYMENT_ID,
        "language": language,
        "amount": money(150_000),
        "state": state,
        "started_at": NOW,
        "changed_at": NOW,
    }
    return Sale(**{**facts, **changes})
