"""Many sales by link, while the platform, both card hosts and the networks fail in named ways.

When everybody has gone the faults end, and everything that is still open has a bounded time to come to its end
by the product's own repeats and questions. Then the three ledgers are compared.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from agent.demo.campaign import Plan, Progress, network_faults, sandbox_faults
from agent.demo.transfers.comparison import Compared, compare_books
from agent.demo.transfers.shoppers import Purchase
from agent.demo.transfers.shopping import Shop, Shopped
from agent.demo.transfers.stage import TransferStage
from gateway.bills.steps import OWN_CLOCK
from gateway.sandbox.relay import NetworkFaults
from spool import ControlError

QUIET_SECONDS: Final = 180.0
_LOOK_AGAIN_SECONDS: Final = 0.5
_LOG_LINES: Final = 10_000


@dataclass
class Tally:
    """What people were told; who could not begin; which faults were met."""

    customers: Counter[str] = field(default_factory=Counter)
    merchants: Counter[str] = field(default_factory=Counter)
    refused_to_begin: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Report:
    """`rest_seconds`: from the end of the faults until nothing was open any more."""

    tally: Tally
    compared: Compared
    rest_seconds: float


async def run(stage: TransferStage, plan: Plan, buying: Iterator[Purchase], progress: Progress) -> Report:
    """Everything: faults on, sales, faults off, rest, ledgers."""
    tally, shopped = Tally(), list[Shopped]()
    async with AsyncExitStack() as stack:
        places = (stage.platform.admin_url, *(bank.sandbox.admin_url for bank in stage.banks))
        outside = [
            await stack.enter_async_context(aiohttp.ClientSession(url, raise_for_status=True))
            for url in places
        ]
        await _faults_on(stage, plan, outside)
        waiting = [next(buying) for _ in range(plan.payments)]
        waiting.reverse()
        async with asyncio.TaskGroup() as shops:
            for till, terminal in zip(stage.payee.terminals, stage.payer.terminals, strict=True):
                shops.create_task(_serve(Shop(till, terminal), waiting, shopped, tally, progress))
        stage.check()
        await _count_faults(stage, tally, outside)
        await _faults_off(stage, outside)
        faults_ended = asyncio.get_running_loop().time()
        compared = await quiet(stage, shopped, progress.still_open)
        progress.still_open(compared.books.open)
        rest_seconds = asyncio.get_running_loop().time() - faults_ended
    _count_endings(tally, shopped)
    return Report(tally, compared, rest_seconds)


async def _serve(
    shop: Shop, waiting: list[Purchase], shopped: list[Shopped], tally: Tally, progress: Progress
) -> None:
    """One shop: one customer after the other, until nobody waits."""
    while waiting:
        purchase = waiting.pop()
        try:
            shopped.append(await shop.serve(purchase))
        except ControlError as error:
            tally.refused_to_begin[error.code] += 1
        progress.served()


def _count_endings(tally: Tally, shopped: list[Shopped]) -> None:
    tally.customers.update(str(journey.ending) for one in shopped for journey in one.journeys)
    tally.merchants.update(str(one.sale.ending) for one in shopped if one.sale is not None)


async def _faults_on(stage: TransferStage, plan: Plan, outside: list[aiohttp.ClientSession]) -> None:
    if not plan.faults:
        return
    for session in outside:
        async with session.put("/faults", json=sandbox_faults(plan)):
            pass
    for bank in stage.banks:
        bank.relay.faults = network_faults(plan)


async def _faults_off(stage: TransferStage, outside: list[aiohttp.ClientSession]) -> None:
    for bank in stage.banks:
        bank.relay.faults = NetworkFaults()
    for session in outside:
        async with session.delete("/faults"):
            pass


def _unseen(_: int) -> None:
    """Nobody watches how many are open."""


async def quiet(
    stage: TransferStage, shopped: Sequence[Shopped], still_open: Callable[[int], None] = _unseen
) -> Compared:
    """Wait until nothing is open in any ledger and no spool has anything to send, or time is up; then compare."""
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while True:
                stage.check()
                waiting = await _waits(stage)
                if not waiting:
                    compared = await compare_books(stage, shopped)
                    if not (waiting := compared.books.open):
                        return compared
                still_open(waiting)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        return await compare_books(stage, shopped)


async def _waits(stage: TransferStage) -> int:
    """Entries that will still be sent; what waits for its time or for a person is no reason to wait."""
    healths = [health for bank in stage.banks async for health in bank.gateway("health")]
    for bank in stage.banks:
        for place in bank.terminals:
            healths += [health async for health in place.call("health")]
    return sum(
        destination["ready"] + destination["claimed"]
        for health in healths
        for destination in health["destinations"]
        if destination["destination"] != OWN_CLOCK
    )


async def _count_faults(stage: TransferStage, tally: Tally, outside: list[aiohttp.ClientSession]) -> None:
    for bank in stage.banks:
        troubled = [bank.relay.faults.choose(number) for number in range(bank.relay.connections)]
        tally.faults.update(f"network: {trouble.fault}" for trouble in troubled if trouble is not None)
    for session in outside:
        async with session.get("/log", params={"last": _LOG_LINES}) as response:
            log: dict[str, list[dict[str, Any]]] = await response.json()
        for wire, requests in log.items():
            tally.faults.update(f"{wire}: {request['fault']}" for request in requests if request["fault"])
