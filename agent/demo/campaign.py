"""Many payments at many terminals, while provider, card host and network fail in named ways.

When all customers have gone the faults end, and everything that is still open has a bounded time to come
to its end by the product's own repeats and questions. Then the books are compared.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import aiohttp

from agent.demo.comparison import Compared, compare_books
from agent.demo.customers import Wish
from agent.demo.registries import compare_registries
from agent.demo.stage import Stage, TerminalPlace
from agent.journeys.bill import Ending
from agent.journeys.bill_record import Journey
from gateway.sandbox.faults import FaultName
from gateway.sandbox.registry_comparison import RegistryComparison
from gateway.sandbox.relay import NetworkFault, NetworkFaults
from spool import ControlError

QUIET_SECONDS: Final = 120.0
_LOOK_AGAIN_SECONDS: Final = 0.5
_LOG_LINES: Final = 10_000

_ON_THE_NETWORK: Final[Mapping[FaultName, frozenset[NetworkFault]]] = {
    FaultName.SILENCE: frozenset({NetworkFault.BLACK_HOLE}),
    FaultName.DELAY: frozenset({NetworkFault.DELAY, NetworkFault.DRIP}),
    FaultName.CUT: frozenset({NetworkFault.CUT, NetworkFault.RESET}),
}


@dataclass(frozen=True)
class Plan:
    """`rate`: the share of requests, and of connections between terminals and gateway, that meet a fault."""

    payments: int
    faults: frozenset[FaultName]
    seed: int
    rate: float = 0.2
    delay_seconds: float = 0.2
    silence_seconds: float = 0.5


@dataclass
class Tally:
    endings: Counter[Ending] = field(default_factory=Counter)
    refused_to_begin: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    repeats: int = 0


@dataclass(frozen=True)
class Report:
    """`rest_seconds`: from the end of the faults until nothing was open any more."""

    tally: Tally
    compared: Compared
    registries: Sequence[RegistryComparison]
    rest_seconds: float


class Progress(Protocol):
    """Whoever watches a campaign; called on the loop."""

    def served(self) -> None:
        """One more customer has gone."""

    def still_open(self, count: int) -> None:
        """The faults have ended; so many payments and messages have not."""


async def run(stage: Stage, plan: Plan, orders: Iterator[Wish], progress: Progress) -> Report:
    """Everything: faults on, customers, faults off, rest, books, registries."""
    tally = Tally()
    async with aiohttp.ClientSession(stage.sandbox.admin_url, raise_for_status=True) as sandbox:
        await _faults_on(stage, plan, sandbox)
        waiting = [next(orders) for _ in range(plan.payments)]
        waiting.reverse()
        async with asyncio.TaskGroup() as terminals:
            for place in stage.terminals:
                terminals.create_task(_serve(place, waiting, tally, progress))
        stage.check()
        troubled = [stage.relay.faults.choose(number) for number in range(stage.relay.connections)]
        await _faults_off(stage, sandbox)
        faults_ended = asyncio.get_running_loop().time()
        compared = await _quiet(stage, progress)
        progress.still_open(compared.books.open)
        registries = await compare_registries(stage)
        rest_seconds = asyncio.get_running_loop().time() - faults_ended
        tally.faults.update(f"network: {trouble.fault}" for trouble in troubled if trouble is not None)
        await _count_faults(tally, sandbox)
    return Report(tally, compared, registries, rest_seconds)


async def _serve(place: TerminalPlace, waiting: list[Wish], tally: Tally, progress: Progress) -> None:
    """One terminal: one customer after the other, until nobody waits."""
    while waiting:
        wish = waiting.pop()
        try:
            ending = await _pay(place, wish.arguments())
        except ControlError as error:
            tally.refused_to_begin[error.code] += 1
        else:
            tally.endings[ending] += 1
        progress.served()


async def _pay(place: TerminalPlace, arguments: dict[str, Any]) -> Ending:
    last: Journey | None = None
    async for item in place.call("pay", arguments):
        last = Journey.model_validate(item)
    if last is None or last.ending is None:
        raise AssertionError("a journey without an ending")
    return last.ending


async def _faults_on(stage: Stage, plan: Plan, sandbox: aiohttp.ClientSession) -> None:
    if not plan.faults:
        return
    async with sandbox.put("/faults", json=sandbox_faults(plan)):
        pass
    stage.relay.faults = network_faults(plan)


def sandbox_faults(plan: Plan) -> dict[str, Any]:
    """The plan as a body of PUT /faults."""
    return {
        "seeded": {"seed": plan.seed, "rate": plan.rate, "names": sorted(plan.faults)},
        "delay_seconds": plan.delay_seconds,
        "silence_seconds": plan.silence_seconds,
    }


def network_faults(plan: Plan) -> NetworkFaults:
    """The plan between a terminal and its gateway."""
    return NetworkFaults(
        seed=plan.seed,
        rate=plan.rate,
        names=frozenset().union(*(_ON_THE_NETWORK.get(name, frozenset()) for name in plan.faults)),
        within_seconds=plan.delay_seconds,
        black_hole_seconds=plan.silence_seconds,
    )


async def _faults_off(stage: Stage, sandbox: aiohttp.ClientSession) -> None:
    stage.relay.faults = NetworkFaults()
    async with sandbox.delete("/faults"):
        pass


async def _quiet(stage: Stage, progress: Progress) -> Compared:
    """Wait until nothing is open in any book and no spool has anything to send, or time is up; then compare."""
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while True:
                stage.check()
                waiting = await _waits(stage)
                if not waiting:
                    compared = await compare_books(stage)
                    if not (waiting := compared.books.open):
                        return compared
                progress.still_open(waiting)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        return await compare_books(stage)


async def _waits(stage: Stage) -> int:
    """Entries that will still be sent; what waits for a person is no reason to wait."""
    healths = [health async for health in stage.gateway("health")]
    for place in stage.terminals:
        healths += [health async for health in place.call("health")]
    return sum(
        destination["ready"] + destination["claimed"]
        for health in healths
        for destination in health["destinations"]
    )


async def _count_faults(tally: Tally, sandbox: aiohttp.ClientSession) -> None:
    async with sandbox.get("/log", params={"last": _LOG_LINES}) as response:
        log: dict[str, Sequence[dict[str, Any]]] = await response.json()
    for wire, requests in log.items():
        tally.faults.update(f"{wire}: {request['fault']}" for request in requests if request["fault"])
        asked = Counter((request["operation"], request["identifier"]) for request in requests)
        tally.repeats += sum(times - 1 for (_, identifier), times in asked.items() if identifier)
