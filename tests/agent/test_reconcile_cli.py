"""`tolem reconcile` beside a store that nobody owns: a day compared, listed, decided and closed at a command line."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from random import Random
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from gateway.migrations import ROOMS
from gateway.reconciliation.intake import Intake, Taken
from spool import Spool
from tests.agent.test_alarms import NODE
from tests.gateway.reconciliation.conftest import Closed, line, registry
from tests.gateway.reconciliation.simulated import Period

DAY = date(2026, 11, 1)
ALMATY = ZoneInfo("Asia/Almaty")


async def _make(path) -> None:
    """A day that matches but for one line that only e-port has."""
    period = Period(DAY, length=1, payments=0)
    good = period.days[DAY].lines[0]
    store = await Spool.open(
        path,
        rooms=ROOMS,
        now=lambda: datetime.now(UTC) - timedelta(days=3),
        random=Random(1),
    )
    async with store:
        await store.write(lambda tx: period.insert(tx, range(1)))
        strange = replace(line(901, DAY), product="unheard-of", rrn="000000000901")
        body = registry(DAY, [good, strange])
        taken = await Intake(store, point="10001", zone=ALMATY).take(DAY, Closed({DAY: body}))
        assert isinstance(taken, Taken)


@pytest.fixture
def reconcile(tmp_path, monkeypatch):
    config = tmp_path / "node.toml"
    config.write_text(NODE.replace("catalogue.toml", str(files("gateway.providers") / "demo.toml")))
    (tmp_path / "node").mkdir()
    asyncio.run(_make(tmp_path / "node" / "gateway.db"))

    def run(*arguments, columns=120):
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(app, ["reconcile", arguments[0], "--config", str(config), *arguments[1:]])

    return run


def test_a_day_is_compared_decided_and_closed(reconcile) -> None:
    told = json.loads(reconcile("2026-11-01", "--json").stdout)
    assert (told["state"], told["differences"], told["open_cases"], told["count"]) == ("open", 1, 1, 2)
    assert {row["class"]: row["eport_count"] for row in told["totals"]} == {"MATCHED": 1, "ONLY_EPORT": 1}
    (case,) = json.loads(reconcile("worklist", "--json").stdout)
    assert (case["class"], case["may"], case["provider"]) == ("ONLY_EPORT", ["OURS", "EPORT"], "")
    assert json.loads(reconcile("assign", "1", "askar", "--json").stdout)["owner"] == "askar"
    decided = reconcile("decide", "1", "eport", "--reason", "by letter", "--by", "aigerim", "--json")
    assert json.loads(decided.stdout)["decisions"][0]["person"] == "aigerim"
    assert reconcile("worklist").stdout == ""
    closed = json.loads(reconcile("2026-11-01", "--close", "--by", "aigerim", "--json").stdout)
    assert (closed["state"], closed["closed_by"]) == ("closed", "aigerim")
    assert json.loads(reconcile("2026-11-01", "--json").stdout)["totals"] == told["totals"]
    (row,) = json.loads(reconcile("days", "--json").stdout)
    assert (row["day"], row["state"]) == ("2026-11-01", "closed")


@pytest.mark.parametrize("columns", [80, 120])
def test_what_a_person_reads_fits_the_screen(reconcile, columns) -> None:
    told = [
        reconcile("2026-11-01", columns=columns),
        reconcile("worklist", columns=columns),
        reconcile("days", columns=columns),
        reconcile(
            "decide",
            "1",
            "ours",
            "--reason",
            "e-port takes it back, as its letter of 3 November says",
            columns=columns,
        ),
    ]
    for one in told:
        assert one.exit_code == 0, one.output
        assert max(map(len, one.stdout.splitlines())) <= columns
    assert "ONLY_EPORT" in told[1].stdout
    assert "provider  class" in told[0].stdout  # a table, not a block for each row
    assert "26110100000000000901" in told[1].stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("2026-11-02",), "tolem registry fetch"),
        (("2026-11-01x",), "No such command"),
        (("day", "soon"), "a date such as"),
        (("decide", "9", "ours", "--reason", "x"), "no open case 9"),
        (("decide", "1", "perhaps", "--reason", "x"), "a decision is one of"),
        (("decide", "1", "release", "--reason", "x"), "tolem reconcile worklist"),
    ],
)
def test_what_cannot_be_says_why(reconcile, arguments, says) -> None:
    refused = reconcile(*arguments)
    assert refused.exit_code == 2
    assert says in refused.output


def test_without_a_gateway_that_runs_nothing_is_fetched(reconcile, tmp_path) -> None:
    fetched = CliRunner().invoke(
        app, ["registry", "fetch", "2026-11-02", "--config", str(tmp_path / "node.toml")]
    )
    assert fetched.exit_code == 2
    assert "does not run" in fetched.output
