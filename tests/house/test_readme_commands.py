"""Every command that the README shows is typed here, in its order, and does what the README says."""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from agent.processes import Running
from gateway.sandbox.faults import FaultName
from spool import ControlUnavailable, control_call
from tests.house.readme import README, ROOT, commands, fenced, marked
from tests.house.readme_elsewhere import ELSEWHERE
from tests.house.readme_reader import Reader

NUMBERS = re.compile(r"127\.0\.0\.1:\d+")
pytestmark = pytest.mark.processes


@pytest.fixture
async def reader(monkeypatch: pytest.MonkeyPatch, unused_tcp_port_factory) -> AsyncIterator[Reader]:
    with TemporaryDirectory() as folder:  # pytest's own is too long for the address of a Unix socket
        async with AsyncExitStack() as running:
            yield _reader(Path(folder) / "tolem", monkeypatch, unused_tcp_port_factory, running)


def _reader(
    clone: Path, monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int], running: AsyncExitStack
) -> Reader:
    clone.mkdir()
    (clone / "gateway").symlink_to(ROOT / "gateway")
    monkeypatch.chdir(clone)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # as the launcher does
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.setenv("COLUMNS", "120")
    shown = sorted(set(re.findall(r"\b40\d{3}\b", README.read_text())))
    return Reader(clone, {port: str(free_port()) for port in shown}, running)


async def test_the_demo_shows_what_the_readme_shows(reader: Reader) -> None:
    out = await reader.types("./tolem demo --pay")
    assert _labels(out) == _labels(marked(README.read_text())["demo output"])
    assert "the books agree" in out


def _labels(text: str) -> list[str]:
    """The marked lines' first words; the gateway's own may come before or after the terminal's."""
    return sorted(re.findall(r"^[✓…!✗] (\w+)", text, re.MULTILINE))


@pytest.mark.long  # tests/faults/test_demo.py has a smaller one in the fast suite
async def test_the_campaign_ends_with_equal_books(reader: Reader) -> None:
    out = await reader.types("./tolem demo --pay --payments")
    assert "the books agree" in out
    assert set(re.search(r"--faults (\S+)", reader.typed[0])[1].split(",")) < set(FaultName)


async def test_the_worked_example_begins_as_it_is_written(reader: Reader) -> None:
    await _beside_the_sandbox(reader)


@pytest.mark.long  # some sixty processes, one after the other
@pytest.mark.skipif(
    shutil.which("curl") is None, reason="the requests are carried to the sandbox's CA with curl"
)
@pytest.mark.timeout(600)
async def test_the_worked_example_works_as_it_is_written(reader: Reader) -> None:
    await _beside_the_sandbox(reader)
    await _one_gateway_many_terminals(reader)
    await _the_catalogue(reader)
    await _technician(reader)
    await _operations(reader)
    await _certificates(reader)
    assert sorted(reader.typed) == sorted(
        line
        for line in commands(README.read_text())
        if line not in ELSEWHERE and not line.startswith("./tolem demo")
    )


async def _beside_the_sandbox(reader: Reader) -> None:
    sandbox = await reader.leaves_running("./tolem sandbox --")
    await _until(sandbox, lambda: asyncio.to_thread((reader.clone / ".demo/sandbox/sandbox.json").exists))
    node = (reader.clone / ".demo/sandbox/node.toml").read_text()
    assert node == _as_here(reader, fenced(marked(README.read_text())["node.toml"], "toml")[0])
    await reader.types("./tolem doctor --config .demo/sandbox")
    assert "dala-mobile" in await reader.types("./tolem products")
    paid = json.loads(
        await reader.types(
            "./tolem pay --config .demo/sandbox/node.toml --product dala-mobile --requisite account=7011234567"
        )
    )
    shown = json.loads(fenced(marked(README.read_text())["pay json"], "json")[0])
    assert list(paid) == list(shown)
    same = ("ending", "state", "sum", "fee", "total", "receipt")
    assert [paid[name] for name in same] == [shown[name] for name in same]
    await reader.types(
        "./tolem pay --config .demo/sandbox/node.toml --product dala-mobile --requisite account=7011933090",
        expect=11,
    )


def _as_here(reader: Reader, shown: str) -> str:
    shown = shown.replace("/…/gateway/providers", str(ROOT / "gateway/providers"))
    return reader.with_ports(shown.replace("/…/", f"{reader.clone}/"))


