"""The process is ended by SIGKILL right after a commit, started again, and the books are equal.

A point is a list of labels: the first life dies after the first one, the second life, which recovers, after
the second one, and so on; the last life goes on until all is quiet. Labels are journey states, and rows of
the payment table as `event>next state`.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

import agent
from agent import owner
from agent.demo.comparison import contradictions
from agent.journeys.bill import State
from agent.journeys.bill_record import Journey
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
from gateway.bills.payment_states import TABLE as PAYMENT_TABLE
from gateway.sandbox.books import GatewayRow, compare
from gateway.sandbox.faults import Fault, FaultName, Position, Rule
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import CardHostSettings, SandboxSettings

pytestmark = pytest.mark.processes

PHONE = "dala-mobile", {"account": "7011234567"}, "1500.00"
SILENCE = Fault(FaultName.SILENCE, Position.AFTER)
KILLED = 9


def phone(account):
    return "dala-mobile", {"account": account}, "1500.00"


@dataclass(frozen=True)
class Scenario:
    """What the customer pays, what goes wrong outside, and after which commits the process dies."""

    order: tuple
    rules: tuple = ()
    timers: dict = field(default_factory=dict)
    points: tuple = ()  # of the fast part
    long_points: tuple = ()
    cancel: bool = False  # an operator orders it in the first life
    decision: str | None = None  # of e-port's own people, after the first life


SCENARIOS = {
    "paid": Scenario(
        PHONE,
        points=(
            *(["STARTED"], ["OFFERED"], ["CONSENTED"], ["CARD_IN"], ["APPLICATION_CHOSEN"], ["PIN_DONE"]),
            *(["SENDING"], ["PUT>HOLDING"], ["HOLD_APPROVED>PAYING"], ["PAYMENT_ACCEPTED>PAID"]),
            *(["CAPTURED>PAID"], ["ENDED"], ["RECEIPT_DONE"]),
            ["PUT>HOLDING", "RESTARTED>RELEASING"],
            ["HOLD_APPROVED>PAYING", "RESTARTED>PENDING"],
        ),
        long_points=(
            ["CARD_TAKEN"],
            ["SENDING", "ASKING"],
            ["PIN_DONE", "RETURNING"],
            ["PIN_DONE", "ABANDONED"],
            ["PUT>HOLDING", "RESTARTED>RELEASING", "RELEASED>RELEASED"],
            ["HOLD_APPROVED>PAYING", "RESTARTED>PENDING", "PAYMENT_ACCEPTED>PAID", "CAPTURED>PAID"],
            ["ENDED", "ENDED", "RECEIPT_DONE", "CARD_TAKEN"],
        ),
    ),
    "refused by the provider": Scenario(
        phone("7015911005"),
        points=(["PAYMENT_REFUSED>RELEASING"], ["RELEASED>RELEASED"]),
        long_points=(["PAYMENT_REFUSED>RELEASING", "RELEASED>RELEASED"], ["ENDED"], ["SENDING"]),
    ),
    "refused at the check": Scenario(phone("7015900005"), points=(["ABANDONED"],)),
    "declined by the card host": Scenario(
        ("personal-tax", {"account": "991231100122", "tax": "vehicle"}, "777751.00"),
        points=(["HOLD_DECLINED>REFUSED"],),
        long_points=(["PUT>HOLDING"], ["ENDED"]),
    ),
    "hold unanswered": Scenario(
        PHONE,
        rules=(Rule(SILENCE, operation="hold"),),
        timers={"hold_seconds": 0.3},
        points=(["UNANSWERED>RELEASING"], ["RELEASED>RELEASED"]),
        long_points=(["PUT>HOLDING"], ["UNANSWERED>RELEASING", "RELEASED>RELEASED"]),
    ),
    "provider in doubt, then accepted": Scenario(
        phone("7015911090"),
        points=(
            ["PAYMENT_PENDING>PENDING"],
            ["PAYMENT_ACCEPTED>PAID"],
            ["PAYMENT_PENDING>PENDING", "CAPTURED>PAID"],
        ),
        long_points=(["ENDED"], ["RECEIPT_DONE"], ["PAYMENT_PENDING>PENDING", "PAYMENT_ACCEPTED>PAID"]),
    ),
    "provider in doubt, then refused": Scenario(
        phone("7015922090"),
        points=(["PAYMENT_REFUSED>RELEASING"], ["PAYMENT_PENDING>PENDING", "PAYMENT_REFUSED>RELEASING"]),
        long_points=(["RELEASED>RELEASED"], ["PAYMENT_PENDING>PENDING"]),
    ),
    "provider silent, yet paid": Scenario(
        PHONE,
        rules=(Rule(SILENCE, operation="bank_payment"),),
        timers={"payment_seconds": 0.3, "in_processing_seconds": 5.0},
        points=(["UNANSWERED>PENDING"], ["UNANSWERED>PENDING", "PAYMENT_ACCEPTED>PAID"]),
        long_points=(["PAYMENT_ACCEPTED>PAID"], ["CAPTURED>PAID"], ["HOLD_APPROVED>PAYING"]),
    ),
    "three days without a decision": Scenario(
        phone("7015933090"),
        timers={"payment_expiry_seconds": 0.5},
        points=(["EXPIRED>UNRESOLVED"],),
        long_points=(["PAYMENT_PENDING>PENDING"], ["PAYMENT_PENDING>PENDING", "EXPIRED>UNRESOLVED"]),
    ),
    "three days, then a decision": Scenario(
        phone("7015933090"),
        timers={"payment_expiry_seconds": 0.5},
        decision="accepted",
        points=(["EXPIRED>UNRESOLVED", "PAYMENT_ACCEPTED>PAID"],),
    ),
    "three days, then a refusal": Scenario(
        phone("7015933090"),
        timers={"payment_expiry_seconds": 0.5},
        decision="refused",
        long_points=(["EXPIRED>UNRESOLVED", "PAYMENT_REFUSED>RELEASING"],),
    ),
    "cancelled by an operator": Scenario(
        phone("7015933090"),
        cancel=True,
        points=(["CANCELLED>RELEASING"],),
        long_points=(["CANCEL_ORDERED>PENDING"],),
    ),
    "same number, other content": Scenario(phone("7015911215"), points=(["ID_CONFLICT>UNRESOLVED"],)),
}


def _cases():
    for name, scenario in SCENARIOS.items():
        for points, marks in ((scenario.points, ()), (scenario.long_points, (pytest.mark.long,))):
            for point in points:
                yield pytest.param(scenario, point, id=f"{name}: {' then '.join(point)}", marks=marks)


REGISTRIES_COME_LATER = {"REGISTRY_MATCHED", "REGISTRY_MISSING"}


def test_the_long_form_kills_after_every_state_and_every_row_that_moves():
    labels = {
        label
        for scenario in SCENARIOS.values()
        for point in (*scenario.points, *scenario.long_points)
        for label in point
    }
    rows = {
        f"{event}>{row.next}"
        for (state, event), row in PAYMENT_TABLE.items()
        if row.next is not state and event not in REGISTRIES_COME_LATER
    }
    assert labels >= rows
    assert labels >= {*State} - {State.CARD_LEFT}


class Mortals:
    """Lives are asked for and told line by line; see `mortal_terminal`."""

    def __init__(self, process):
        self._process = process

    async def live(self, settings, scenario, *, first, die_after):
        life = {
            "settings": str(settings),
            "die_after": die_after,
            "order": scenario.order if first else None,
            "cancel": scenario.cancel and first,
            "decided": scenario.decision is not None,
        }
        self._process.stdin.write(json.dumps(life).encode() + b"\n")
        async with asyncio.timeout(60):
            return int(await self._process.stdout.readline())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mortals():
    program = Path(__file__).with_name("mortal_terminal.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(agent.__file__).parent.parent)},
    )
    yield Mortals(process)
    process.stdin.close()
    await process.wait()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(tmp_path):
    host = CardHostSettings(acquirer=ACQUIRER, merchant=MERCHANT, bdk=ANSI_SAMPLE_BDK)
    async with Sandbox.open(tmp_path / "sandbox", SandboxSettings(card_host=host)) as running:
        yield running


def settings_beside(sandbox, folder, timers):
    places = SandboxPlaces.of(sandbox)
    repeats = {
        name: seconds / 10
        for name, seconds in hundredth().items()
        if ("resend" in name or "status" in name) and isinstance(seconds, float)
    }
    node = {"node": {"id": "ATM00017", "data_dir": "node"}, "timers": {**repeats, **timers}}
    path = folder / "node.toml"
    path.write_text(text({**node, **gateway_sections(places), **DEVICES}), "utf-8")
    return path


async def decide(sandbox, end):
    """As e-port's own people would, for the one payment that is pending there."""
    [payment] = sandbox.eport_rows()
    async with (
        aiohttp.ClientSession(sandbox.admin_url, raise_for_status=True) as session,
        session.put(f"/payments/{payment.txn_id}", json={"end": end}),
    ):
        pass


