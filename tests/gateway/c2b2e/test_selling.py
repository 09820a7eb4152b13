"""We are the payee's bank: a sale, its link, an order, its ending, against the sandbox's platform over HTTPS."""

import asyncio
from typing import Any

import pytest

from gateway.contract import Money
from gateway.problems import ProblemError
from gateway.transfer_contract import SaleRequest

REQUEST = SaleRequest(amount=Money(amount_minor=150_000), purpose="Нан, 2 дана", merchant_order="A-17")


async def test_a_sale_is_paid_with_one_debit_and_one_credit(payee: Any) -> None:
    sale = await payee.ours.sell(purpose="Нан, 2 дана")
    assert (sale.told, sale.link) == ("waiting", f"https://qr.tolem.example/{sale.link_id}")
    waiting = asyncio.create_task(payee.ours.sale(sale.sale_id, wait_seconds=20))
    order = await payee.other.payer.pay(sale.link_id)
    assert (await waiting).told == "being_paid"
    await payee.ends()
    assert order.state == "SETTLED"
    view = await payee.ours.sale(sale.sale_id)
    assert (view.state, view.told, view.reason) == ("PAID", "paid", None)
    assert (view.end_to_end_id, view.tx_id) == (order.end_to_end_id, order.tx_id)
    assert [line.state for line in view.history] == ["OPEN", "RESERVED", "PAID"]
    (credit,) = payee.ours.funds.credit_rows()
    assert (credit.rrn, credit.terminal, credit.amount) == (view.rrn, sale.terminal, 150_000)


async def test_a_put_that_is_repeated_is_the_same_sale_and_other_content_is_refused(payee: Any) -> None:
    selling, sale_id = payee.ours.parts.selling, payee.ours.new_id()
    first = await selling.put_sale("POS00001", sale_id, REQUEST, content=b"one")
    again = await selling.put_sale("POS00001", sale_id, REQUEST, content=b"one")
    assert again == first
    await _refused("sale_conflict", selling.put_sale("POS00001", sale_id, REQUEST, content=b"two"))
    await _refused("sale_conflict", selling.put_sale("POS2", sale_id, REQUEST, content=b"one"))
    await _refused("sale_not_found", selling.get_sale("POS2", sale_id, wait_seconds=0))
    assert "sale_conflict" in await payee.ours.alarms()


async def test_a_terminal_without_a_merchant_sells_nothing_and_nobody_sells_for_nothing(payee: Any) -> None:
    selling, free = payee.ours.parts.selling, SaleRequest(amount=Money(amount_minor=0))
    await _refused("merchant_unknown", selling.put_sale("ATM1", payee.ours.new_id(), REQUEST, content=b""))
    await _refused("amount_invalid", selling.put_sale("POS00001", payee.ours.new_id(), free, content=b""))


async def test_a_sale_that_somebody_is_paying_is_not_cancelled(payee: Any) -> None:
    sale = await payee.ours.sell()
    await payee.other.payer.pay(sale.link_id)
    assert (await payee.ours.cancel(sale.sale_id)).told == "paid"
    await payee.ends()


async def _refused(code: str, call: Any) -> None:
    with pytest.raises(ProblemError) as refused:
        await call
    assert refused.value.code == code