async def _one_gateway_many_terminals(reader: Reader) -> None:
    await reader.types("mkdir -p .demo/bank")
    bank = reader.clone / ".demo/bank"
    for name in ("gateway", "ATM00018"):
        (block,) = (
            block for block in fenced(README.read_text(), "toml") if f'\ndata_dir = "{name}"\n' in block
        )
        (bank / f"{name}.toml").write_text(reader.with_ports(block))
    await _new_certificate(reader, "bank")
    await reader.types("./tolem certs install")
    assert "shakes hands" in await reader.types("./tolem certs check")
    await reader.types("./tolem terminals ca")
    gateway = await reader.leaves_running("./tolem gateway")
    await _until(gateway, lambda: _answers(bank / "gateway/gateway.control"))
    invited = await reader.types("./tolem terminals invite")
    reader.says = {"CODE": re.search(r"^code +(\S+)", invited, re.MULTILINE)[1]}
    await reader.types("./tolem enrol")
    agent = await reader.leaves_running("./tolem agent")
    await _until(agent, lambda: _answers(bank / "ATM00018/agent.control"))
    await reader.types("./tolem pay --config .demo/bank")
    assert (bank / "ATM00018/receipts/000001.png").exists()


async def _technician(reader: Reader) -> None:
    assert "printer.sheet" in await reader.types("./tolem devices list")
    assert "PASS" in await reader.types("./tolem devices test")
    await reader.types("./tolem devices scan")
    told = await reader.types("./tolem doctor --config .demo/bank/ATM00018.toml --print", expect=1)
    assert "must come: engineer, soon" in told
    await reader.types("./tolem support-bundle")
    assert (reader.clone / ".demo/bank/support.zip").exists()


async def _new_certificate(reader: Reader, name: str) -> None:
    await reader.types(f"./tolem certs csr --config .demo/bank/gateway.toml --out .demo/bank/{name}.csr")
    await reader.types(f"curl --silent --fail --data-binary @.demo/bank/{name}.csr")


async def _certificates(reader: Reader) -> None:
    """Last, since the terminal is shut out in the end."""
    assert "eport.client_cert" in await reader.types("./tolem certs show")
    await _new_certificate(reader, "new")
    assert "CN=tolem-gateway" in await reader.types("./tolem certs rotate")
    assert "ATM00018" in await reader.types("./tolem terminals list")
    assert "revoked" in await reader.types("./tolem terminals revoke")


async def _the_catalogue(reader: Reader) -> None:
    catalogue = "./tolem catalogue"
    assert "products" in await reader.types(f"{catalogue} check")
    await reader.types(f"{catalogue} new-key")
    await reader.types(f"{catalogue} diff")
    assert "in_force" in await reader.types(f"{catalogue} publish")
    assert "tariffs of December" in await reader.types(f"{catalogue} list")
    assert "copy_of" in await reader.types(f"{catalogue} rollback")
    (shown,) = (text for text in fenced(README.read_text(), "text") if text.startswith("product;"))
    (reader.clone / "agreed.csv").write_text(shown)
    reader.says = {"LIST": "agreed.csv"}
    assert "taza-ui-waste" in await reader.types(f"{catalogue} agree", expect=1)
    assert "samal" in await reader.types(f"{catalogue} switch off")
    await reader.types(f"{catalogue} switch on")