async def books_of(settings, sandbox):
    async with owner.gateway_store(settings) as call:
        gateway = [GatewayRow(**row) async for row in call("books", {})]
    async with owner.agent_store(settings) as call:
        journeys = [Journey.model_validate(item) async for item in call("journeys.list", {})]
    return gateway, journeys, compare(gateway, sandbox.eport_rows(), sandbox.card_rows())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("scenario", "point"), list(_cases()))
async def test_killed_after_a_commit_and_started_again_the_books_are_equal(
    scenario, point, mortals, sandbox, tmp_path
):
    path = settings_beside(sandbox, tmp_path, scenario.timers)
    sandbox.faults.rules += scenario.rules
    for number, label in enumerate(point):
        ended = await mortals.live(path, scenario, first=number == 0, die_after=label)
        assert ended == KILLED, f"it outlived {label}"
        if number == 0 and scenario.decision is not None:
            await decide(sandbox, scenario.decision)
    assert await mortals.live(path, scenario, first=False, die_after=None) == 0

    gateway, [journey], books = await books_of(load(path), sandbox)
    assert books.agree, [line.says for line in books.lines if line.findings]
    assert not list(contradictions(gateway, [journey]))
    assert journey.over
    unresolved = [row for row in gateway if row.state == "UNRESOLVED"]
    assert books.open == len(unresolved)
    if point[0] in {*State} - {"RECEIPT_DONE", "CARD_TAKEN"}:
        assert not journey.receipt_printed, "after a restart nothing prints until asked"
