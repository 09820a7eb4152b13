"""A running platform with two scripted banks, and everything that must hold when a chain has ended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from certs.throwaway import ThrowawayCa
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule
from gateway.sandbox.platform.bank import ScriptedBank
from gateway.sandbox.platform.bank_line import BankSettings
from gateway.sandbox.platform.bank_payer import PaidOrder
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings import Participant, PlatformSettings, Timers
from gateway.sandbox.transfer_books import TransferComparison, compare_transfers

LINK = "BBB000000000000000000001"
AMOUNT = 150_000
PATIENCE_SECONDS = 20

# Gaps are short; what would change an ending if a busy machine were late is long.
TIMERS = Timers(
    connect_seconds=5,
    response_seconds=5,
    resend_seconds=(0.02, 0.03, 0.05),
    details_seconds=8,
    order_life_seconds=15,
    telling_longest_seconds=0.1,
)


@dataclass(frozen=True)
class Town:
    """A platform, the payer's bank AAA and the payee's bank BBB with one link."""

    platform: Platform
    payer: ScriptedBank
    payee: ScriptedBank

    async def pay(self, link: str = LINK, **how: Any) -> PaidOrder:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.payer.payer.pay(link, **how)

    def start_paying(self) -> asyncio.Task[PaidOrder]:
        return asyncio.create_task(self.pay())

    def fault(self, step: str, name: str, position: str = "before", *, count: int = 1, dice: int = 0) -> None:
        """`fault("14", "silence")`: what goes wrong at the next occasions of this step."""
        fault = Fault(FaultName(name), Position(position), dice)
        self.platform.faults.rules.append(Rule(fault, count, wire="platform", operation=step))

    def seen(self, step: str) -> list[dict[str, Any]]:
        """The platform's log of a step, newest first."""
        return [line for line in self.platform.log() if line["operation"] == step]

    def compare(self) -> TransferComparison:
        return compare_transfers(self.payer.books(), self.platform.rows(), self.payee.books())

    async def ends(self) -> None:
        """Nobody waits any more, the three books agree, and no tiyn was made or lost."""
        await self.until(lambda: self.compare().open == 0)
        await self.agree()

    async def agree(self) -> None:
        """The platform has ended everything; what a bank still asks about is held, and agrees."""
        await self.until(lambda: not any(self.platform.blocked().values()))
        comparison = self.compare()
        assert comparison.agree, [finding for line in comparison.lines for finding in line.findings]
        settled = sum(row.amount for row in self.platform.rows() if row.state == "SETTLED")
        opening = Participant("AAA", "AAAAKZKA").position
        assert self.platform.positions() == {"AAA": opening - settled, "BBB": opening + settled}

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():  # noqa: ASYNC110 - a ledger tells nobody that it changed
                await asyncio.sleep(0.01)

    @property
    def state(self) -> tuple[str, str | None]:
        """The platform's own word on the only transfer."""
        (row,) = self.platform.rows()
        return row.state, row.reason

    @property
    def sold(self) -> tuple[str, int]:
        """The payee's word on it, and how often it credited."""
        (order,) = self.payee.payee.orders.values()
        return order.state, order.credits


@pytest.fixture
def timer_changes() -> dict[str, float]:
    """What a test overrides by parameter."""
    return {}


@pytest.fixture(scope="session")
def platform_ca(tmp_path_factory: pytest.TempPathFactory, system_time: Any) -> ThrowawayCa:
    return ThrowawayCa(tmp_path_factory.mktemp("platform-ca"), now=system_time)


@pytest.fixture
async def town(
    tmp_path: Path, platform_ca: ThrowawayCa, timer_changes: dict[str, float]
) -> AsyncIterator[Town]:
    timers = replace(TIMERS, **timer_changes)
    settings = PlatformSettings(timers=timers, faults=FaultPlan(delay_seconds=0.05, silence_seconds=0.05))
    asks = {"payer_asks": (0.5, 0.7, 0.9, 0.3), "payee_asks": (0.5, 0.2, 0.2)}
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(Platform.open(tmp_path, settings, issuer=platform_ca))
        banks = [
            await stack.enter_async_context(
                ScriptedBank.open(platform, BankSettings(name, f"{name}AKZKA", timers=timers, **asks))
            )
            for name in ("AAA", "BBB")
        ]
        banks[1].payee.offer(LINK, amount=AMOUNT)
        yield Town(platform, *banks)