async def _operations(reader: Reader) -> None:
    assert "not pinned" in await reader.types("./tolem doctor --config .demo/bank/ATM00018.toml", expect=1)
    await reader.types("./tolem doctor --config .demo/bank/gateway.toml")
    (paid,) = [item async for item in _call(reader, "payments.list")]
    reader.says = {"PAYMENT_ID": paid["payment_id"]}
    for command in ("list --config .demo/bank/gateway", "list --config .demo/bank/ATM", "show"):
        assert paid["rrn"] in await reader.types(f"./tolem payments {command}")
    reader.says = {"PAYMENT_ID": await _pay(reader, "7011933090")}
    await reader.types("./tolem payments cancel")

    reader.says = {"ENTRY": await _capture_that_the_host_cannot_place(reader)}
    assert "card.capture" in await reader.types("./tolem spool list")
    assert "card.capture" in await reader.types("./tolem spool show")
    await reader.types("./tolem spool retry")
    await _entry(reader, "to_person")
    assert "closed_by_person" in await reader.types("./tolem spool close")
    await reader.types("./tolem spool copy")
    assert (reader.clone / ".demo/bank/copy.db").exists()
    assert "10001-TECH-" in await reader.types("./tolem registry build")
    assert "10001-TECH-" in await reader.types("./tolem registry list")
    (newest, *_) = [item async for item in _call(reader, "registry.list")]
    reader.says = {"REGISTRY": newest["registry_id"]}
    assert "H;1;TECH;10001;" in await reader.types("./tolem registry show")
    await reader.types("./tolem registry send")
    await _reconciliation(reader, paid["payment_id"])
    assert "payment_capture_refused" in await reader.types("./tolem alarms list")
    (alarm, *_) = [item async for item in _call(reader, "alarms.list")]
    reader.says = {"ALARM": str(alarm["alarm"])}
    await reader.types("./tolem alarms close")


async def _reconciliation(reader: Reader, payment_id: str) -> None:
    """Of yesterday, when nothing was paid: e-port has listed somebody's payment all the same."""
    day = datetime.now(ZoneInfo("Asia/Almaty")).date() - timedelta(days=1)
    async with aiohttp.ClientSession(
        reader.with_ports("http://127.0.0.1:40080"), raise_for_status=True
    ) as sandbox:
        slip = f"/slips/{day:%y%m%d}99999999999999"
        for path, body in ((slip, {"slip": "invented"}), (f"/days/10001/{day}", {})):
            async with sandbox.put(path, json=body):
                pass
    reader.says = {"DAY": day.isoformat(), "CASE": "1", "PAYMENT_ID": payment_id}
    assert f"10001-DAY-{(day - date(1969, 12, 31)).days}" in await reader.types("./tolem registry fetch")
    assert "ONLY_EPORT" in await reader.types("./tolem reconcile DAY")
    assert "ONLY_EPORT" in await reader.types("./tolem reconcile worklist")
    assert "askar" in await reader.types("./tolem reconcile assign")
    assert "OURS" in await reader.types("./tolem reconcile decide")
    assert "closed" in await reader.types("./tolem reconcile day")
    await reader.types("./tolem payments dispute")
    assert (reader.clone / ".demo/bank/dispute.zip").exists()
    await reader.types("./tolem retention")


async def _pay(reader: Reader, account: str) -> str:
    """A payment like the README's at its second terminal; its payment_id."""
    order = {"product": "dala-mobile", "requisites": {"account": account}, "sum": "1500.00"}
    control = reader.clone / ".demo/bank/ATM00018/agent.control"
    *_, last = [item async for item in control_call(control, "pay", order)]
    return str(last["payment_id"])


async def _capture_that_the_host_cannot_place(reader: Reader) -> str:
    """The host refuses it, and has lost the hold when it is sent again."""
    rule = {"name": "refuse", "position": "before", "operation": "capture", "count": 1}
    async with (
        aiohttp.ClientSession(reader.with_ports("http://127.0.0.1:40080"), raise_for_status=True) as sandbox,
        sandbox.put("/faults", json={"rules": [rule]}),
    ):
        pass
    await _pay(reader, "7011234567")
    entry = await _entry(reader, "to_person")
    with closing(sqlite3.connect(reader.clone / ".demo/sandbox/card-host.db")) as ledger, ledger:
        ledger.execute("DELETE FROM hold WHERE state = 'HELD'")
    return str(entry)


async def _entry(reader: Reader, state: str) -> int:
    """The one capture that was tried and has come to this state."""
    async with asyncio.timeout(60):
        while True:
            async for entry in _call(reader, "list", {"state": state}):
                if entry["kind"] == "card.capture" and entry["attempts"]:
                    return int(entry["id"])
            await asyncio.sleep(0.05)


def _call(reader: Reader, command: str, arguments: dict | None = None) -> AsyncIterator[dict]:
    return control_call(reader.clone / ".demo/bank/gateway/gateway.control", command, arguments)


async def _until(process: Running, ready) -> None:
    async with asyncio.timeout(60):
        while not await ready():
            process.check()
            await asyncio.sleep(0.05)


async def _answers(control: Path) -> bool:
    try:
        return [item async for item in control_call(control, "health")] != []
    except ControlUnavailable:
        return False
