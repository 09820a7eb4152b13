"""A purchase from the link to the payer's ACSC, and everything that its messages must have in common."""

from typing import Any

CHAIN = [
    *(("in", "2"), ("out", "3"), ("in", "4"), ("out", "5"), ("in", "9"), ("out", "11")),
    *(("in", "13"), ("out", "14"), ("out", "16"), ("out", "17")),
]


async def test_a_purchase_ends_with_one_debit_and_one_credit(town: Any) -> None:
    order = await town.pay()
    await town.ends()
    assert (order.state, town.state, town.sold) == ("SETTLED", ("SETTLED", None), ("SETTLED", 1))
    assert town.platform.positions()["BBB"] - town.platform.positions()["AAA"] == 2 * order.amount


async def test_a_chain_has_every_step_of_the_source_in_its_order(town: Any) -> None:
    order = await town.pay()
    chain = town.platform.chain(order.end_to_end_id)
    steps = [(message["direction"], message["step"]) for message in chain]
    assert [step for step in steps if step in CHAIN] == CHAIN  # on a busy machine a bank asks in between


async def test_every_hop_has_a_msg_id_of_its_own_and_the_same_transaction(town: Any) -> None:
    order = await town.pay()
    chain = town.platform.chain(order.end_to_end_id)
    hops = {(message["direction"], message["step"], message["msg_id"]) for message in chain}
    assert len({msg_id for _, _, msg_id in hops}) == len(hops) >= len(CHAIN)
    assert {message["tx_id"] for message in chain} == {"", order.tx_id}


async def test_the_payer_is_told_only_after_the_payee(town: Any) -> None:
    town.payee.script.answers["16"] = [503, 503]
    order = await town.pay()
    await town.until(lambda: town.seen("17"))
    steps = [line["operation"] for line in reversed(town.platform.log())]
    assert steps.index("17") > max(place for place, step in enumerate(steps) if step == "16")
    assert order.state == "SETTLED"


async def test_a_link_is_used_up_by_one_purchase(town: Any) -> None:
    await town.pay()
    second = await town.pay()
    await town.ends()
    assert (second.state, second.reason) == ("FAILED", "MS03")


async def test_two_who_pay_the_same_link_at_once_pay_it_once(town: Any) -> None:
    first, second = town.start_paying(), town.start_paying()
    states = sorted([(await first).state, (await second).state])
    await town.ends()
    assert states in (["REJECTED", "SETTLED"], ["FAILED", "SETTLED"])
    assert sum(order.credits for order in town.payee.payee.orders.values()) == 1
