"""`tolem demo --pay-link` as real processes: three ledgers agree, and every chain is found by its numbers."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import pytest

import agent

pytestmark = pytest.mark.processes

EVERY_FAULT = "silence,delay,cut,duplicate,garbage,refuse,5xx"
LINK = re.compile(r"https://qr\.tolem\.example/[0-9A-Za-z_-]{24}")


async def tolem(*arguments: str, seconds: float = 150) -> tuple[int | None, str]:
    """Exit code, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.cli", *arguments),
        env={**os.environ, "PYTHONPATH": str(Path(agent.__file__).parent.parent), "COLUMNS": "300"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(seconds):
        out, _ = await process.communicate()
    return process.returncode, out.decode()


@pytest.mark.timeout(240)  # six processes start
async def test_a_shop_is_paid_by_link_and_its_chain_is_found_in_both_banks(tmp_path: Path) -> None:
    code, told = await tolem("demo", "--pay-link", "--folder", str(tmp_path))
    assert code == 0, told
    assert "the ledgers agree – transfers: 1, 1 settled, 0 open, 0 contradictions" in told
    found = LINK.search(told)
    assert found is not None, told
    for bank, role in (("AAA", "payer"), ("BBB", "payee")):
        config = ("--config", str(tmp_path / f"gateway-{bank}.toml"))
        code, shown = await tolem("transfers", "show", *config, found[0], "--json")
        [chain] = [item["transfer"] for item in json.loads(shown) if "transfer" in item]
        assert (code, chain["role"], chain["state"]) == (0, role, "SETTLED")
        assert {"PDNG", "ACSC"} < {message["status"] for message in chain["messages"]}
        code, listed = await tolem("transfers", "list", *config)
        assert chain["end_to_end_id"] in listed
    code, shown = await tolem("transfers", "show", *config, chain["tx_id"])
    assert "As the payee's bank" in shown
    assert "pacs.008.001.11" in shown


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_chains_under_every_fault_leave_three_equal_ledgers(tmp_path: Path) -> None:
    many = ("--payments", "200", "--terminals", "3", "--faults", EVERY_FAULT, "--seed", "11")
    code, told = await tolem("demo", "--pay-link", *many, "--folder", str(tmp_path), seconds=1500)
    assert code == 0, told
