"""Two of our banks on one platform, under troubles that a seed chooses: shuffled, repeated, late and lost deliveries.

Each purchase ends with one debit and one credit, or neither, and three books say the same.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from gateway.sandbox.faults import FaultName, Seeded
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.transfer_books import compare_transfers
from gateway.transfer_contract import LinkOffer
from tests.gateway.c2b2e.our_bank import OurBank

PATIENCE_SECONDS = 60
TIMERS = {"details_seconds": 1.5, "order_life_seconds": 3, "unknown_grace_seconds": 1}


@pytest.fixture
async def banks(
    platform: Platform, tmp_path, sections, system_time
) -> AsyncIterator[tuple[OurBank, OurBank]]:
    """The payer's and the payee's."""
    async with AsyncExitStack() as stack:
        payer, payee = [
            await stack.enter_async_context(
                OurBank.on(platform, name, tmp_path / name, sections, system_time, **TIMERS)
            )
            for name in ("AAA", "BBB")
        ]
        yield payer, payee


@pytest.mark.parametrize("timer_changes", [{"details_seconds": 1.0, "order_life_seconds": 3.0}], ids=[""])
@pytest.mark.parametrize(
    ("seed", "sales", "restarts"),
    [
        pytest.param(3, 5, 0, id="lines"),
        pytest.param(4, 5, 2, id="lines and restarts"),
        *(
            pytest.param(seed, 10, seed % 4, marks=pytest.mark.long, id=f"seed {seed}")
            for seed in range(20, 40)
        ),
    ],
)
async def test_one_debit_and_one_credit_or_neither(
    platform: Platform, banks: tuple[OurBank, OurBank], seed: int, sales: int, restarts: int
) -> None:
    payer, payee = banks
    chance = Random(seed)
    platform.faults.seeded = Seeded(seed, 0.3, frozenset(FaultName), at_most=2)
    links = [(await payee.sell(100 + number)).link for number in range(sales)]
    paying = [asyncio.create_task(_pay(payer, link)) for link in links]
    for _ in range(restarts):
        await asyncio.sleep(chance.uniform(0.2, 0.8))
        await chance.choice(banks).restart()
    await asyncio.gather(*paying, return_exceptions=True)
    platform.faults.clear()
    await _until_all_ended(platform, *banks)
    assert (await _books(platform, *banks)).agree
    settled = sum(row.amount for row in platform.rows() if row.state == "SETTLED")
    assert sum(hold.captured for hold in payer.funds.holds.values()) == settled
    assert sum(credit.amount for credit in payee.funds.credit_rows()) == settled
    assert not any(hold.held for hold in payer.funds.holds.values())


async def _pay(payer: OurBank, link: str) -> Any:
    """A customer whose link is not answered under all this tries another day."""
    offer = await payer.resolve(link)
    return await payer.put(offer) if isinstance(offer, LinkOffer) else offer


async def _books(platform: Platform, payer: OurBank, payee: OurBank) -> Any:
    ours, theirs = await payer.books(), await payee.books()
    return compare_transfers(replace(ours, credits=()), platform.rows(), replace(theirs, holds=()))


async def _until_all_ended(platform: Platform, payer: OurBank, payee: OurBank) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await _all_ended(platform, payer, payee):  # noqa: ASYNC110 - a ledger tells nobody that it changed
            await asyncio.sleep(0.02)


async def _all_ended(platform: Platform, payer: OurBank, payee: OurBank) -> bool:
    told = [one.hold_closed for bank in (payer, payee) for one in await bank.every() if one.stan]
    books = await _books(platform, payer, payee)
    return all(told) and books.open == 0 and not any(platform.blocked().values())
