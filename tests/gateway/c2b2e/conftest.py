"""A sandbox platform between one of our banks and a scripted one, and everything that must hold when a chain has ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from certs.throwaway import Issued, ThrowawayCa
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule
from gateway.sandbox.platform.bank import ScriptedBank
from gateway.sandbox.platform.bank_line import BankSettings
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings import PlatformSettings, Timers
from gateway.sandbox.transfer_books import BankBooks, TransferComparison, compare_transfers
from tests.gateway.c2b2e.our_bank import OurBank

LINK = "BBB000000000000000000001"
AMOUNT = 150_000
PATIENCE_SECONDS = 20
PLATFORM_TIMERS = Timers(
    connect_seconds=5,
    response_seconds=5,
    resend_seconds=(0.02, 0.03, 0.05),
    details_seconds=8,
    order_life_seconds=15,
    telling_longest_seconds=0.1,
)
ASKS = {"payer_asks": (0.5, 0.7, 0.9, 0.3), "payee_asks": (0.5, 0.2, 0.2)}


@dataclass(frozen=True)
class Town:
    """`ours` pays or is paid; `other` is the scripted bank on the other side."""

    platform: Platform
    ours: OurBank
    other: ScriptedBank

    def fault(self, step: str, name: str, position: str = "before", *, count: int = 1, dice: int = 0) -> None:
        """`fault("14", "silence")`: what goes wrong at the next occasions of this step."""
        fault = Fault(FaultName(name), Position(position), dice)
        self.platform.faults.rules.append(Rule(fault, count, wire="platform", operation=step))

    def seen(self, step: str) -> list[dict[str, Any]]:
        """The platform's log of a step, newest first."""
        return [line for line in self.platform.log() if line["operation"] == step]

    async def compare(self) -> TransferComparison:
        ours, other = await self.ours.books(), self.other.books()
        payer, payee = (ours, other) if self.ours.bank_id == "AAA" else (other, ours)
        return compare_transfers(_of_payer(payer), self.platform.rows(), _of_payee(payee))

    async def ends(self) -> None:
        """Nobody waits any more, our card host has heard everything, and the three books agree."""

        async def nobody_waits() -> bool:
            blocked = any(self.platform.blocked().values())
            told = all(one.hold_closed for one in await self.ours.every() if one.stan)
            return told and not blocked and (await self.compare()).open == 0

        await self.until(nobody_waits)
        await self.agree()

    async def agree(self) -> None:
        comparison = await self.compare()
        assert comparison.agree, [finding for line in comparison.lines for finding in line.findings]

    async def until(self, holds: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await holds():  # noqa: ASYNC110 - a ledger tells nobody that it changed
                await asyncio.sleep(0.01)

    async def until_state(self, *states: str) -> None:
        async def there() -> bool:
            found = await self.ours.every()
            return bool(found) and all(one.state in states for one in found)

        await self.until(there)

    @property
    def state(self) -> tuple[str, str | None]:
        """The platform's own word on the only transfer."""
        (row,) = self.platform.rows()
        return row.state, row.reason


def _of_payer(books: BankBooks) -> BankBooks:
    return replace(books, credits=())


def _of_payee(books: BankBooks) -> BankBooks:
    return replace(books, holds=())


@pytest.fixture
def timer_changes() -> dict[str, float]:
    """What a test overrides by parameter, of the platform's timers."""
    return {}


@pytest.fixture
def our_timers() -> dict[str, Any]:
    """What a test overrides by parameter, of our own."""
    return {}


@pytest.fixture(scope="session")
def platform_ca(tmp_path_factory: pytest.TempPathFactory, system_time: Any) -> ThrowawayCa:
    return ThrowawayCa(tmp_path_factory.mktemp("platform-ca"), now=system_time)


@pytest.fixture(scope="session")
def platform_signing(platform_ca: ThrowawayCa) -> Issued:
    """What the platform signs with, so that a test can too."""
    return platform_ca.issue("NPCKKZKA", server_names=())


@pytest.fixture
async def platform(
    tmp_path: Path, platform_ca: ThrowawayCa, platform_signing: Issued, timer_changes: dict[str, float]
) -> AsyncIterator[Platform]:
    settings = PlatformSettings(
        timers=replace(PLATFORM_TIMERS, **timer_changes),
        faults=FaultPlan(delay_seconds=0.05, silence_seconds=0.05),
        signing=platform_signing,
    )
    async with Platform.open(tmp_path, settings, issuer=platform_ca) as running:
        yield running


@pytest.fixture
async def payer(platform, tmp_path, sections, system_time, our_timers) -> AsyncIterator[Town]:
    """We are the payer's bank AAA; the scripted bank BBB has one link."""
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(
            OurBank.on(platform, "AAA", tmp_path / "ours", sections, system_time, **our_timers)
        )
        other = await stack.enter_async_context(
            ScriptedBank.open(platform, BankSettings("BBB", "BBBAKZKA", timers=PLATFORM_TIMERS, **ASKS))
        )
        other.payee.offer(LINK, amount=AMOUNT)
        yield Town(platform, ours, other)


@pytest.fixture
async def payee(platform, tmp_path, sections, system_time, our_timers) -> AsyncIterator[Town]:
    """We are the payee's bank BBB; the scripted bank AAA pays."""
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(
            OurBank.on(platform, "BBB", tmp_path / "ours", sections, system_time, **our_timers)
        )
        other = await stack.enter_async_context(
            ScriptedBank.open(platform, BankSettings("AAA", "AAAAKZKA", timers=PLATFORM_TIMERS, **ASKS))
        )
        yield Town(platform, ours, other)
