"""The last registries of a run: what e-port and the central system know of payments from them alone."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp

from agent.demo.stage import Stage
from gateway.sandbox.books import EportRow, GatewayRow
from gateway.sandbox.registry_comparison import RegistryComparison, RegistryRow, compare_registry

LEAVING_SECONDS: Final = 30.0
_LOOK_AGAIN_SECONDS: Final = 0.1
_LISTED: Final = 100
_RECEIVERS: Final[Mapping[str, str]] = {"e-port": "eport-registry", "central system": "central"}


async def compare_registries(stage: Stage) -> Sequence[RegistryComparison]:
    """Close the window that is open, ahead of its time, let it leave, and compare what either receiver was told.

    To be called once, at the end: what changes afterwards is in a window that nobody waits for.
    """
    before = await _book(stage)
    async for _ in stage.gateway("registry.build", {"ahead": True}):
        pass
    await _acknowledged(stage)
    after = await _book(stage)
    waiting = {txn_id for txn_id, row in after.items() if before.get(txn_id) != row}
    async with aiohttp.ClientSession(stage.sandbox.admin_url, raise_for_status=True) as session:
        eport = [EportRow(**row) for row in (await _ledger(session, "eport"))["payments"]]
        told = {
            receiver: [RegistryRow(**row) for row in (await _ledger(session, ledger))["operations"]]
            for receiver, ledger in _RECEIVERS.items()
        }
    return [
        compare_registry(receiver, rows, gateway=after.values(), eport=eport, waiting=waiting)
        for receiver, rows in told.items()
    ]


async def _acknowledged(stage: Stage) -> None:
    """Or time is up: then the comparison tells what is missing."""
    try:
        async with asyncio.timeout(LEAVING_SECONDS):
            while await _still_leave(stage):
                stage.check()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        return


async def _still_leave(stage: Stage) -> bool:
    states = [item["state"] async for item in stage.gateway("registry.list", {"limit": _LISTED})]
    return any(state != "acknowledged" for state in states)


async def _book(stage: Stage) -> dict[str, GatewayRow]:
    rows = [GatewayRow(**row) async for row in stage.gateway("books")]
    return {row.txn_id: row for row in rows}


async def _ledger(session: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    async with session.get(f"/ledger/{name}") as response:
        answer: dict[str, Any] = await response.json()
        return answer
