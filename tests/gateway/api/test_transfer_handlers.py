"""The calls for C2B2E from a terminal's client to the port behind them, over a Unix socket."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from gateway.api.listening import listen_on_socket, serving
from gateway.api.server import application
from gateway.api.transfer_calls import TRANSFER_CALLS
from gateway.api.transfer_handlers import TransferHandlers
from gateway.client import GatewayClient, Refusal
from gateway.contract import Money, Told
from gateway.idempotency import Once
from gateway.problems import ProblemError
from gateway.shutdown import Shutdown
from gateway.transfer_contract import (
    LinkOffer,
    LinkRefused,
    LinkRequest,
    OrderNeverReceived,
    OrderRequest,
    OrderView,
    SaleRequest,
    SaleTold,
    SaleView,
)
from tests.gateway.scripted import CARD

AT = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
ID = "01935b2e-0000-7000-8000-000000000001"
LINK_ID = "BBB20261122abcdefghijklm"
SUM = Money(amount_minor=150000)
OFFER = LinkOffer(
    offer_id="AAA20261122abcdefghijklm",
    link_id=LINK_ID,
    creditor_name="Дүкен",
    creditor_bin="990240000010",
    amount=SUM,
    fee=Money(amount_minor=0),
    total=SUM,
    knp="851",
    valid_until=AT,
)
ORDER = OrderRequest(offer_id=OFFER.offer_id, amount=SUM, fee=OFFER.fee, total=SUM, card=CARD)
CREDITOR = OFFER.model_dump(include={"link_id", "creditor_name", "creditor_bin", "amount", "fee", "total"})


def order_view(told: Told) -> OrderView:
    return OrderView(
        **CREDITOR,
        order_id=ID,
        terminal="ATM00017",
        state="ORDERED",
        told=told,
        end_to_end_id=OFFER.offer_id,
        rrn="632600000001",
        accepted_at=AT,
        changed_at=AT,
    )


SALE = SaleView(
    sale_id=ID,
    terminal="ATM00017",
    state="OPEN",
    told=SaleTold.WAITING,
    merchant_name="Дүкен",
    merchant_bin="990240000010",
    amount=SUM,
    link=f"https://qr.example/{LINK_ID}",
    link_id=LINK_ID,
    expires_at=AT,
    accepted_at=AT,
    changed_at=AT,
)


@dataclass
class ScriptedDesk:
    """Both roles in memory: remembers what it was asked, answers as it is told."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    link: LinkOffer | LinkRefused = OFFER
    order: OrderView = field(default_factory=lambda: order_view(Told.PAID))
    tries: Any = field(default_factory=count)

    async def resolve_link(self, terminal, request):
        self.asked.append(("link", terminal, request.link, next(self.tries)))
        return self.link

    async def put_order(self, terminal, order_id, request, *, content, wait_seconds):
        self.asked.append(("put_order", terminal, order_id, request.offer_id, wait_seconds))
        assert order_id in content.decode()
        return self.order

    async def get_order(self, terminal, order_id, *, wait_seconds):
        self.asked.append(("get_order", terminal, order_id, wait_seconds))
        return self.order

    def resolve_order(self, tx, terminal, order_id):
        self.asked.append(("resolve_order", terminal, order_id, tx.now))
        return OrderNeverReceived(order_id=order_id)

    async def put_sale(self, terminal, sale_id, request, *, content):
        self.asked.append(("put_sale", terminal, sale_id, request.purpose))
        return SALE

    async def get_sale(self, terminal, sale_id, *, wait_seconds):
        raise ProblemError("sale_not_found", "this terminal has no sale of this id")

    def cancel_sale(self, tx, terminal, sale_id):
        self.asked.append(("cancel_sale", terminal, sale_id))
        return SALE.model_copy(update={"told": SaleTold.CANCELLED})


@pytest.fixture
async def stage(tmp_path, store) -> AsyncIterator[Any]:
    """`await stage(payer, payee)`: a terminal's client of a gateway that has these roles."""
    async with AsyncExitStack() as stack:

        async def up(payer, payee):
            once = Once(store)
            stack.push_async_callback(once.close)
            handlers = TransferHandlers(once=once, payer=payer, payee=payee)
            app = application(TRANSFER_CALLS, handlers.by_name(), body_bytes=65536)
            runner = await stack.enter_async_context(serving(app, shutdown=Shutdown(1.0)))
            await listen_on_socket(runner, tmp_path / "api.sock")
            client = GatewayClient.over_socket(
                tmp_path / "api.sock", terminal="ATM00017", random_bytes=lambda n: b"\1" * n
            )
            stack.push_async_callback(client.close)
            return client.transfers

        yield up


async def test_every_call_reaches_its_role_and_brings_its_answer_back(stage):
    desk = ScriptedDesk()
    client = await stage(desk, desk)
    assert await client.resolve_link(LinkRequest(link=SALE.link), key="1") == OFFER
    assert (await client.put_order(ID, ORDER, wait_seconds=7)).told is Told.PAID
    assert (await client.get_order(ID, wait_seconds=3)).order_id == ID
    assert await client.resolve_order(ID) == OrderNeverReceived(order_id=ID)
    assert await client.put_sale(ID, SaleRequest(amount=SUM, purpose="Шай")) == SALE
    assert (await client.cancel_sale(ID)).told is SaleTold.CANCELLED
    assert [asked[:3] for asked in desk.asked] == [
        ("link", "ATM00017", SALE.link),
        ("put_order", "ATM00017", ID),
        ("get_order", "ATM00017", ID),
        ("resolve_order", "ATM00017", ID),
        ("put_sale", "ATM00017", ID),
        ("cancel_sale", "ATM00017", ID),
    ]
    assert [desk.asked[1][-1], desk.asked[2][-1]] == [7.0, 3.0]


async def test_a_link_is_asked_about_once_for_each_key(stage):
    desk = ScriptedDesk()
    client = await stage(desk, desk)
    request = LinkRequest(link=SALE.link)
    assert await client.resolve_link(request, key="1") == await client.resolve_link(request, key="1")
    await client.resolve_link(request, key="2")
    assert len(desk.asked) == 2
    with pytest.raises(Refusal) as refused:
        await client.resolve_link(LinkRequest(link=LINK_ID), key="1")
    assert refused.value.problem.code == "idempotency_conflict"


async def test_a_link_that_is_none_is_an_answer_with_its_reason(stage):
    desk = ScriptedDesk(link=LinkRefused(reason="link.used"))
    told = await (await stage(desk, None)).resolve_link(LinkRequest(link=LINK_ID), key="1")
    assert told == LinkRefused(reason="link.used")


async def test_a_sale_of_another_terminal_is_not_found(stage):
    with pytest.raises(Refusal) as refused:
        await (await stage(None, ScriptedDesk())).get_sale(ID)
    assert (refused.value.problem.code, refused.value.problem.status) == ("sale_not_found", 404)


async def test_a_role_that_the_gateway_does_not_have_is_off(stage):
    client = await stage(None, None)
    for call in (
        client.resolve_link(LinkRequest(link=LINK_ID), key="1"),
        client.put_order(ID, ORDER),
        client.get_order(ID),
        client.resolve_order(ID),
        client.put_sale(ID, SaleRequest(amount=SUM)),
        client.get_sale(ID),
        client.cancel_sale(ID),
    ):
        with pytest.raises(Refusal) as refused:
            await call
        assert (refused.value.problem.code, refused.value.problem.retryable) == ("transfers_off", False)


async def test_card_data_of_an_order_are_in_no_repr():
    assert CARD.pan is not None
    assert CARD.pan not in repr(ORDER)
