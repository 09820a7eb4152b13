"""`tolem registry`: a person sees what left, builds what is due, and sends again; on both kinds of node."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from agent.migrations import ROOMS as AGENT_ROOMS
from gateway.migrations import ROOMS as GATEWAY_ROOMS
from gateway.money import Amount
from gateway.registry import book
from gateway.registry.changes import record
from gateway.registry.layout import Kind, Operation, Status
from gateway.registry.parts import series_of
from gateway.settings import EportSection
from spool import Spool
from tests.agent.test_alarms import NODE

TERMINAL = """
[node]
id = "ATM00017"
role = "terminal"
data_dir = "node"

[agent]
socket = "gateway.sock"

[devices.reader]
class = "card_reader"
driver = "emv"
port = "emulator"

[devices.pad]
class = "pin_pad"
driver = "visa"
port = "emulator"

[devices.printer]
class = "receipt_printer"
driver = "escpos"
port = "emulator"
"""


ROOMS_OF = {"agent": AGENT_ROOMS, "gateway": GATEWAY_ROOMS}


async def make_store(path, room) -> None:
    """One operation, an hour and a half ago."""
    before = datetime.now(UTC) - timedelta(minutes=90)
    opened = await Spool.open(path, rooms=ROOMS_OF[room], now=lambda: before, random=Random(1))
    async with opened:
        if room == "gateway":
            eport = EportSection.model_construct(point="10001", registry_floor=0)
            (series,) = series_of(eport, None, zone())
            await opened.write(lambda tx: book.begin(tx, series))
            await opened.write(lambda tx: record(tx, "p1", _operation(before), Kind.TECH))


def zone():
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - one test needs one

    return ZoneInfo("Asia/Almaty")


def _operation(at: datetime) -> Operation:
    return Operation(
        txn_id="26112200000000000001",
        terminal="ATM00017",
        product="beeline-kz",
        account="7011234567",
        sum=Amount(150_000),
        fee=Amount(4_500),
        total=Amount(154_500),
        accepted_at=at,
        status=Status.ACCEPTED,
        rrn="632600000001",
    )


@pytest.fixture
def node(tmp_path):
    """`node("gateway", NODE)`: what a command at its store answers."""

    def made(room, settings):
        config = tmp_path / "node.toml"
        config.write_text(settings)
        (tmp_path / "node").mkdir()
        store = {"gateway": "gateway.db", "agent": "agent.db"}[room]
        asyncio.run(make_store(tmp_path / "node" / store, room))
        return lambda command, *more: CliRunner().invoke(
            app, ["registry", command, "--config", str(config), *more]
        )

    return made


def test_what_is_due_is_built_once_and_waits_for_the_gateway_to_run(node) -> None:
    registry = node("gateway", NODE)
    built = json.loads(registry("build", "--json").stdout)
    assert [item["registry_id"] for item in built] == [f"10001-TECH-{n}" for n in range(1, len(built) + 1)]
    assert len(built) in {3, 4}
    assert (built[0]["count"], built[0]["total"], built[0]["state"]) == (1, "1545.00", "waiting")
    assert json.loads(registry("build", "--json").stdout) == []
    listed = json.loads(registry("list", "--json").stdout)
    assert [item["registry_id"] for item in reversed(listed)] == [item["registry_id"] for item in built]
    assert "10001-TECH-1" in registry("list").stdout


def test_a_registry_is_shown_line_by_line_as_it_is_sent(node) -> None:
    registry = node("gateway", NODE)
    registry("build")
    shown = json.loads(registry("show", "10001-TECH-1", "--json").stdout)
    assert [line[:2] for line in shown["lines"]] == ["H;", "D;", "T;"]
    assert shown["sha256"]
    plain = registry("show", "10001-TECH-1").stdout
    assert ";beeline-kz;7011234567;1500.00;45.00;1545.00;" in plain
    unknown = registry("show", "10001-TECH-99")
    assert unknown.exit_code == 2
    assert "10001-TECH-99" in unknown.stderr


def test_what_waits_is_sent_now(node) -> None:
    registry = node("gateway", NODE)
    registry("build")
    (first,) = json.loads(registry("send", "--json").stdout)
    assert (first["registry_id"], first["state"]) == ("10001-TECH-1", "waiting")
    (last,) = json.loads(registry("send", "10001-TECH-3", "--json").stdout)
    assert (last["registry_id"], last["sendings"]) == ("10001-TECH-3", 1)


def test_the_open_window_may_be_closed_ahead_once(node) -> None:
    registry = node("gateway", NODE)
    registry("build")
    ahead = json.loads(registry("build", "--ahead", "--json").stdout)
    assert len(ahead) == 1
    assert datetime.fromisoformat(ahead[0]["to"]) > datetime.now(UTC)
    assert registry("build", "--ahead", "--json").stdout.strip() == "[]"


def test_a_terminal_has_its_own(node) -> None:
    registry = node("agent", TERMINAL)
    assert json.loads(registry("list", "--json").stdout) == []
    (built,) = json.loads(registry("build", "--ahead", "--json").stdout)
    assert built["registry_id"].startswith("ATM00017-TERM-")
    assert built["kind"] == "TERM"
