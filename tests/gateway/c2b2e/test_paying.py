"""We are the payer's bank: a link, an offer, an order, its ending, against the sandbox's platform over HTTPS."""

from typing import Any

LINK = "BBB000000000000000000001"


async def test_a_link_is_paid_with_one_debit_and_one_credit(payer: Any) -> None:
    view = await payer.ours.pay(LINK)
    await payer.ends()
    assert (view.state, view.told) == ("SETTLED", "paid")
    assert payer.state == ("SETTLED", None)
