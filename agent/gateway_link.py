"""What the terminal still has to tell or ask the gateway, as routes of its spool.

An authorisation is never among it: it goes directly, and only the question about its fate is spooled.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from agent.journal import KIND as EVENTS_KIND
from agent.journeys.bill_book import RESOLVE_KIND, RESOLVE_ORDER_KIND, BillBook, Fate
from agent.journeys.sale_book import SALE_KIND, SaleBook
from agent.registry import ENTRY_KIND as REGISTRY_KIND
from gateway.client import Refusal, Unreachable
from gateway.contract import Events, EventsTaken, NeverReceived, PaymentView, Told
from gateway.transfer_contract import OrderNeverReceived, OrderView, SaleTold, SaleView
from spool import Again, Delivered, Entry, Route, Schedule, ToPerson, Transaction, Verdict

SETTLED: Final = frozenset({Told.PAID, Told.NOTHING_TAKEN})
SALE_SETTLED: Final = frozenset(SaleTold) - {SaleTold.WAITING, SaleTold.BEING_PAID, SaleTold.DOUBTFUL}


class SpooledCalls(Protocol):
    """The calls of `gateway.client.GatewayClient` that may wait in the spool."""

    async def resolve(self, payment_id: str) -> PaymentView | NeverReceived: ...

    async def events(self, events: Events, *, key: str) -> EventsTaken: ...


class SpooledTransferCalls(Protocol):
    """Those of `gateway.transfer_client.TransferClient`."""

    async def resolve_order(self, order_id: str) -> OrderView | OrderNeverReceived: ...

    async def get_sale(self, sale_id: str, *, wait_seconds: float) -> SaleView: ...


def routes(gateway: SpooledCalls, book: BillBook, schedule: Schedule) -> Mapping[str, Route]:
    """Both kinds are sent until the gateway has answered for good."""

    async def events(entry: Entry) -> Verdict:
        await gateway.events(Events.model_validate_json(entry.payload), key=entry.key)
        return Delivered()

    return {
        RESOLVE_KIND: Route(_spoken(_resolving(gateway.resolve, book)), schedule),
        EVENTS_KIND: Route(_spoken(events), schedule),
    }


def transfer_routes(
    transfers: SpooledTransferCalls, book: BillBook, sales: SaleBook, schedule: Schedule
) -> Mapping[str, Route]:
    """What became of an order by link, and of a merchant's sale."""

    async def sale(entry: Entry) -> Verdict:
        view = await transfers.get_sale(json.loads(entry.payload)["sale_id"], wait_seconds=0)

        def apply(tx: Transaction) -> None:
            sales.resolved(tx, view)

        if view.told in SALE_SETTLED:
            return Delivered(apply=apply)
        return Again(note=view.state, apply=apply, answered=True)

    return {
        RESOLVE_ORDER_KIND: Route(_spoken(_resolving(transfers.resolve_order, book)), schedule),
        SALE_KIND: Route(_spoken(sale), schedule),
    }


def described(kind: str, payload: bytes) -> Mapping[str, str]:
    """What a person may see of an entry."""
    if kind in {RESOLVE_KIND, RESOLVE_ORDER_KIND, SALE_KIND}:
        return {name: str(value) for name, value in json.loads(payload).items()}
    if kind == REGISTRY_KIND:
        return {"registry": payload.decode()}
    lines = Events.model_validate_json(payload).events
    return {"journal": f"lines {lines[0].number} to {lines[-1].number}"}


def _resolving(
    ask: Callable[[str], Awaitable[Fate]], book: BillBook
) -> Callable[[Entry], Awaitable[Verdict]]:
    async def resolve(entry: Entry) -> Verdict:
        payment_id = json.loads(entry.payload)["payment_id"]
        answer = await ask(payment_id)

        def apply(tx: Transaction) -> None:
            book.resolved(tx, payment_id, answer)

        if isinstance(answer, NeverReceived | OrderNeverReceived) or answer.told in SETTLED:
            return Delivered(apply=apply)
        return Again(note=answer.state, apply=apply, answered=True)

    return resolve


def _spoken(call: Callable[[Entry], Awaitable[Verdict]]) -> Callable[[Entry], Awaitable[Verdict]]:
    """Silence is tried again; so is a refusal that says it may pass. Any other refusal is a person's."""

    async def deliver(entry: Entry) -> Verdict:
        try:
            return await call(entry)
        except Unreachable as error:
            return Again(note=str(error))
        except Refusal as refusal:
            note = f"{refusal.problem.code}: {refusal.problem.detail}"
            return Again(note=note, answered=True) if refusal.problem.retryable else ToPerson(note)

    return deliver
