"""The gateway's process is killed while a customer waits at a terminal that is a process of its own.

The answer to the PUT is lost. The terminal never sends again: it asks, and what it tells is true.
"""

import asyncio
import os
import sys
from pathlib import Path
from random import SystemRandom

import pytest

import agent
from agent import owner
from agent.demo.comparison import contradictions
from agent.journeys import bill_store
from agent.journeys.bill import Ending
from agent.journeys.customer import Unattended
from agent.orders import Order
from agent.sample_settings import (
    ACQUIRER,
    DEVICES,
    MERCHANT,
    SandboxPlaces,
    gateway_sections,
    hundredth,
    text,
)
from agent.settings import load
from agent.terminal import open_terminal
from gateway.money import Amount
from gateway.sandbox.books import GatewayRow, compare
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import CardHostSettings, SandboxSettings
from spool import control_call

pytestmark = pytest.mark.processes

PROGRAM = Path(__file__).with_name("mortal_gateway.py")
ROOT = Path(agent.__file__).parent.parent


class MortalGateway:
    """Loaded, and begun by `begin`."""

    def __init__(self, process):
        self.process = process

    @classmethod
    async def load(cls, settings, label="never"):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PROGRAM), str(settings), label),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        return cls(process)

    async def begin(self):
        self.process.stdin.write(b"\n")
        async with asyncio.timeout(60):
            assert await self.process.stdout.readline() == b"ready\n"


@pytest.fixture
async def sandbox(tmp_path):
    host = CardHostSettings(acquirer=ACQUIRER, merchant=MERCHANT, bdk=ANSI_SAMPLE_BDK)
    async with Sandbox.open(tmp_path / "sandbox", SandboxSettings(card_host=host)) as running:
        yield running


@pytest.fixture
def nodes(sandbox, tmp_path):
    """Settings of a gateway and of a terminal that reaches it by its socket."""
    places = SandboxPlaces.of(sandbox)
    short = {
        name: seconds / 10
        for name, seconds in hundredth().items()
        if ("resend" in name or "status" in name) and isinstance(seconds, float)
    }
    timers = {"timers": {**short, "ask_again_seconds": 0.05}}
    gateway, terminal = tmp_path / "gateway.toml", tmp_path / "terminal.toml"
    gateway.write_text(
        text({"node": {"id": "gateway", "data_dir": "g"}, **gateway_sections(places), **timers})
    )
    agent_section = {"agent": {"socket": "g/gateway.sock"}}
    terminal.write_text(
        text({"node": {"id": "ATM00017", "data_dir": "t"}, **agent_section, **DEVICES, **timers})
    )
    return gateway, terminal


async def ended(settings, journey, gateway_control):
    """Both books, once nothing is open in either."""
    async with asyncio.timeout(30):
        while True:
            rows = [GatewayRow(**row) async for row in control_call(gateway_control, "books")]
            known = await settings.spool.read(lambda tx: bill_store.find(tx, journey.journey_id))
            settled = all(row.state in {"PAID", "RELEASED", "REFUSED"} for row in rows)
            if settled and known.outcome is not Ending.IN_PROCESSING:
                return rows, known
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("label", "told", "outcome"),
    [
        ("PUT>HOLDING", {Ending.NOTHING_TAKEN, Ending.BEING_UNBLOCKED}, Ending.NOTHING_TAKEN),
        ("HOLD_APPROVED>PAYING", {Ending.IN_PROCESSING, Ending.PAID}, Ending.PAID),
        ("PAYMENT_ACCEPTED>PAID", {Ending.PAID}, Ending.PAID),
    ],
)
async def test_a_lost_answer_is_asked_for_and_the_books_are_equal(label, told, outcome, nodes, sandbox):
    gateway_file, terminal_file = nodes
    first, second = await asyncio.gather(
        MortalGateway.load(gateway_file, label), MortalGateway.load(gateway_file)
    )
    await first.begin()
    async with open_terminal(load(terminal_file), now=owner.now, random=SystemRandom()) as terminal:
        order = Order("dala-mobile", {"account": "7011234567"}, Amount.parse("1500.00"), "ru")
        paying = asyncio.create_task(terminal.pay(order, Unattended()))
        assert await first.process.wait() == -9
        await second.begin()
        journey = await paying
        assert journey.ending in told
        rows, known = await ended(terminal, journey, load(gateway_file).gateway_control)
    second.process.terminate()
    await second.process.wait()
    assert known.outcome is outcome
    assert not list(contradictions(rows, [known]))
    books = compare(rows, sandbox.eport_rows(), sandbox.card_rows())
    assert books.agree, [line.says for line in books.lines if line.findings]
    assert len(books.lines) == 1
