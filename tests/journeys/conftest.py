"""A terminal with its own gateway and emulated devices, beside the sandbox: real parts in one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from agent.journeys.bill import Ending
from agent.journeys.bill_record import Journey
from agent.journeys.bill_store import find
from agent.journeys.customer import Unattended
from agent.orders import Order
from agent.sample_settings import (
    ACQUIRER,
    DEVICES,
    MERCHANT,
    SandboxPlaces,
    Sections,
    gateway_sections,
    quick_repeats,
    text,
)
from agent.settings import Settings, load
from agent.terminal import Terminal, open_terminal
from gateway.money import Amount
from gateway.sandbox.books import Comparison, GatewayRow, compare
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import CardHostSettings, SandboxSettings
from spool import control_call

PHONE = "7011234567"


def now():
    return datetime.now(UTC)


async def eventually(look, wanted, seconds=30):
    """What `look` sees, once it is `wanted`: for books of others, which nobody announces."""
    async with asyncio.timeout(seconds):
        while True:
            seen = await look()
            if wanted(seen):
                return seen
            await asyncio.sleep(0.02)


@dataclass
class Bank:
    """Everything around one terminal. `timers` and `devices` may be changed before it is opened."""

    folder: Path
    sandbox: Sandbox
    timers: dict[str, float]
    devices: Sections = field(default_factory=lambda: DEVICES)

    def settings(self) -> Settings:
        places = SandboxPlaces.of(self.sandbox)
        node = {"node": {"id": "ATM00017", "data_dir": "node"}, "timers": self.timers}
        path = self.folder / "node.toml"
        path.write_text(text({**node, **gateway_sections(places), **self.devices}), "utf-8")
        return load(path)

    @asynccontextmanager
    async def terminal(self, **observers) -> AsyncIterator[Terminal]:
        async with open_terminal(self.settings(), now=now, random=Random(7), **observers) as terminal:
            yield terminal

    async def settled(self, terminal: Terminal) -> Comparison:
        """The books, once nothing is open in any of them."""
        return await eventually(lambda: self.books(terminal), lambda books: not books.open)

    async def known(self, terminal: Terminal, journey: Journey, outcome: Ending) -> Journey:
        """The terminal's record, once it knows this outcome."""
        return await eventually(
            lambda: terminal.spool.read(lambda tx: find(tx, journey.journey_id)),
            lambda record: record.outcome is outcome,
        )

    async def books(self, terminal: Terminal) -> Comparison:
        gateway = [
            GatewayRow(**row) async for row in control_call(terminal.settings.gateway_control, "books")
        ]
        return compare(gateway, self.sandbox.eport_rows(), self.sandbox.card_rows())


def sandbox_in(folder: Path):
    host = CardHostSettings(acquirer=ACQUIRER, merchant=MERCHANT, bdk=ANSI_SAMPLE_BDK)
    return Sandbox.open(folder / "sandbox", SandboxSettings(card_host=host))


def bank_in(folder: Path, sandbox: Sandbox) -> Bank:
    """Timers are the real ones for people and answers, and a thousandth for repeats and questions."""
    short = {
        name: [one / 10 for one in seconds] if isinstance(seconds, list) else seconds / 10
        for name, seconds in quick_repeats().items()
    }
    return Bank(folder, sandbox, {**short, "take_card_seconds": 1.0, "receipt_seconds": 1.0})


@pytest.fixture
async def sandbox(tmp_path):
    async with sandbox_in(tmp_path) as running:
        yield running


@pytest.fixture
def bank(tmp_path, sandbox):
    return bank_in(tmp_path, sandbox)


@pytest.fixture
async def terminal(bank):
    async with bank.terminal() as running:
        yield running


@pytest.fixture
def pay():
    async def _pay(
        terminal, account=PHONE, *, product="dala-mobile", sum_="1500.00", customer=None, **more
    ) -> Journey:
        order = Order(product, {"account": account, **more}, Amount.parse(sum_), "ru")
        return await terminal.pay(order, customer or Unattended())

    return _pay
