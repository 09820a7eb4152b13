"""`tolem spool copy`: what a technician may take away is a whole store that any tool reads."""

import asyncio
import json
from datetime import UTC, datetime
from random import Random

import pytest
import sqlite_utils
from typer.testing import CliRunner

from agent.cli.app import app
from agent.migrations import ROOMS
from spool import Spool

NODE = """
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

[devices.pin_pad]
class = "pin_pad"
driver = "visa"
port = "emulator"

[devices.printer]
class = "receipt_printer"
driver = "escpos"
port = "emulator"
"""


async def make_store(path):
    rooms = ROOMS
    store = await Spool.open(path, rooms=rooms, now=lambda: datetime.now(UTC), random=Random(1))
    await store.close()


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "node").mkdir()
    asyncio.run(make_store(tmp_path / "node" / "agent.db"))
    config = tmp_path / "node.toml"
    config.write_text(NODE)
    return lambda target, *more: CliRunner().invoke(
        app, ["spool", "copy", "--store", "agent", "--config", str(config), str(target), *more]
    )


def test_a_copy_counts_its_tables_and_opens_with_any_tool(copy, tmp_path):
    result = copy(tmp_path / "taken.db", "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["rows"]
    assert rows["entry"] == 0
    assert rows["store"] == 1
    taken = sqlite_utils.Database(tmp_path / "taken.db")
    assert {table.name: table.count for table in taken.tables} == rows
    taken.close()


def test_a_copy_never_replaces_a_file(copy, tmp_path):
    target = tmp_path / "precious.db"
    target.write_bytes(b"precious")
    result = copy(target)
    assert result.exit_code == 2
    assert "exists already" in result.output
    assert target.read_bytes() == b"precious"
