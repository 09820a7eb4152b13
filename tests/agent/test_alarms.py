"""`tolem alarms`: a person sees what is open, closes it with a remark, and finds it again."""

import asyncio
import json
from datetime import UTC, datetime
from random import Random

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from gateway.alarms import raise_alarm
from gateway.migrations import ROOMS
from spool import Spool

NODE = """
[node]
id = "gateway"
data_dir = "node"

[gateway]
socket = "gateway.sock"

[eport]
url = "https://127.0.0.1:1"
point = "10001"
client_cert = "bank.pem"
client_key = "bank.key"
ca = "ca.pem"

[card_host]
address = "127.0.0.1:1"
acquirer = "400001"
merchant = "TOLEM0000000001"

[catalogue]
file = "catalogue.toml"
"""


async def make_store(path):
    rooms = ROOMS
    store = await Spool.open(path, rooms=rooms, now=lambda: datetime.now(UTC), random=Random(1))
    async with store:
        await store.write(lambda tx: raise_alarm(tx, "id_conflict", subject="ATM00017", detail="result 215"))


@pytest.fixture
def alarms(tmp_path):
    config = tmp_path / "node.toml"
    config.write_text(NODE)
    (tmp_path / "node").mkdir()
    asyncio.run(make_store(tmp_path / "node" / "gateway.db"))
    return lambda command, *more: CliRunner().invoke(app, ["alarms", command, "--config", str(config), *more])


def test_an_open_alarm_is_listed_until_a_person_closes_it_with_a_remark(alarms):
    [alarm] = json.loads(alarms("list", "--json").stdout)
    assert (alarm["name"], alarm["subject"], alarm["detail"]) == ("id_conflict", "ATM00017", "result 215")
    closed = alarms("close", str(alarm["alarm"]), "--remark", "asked e-port", "--by", "Aigerim")
    assert closed.exit_code == 0, closed.output
    assert json.loads(alarms("list", "--json").stdout) == []
    [kept] = json.loads(alarms("list", "--about", "ATM00017", "--json").stdout)
    assert (kept["closed_by"], kept["remark"]) == ("Aigerim", "asked e-port")


def test_an_alarm_that_is_not_open_cannot_be_closed(alarms):
    refused = alarms("close", "99", "--remark", "none", "--by", "Aigerim")
    assert refused.exit_code == 2
    assert "99" in refused.output
