"""The end of a process has one deadline, however many parts of it wait."""

import asyncio
from contextlib import suppress

import pytest

from gateway.client import Unreachable
from gateway.settings import TimersSection
from gateway.shutdown import Shutdown

SECONDS = 0.3


async def waits_for_ever(shutdown):
    with suppress(TimeoutError):
        async with asyncio.timeout(shutdown.left_seconds()):
            await asyncio.Event().wait()


async def test_whoever_ends_after_others_has_what_they_left():
    shutdown, loop = Shutdown(SECONDS), asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(20):
        await waits_for_ever(shutdown)
    assert loop.time() - begun < 10 * SECONDS


async def test_the_seconds_run_from_the_first_look_and_never_end_in_none():
    shutdown = Shutdown(SECONDS)
    await asyncio.sleep(SECONDS / 2)
    assert shutdown.left_seconds() == pytest.approx(SECONDS)
    await waits_for_ever(shutdown)
    assert 0 < shutdown.left_seconds() < SECONDS / 2  # 0 would mean "without end" to aiohttp


async def test_a_gateway_between_two_silent_peers_ends_within_one_deadline(
    open_gateway, terminal_of, customer_of, funds, eport
):
    """A bank_payment is in flight, then a hold, and a terminal waits for an answer."""
    loop = asyncio.get_running_loop()
    seconds = 2.0
    async with open_gateway(timers=TimersSection(shutdown_seconds=seconds)) as gateway:
        customer = customer_of(terminal_of(gateway))
        request, another = [customer.request(await customer.offer()) for _ in range(2)]
        eport.may_answer.clear()
        eport.asked.clear()
        await customer.terminal.put(customer.new_id(), request)
        await eport.asked.wait()
        funds.may_answer.clear()
        waiting = asyncio.create_task(customer.terminal.put(customer.new_id(), another, wait_seconds=25))
        async with asyncio.timeout(30):
            while True:
                if len(funds.held) == 2:
                    break
                await asyncio.sleep(0)
        begun = loop.time()
    assert loop.time() - begun < 2 * seconds
    with suppress(Unreachable):
        await waiting
