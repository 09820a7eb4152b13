"""`tolem sandbox platform`: a process that tells where it is, and what is wrong with its settings."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.sample_transfers import PlatformPlaces

pytestmark = pytest.mark.processes
PATIENCE_SECONDS = 60


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "agent.cli", "sandbox", "platform", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def places_of(folder: Path) -> dict[str, Any]:
    file = folder / "platform.json"
    while not file.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.05)
    return dict(json.loads(file.read_text()))


async def test_it_introduces_its_banks_and_stops_when_it_is_told(tmp_path: Path) -> None:
    process = await started("--folder", str(tmp_path), "--with-banks")
    async with asyncio.timeout(PATIENCE_SECONDS):
        places = await places_of(tmp_path)
        async with (
            aiohttp.ClientSession(places["admin_url"]) as session,
            session.get("/participants") as answer,
        ):
            told = {one["bank_id"]: one["pins"] for one in (await answer.json())["participants"]}
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert told.keys() == {"AAA", "BBB", "SCR"}
    assert {one["bank_id"]: [one["pin"]] for one in places["participants"]}.items() <= told.items()
    assert all(link.startswith("SCR") and len(link) == 24 for link in places["links"])
    assert process.returncode == 0
    known = PlatformPlaces.model_validate(places)
    hosts = {bank.sandbox and bank.sandbox.card_host for bank in known.participants}
    assert len(hosts) == len(known.participants)  # each has a world of its own
    assert all((tmp_path / bank.bank_id / "card-host.db").exists() for bank in known.participants)


async def test_a_wrong_file_is_told_with_its_path(tmp_path: Path) -> None:
    settings = tmp_path / "platform.toml"
    settings.write_text("[timers]\nlife = 1\n")
    process = await started("--folder", str(tmp_path), "--settings", str(settings))
    out, _ = await process.communicate()
    assert (process.returncode, b"timers.life" in out) == (2, True)
