"""A platform that starts again on its ledger goes on where it was: nobody waits for ever."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from gateway.sandbox.platform.bank import ScriptedBank
from gateway.sandbox.platform.bank_line import BankSettings
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings import PlatformSettings, Timers

LINK = "BBB000000000000000000001"
TIMERS = Timers(
    resend_seconds=(0.02,), details_seconds=8, order_life_seconds=15, telling_longest_seconds=0.05
)


async def test_a_commit_is_told_on_and_never_undone_behind_a_silence(tmp_path: Any, platform_ca: Any) -> None:
    settings = PlatformSettings(timers=TIMERS, signing=platform_ca.issue("NPCKKZKA"))
    start = partial(Platform.open, tmp_path, settings, issuer=platform_ca)
    async with AsyncExitStack() as first:
        platform = await first.enter_async_context(start())
        payer = await first.enter_async_context(bank(platform, "AAA"))
        payee = await first.enter_async_context(bank(platform, "BBB"))
        payee.payee.offer(LINK, amount=100)
        payee.script.answers["16"] = [503] * 10_000
        paying = asyncio.create_task(payer.payer.pay(LINK))
        await until(lambda: [row for row in platform.rows() if row.state == "COMMITTED"])
        await until(lambda: any(line["operation"] == "16" for line in platform.log()))
        paying.cancel()
        await asyncio.wait([paying])
    async with start() as again, bank(again, "BBB"):
        # A bank that lost its book denies the order; it may have credited all the same.
        await until(lambda: any(line["verdict"] == "answered 404" for line in again.log()))
        assert [row.state for row in again.rows()] == ["COMMITTED"]


def bank(platform: Platform, bank_id: str) -> Any:
    return ScriptedBank.open(platform, BankSettings(bank_id, f"{bank_id}AKZKA", timers=TIMERS))


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - a ledger tells nobody that it changed
            await asyncio.sleep(0.01)
