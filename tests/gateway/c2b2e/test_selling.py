"""We are the payee's bank: a sale, its link, an order, its ending, against the sandbox's platform over HTTPS."""

from typing import Any


async def test_a_sale_is_paid_with_one_debit_and_one_credit(payee: Any) -> None:
    sale = await payee.ours.sell()
    order = await payee.other.payer.pay(sale.link_id)
    await payee.ends()
    assert order.state == "SETTLED"
    view = await payee.ours.sale(sale.sale_id)
    assert (view.state, view.told) == ("PAID", "paid")
