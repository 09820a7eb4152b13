import asyncio

import pytest

from gateway.client import Refusal
from gateway.eport.operations import Operation
from gateway.outcomes import EportOutcome, Verdict
from gateway.settings import TimersSection

SILENCE = EportOutcome(Verdict.UNANSWERED, detail="no answer in time")
SOON = TimersSection(shutdown_seconds=0.1, breaker_probe_seconds=0.02, breaker_longest_probe_seconds=0.05)


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110 - asked over HTTP
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("after_a_check", [True, False])
async def test_an_open_breaker_closes_by_itself_when_e_port_is_back(
    open_gateway, terminal_of, customer_of, eport, after_a_check
) -> None:
    async with open_gateway(timers=SOON) as gateway:
        customer = customer_of(terminal_of(gateway))
        if after_a_check:
            await customer.offer()
        working, eport.outcomes = eport.outcomes, dict.fromkeys(Operation, SILENCE)

        async def is_ready() -> bool:
            return (await customer.terminal.readiness()).ready

        while await is_ready():
            with pytest.raises(Refusal):
                await customer.offer()
        eport.outcomes = working
        await until(is_ready)
        assert (await customer.pay()).state == "PAID"
    assert eport.of(Operation.STATUS)


async def test_a_breaker_that_was_open_at_the_end_is_probed_after_the_start(
    open_gateway, terminal_of, customer_of, eport
) -> None:
    working, eport.outcomes = eport.outcomes, dict.fromkeys(Operation, SILENCE)
    async with open_gateway(timers=SOON) as gateway:
        customer = customer_of(terminal_of(gateway))
        while (await customer.terminal.readiness()).ready:
            with pytest.raises(Refusal):
                await customer.offer()
    eport.outcomes = working
    async with open_gateway(timers=SOON) as gateway:
        terminal = terminal_of(gateway)

        async def is_ready() -> bool:
            return (await terminal.readiness()).ready

        await until(is_ready)


async def test_a_closed_breaker_is_left_alone(customer, eport) -> None:
    await customer.pay()
    assert eport.of(Operation.STATUS) == []
