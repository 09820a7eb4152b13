"""`tolem agent` and `tolem pay` that are killed or terminated, most of them as processes while e-port is silent."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

import agent
from agent.journeys import bill_store
from agent.journeys.bill import Ending, State
from agent.serving_commands import STOPPING
from agent.terminal_commands import TerminalCommands
from gateway.sandbox.faults import Fault, FaultName, Position, Rule
from spool import ControlError

pytestmark = pytest.mark.processes

ROOT = Path(agent.__file__).parent.parent
PAY = ("--product", "dala-mobile", "--requisite", "account=7011234567", "--sum", "1500.00", "--json")


class Process:
    """`tolem …` with the node's file of `bank`."""

    def __init__(self, process):
        self._process = process
        self._heard = ""

    @classmethod
    async def start(cls, bank, command, *arguments):
        config = str(bank.folder / "node.toml")
        pipe = asyncio.subprocess.PIPE
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent.cli", command, "--config", config, *arguments),
            cwd=ROOT,
            stdout=pipe,
            stderr=pipe,
        )
        return cls(started)

    async def says(self, word):
        async with asyncio.timeout(60):
            async for line in self._process.stderr:
                self._heard += line.decode()
                if word in line.decode():
                    return
        raise AssertionError(self._heard)

    def signal(self, number):
        self._process.send_signal(number)

    async def end(self):
        """Exit code, stdout and stderr."""
        async with asyncio.timeout(60):
            out, rest = await self._process.communicate()
        return self._process.returncode, out.decode(), self._heard + rest.decode()


@pytest.fixture
def _silent(bank):
    """e-port accepts the payment and does not say so; who is stopped has half a second."""
    silence = Fault(FaultName.SILENCE, Position.AFTER)
    bank.sandbox.faults.rules.append(Rule(silence, operation="bank_payment"))
    bank.timers["shutdown_seconds"] = 0.5
    bank.settings()


async def eventually(look):
    """Wait for what nobody announces."""
    async with asyncio.timeout(30):
        while True:
            if look():
                return
            await asyncio.sleep(0.02)


async def on_its_way(bank, paying):
    """e-port has the payment."""
    await paying.says("sending")
    await eventually(bank.sandbox.eport_rows)


async def _told(items, seen):
    """How a caller's `pay` ended; what it was told is in `seen`."""
    try:
        async for item in items:
            seen.append(item)
    except ControlError as error:
        return error.code
    return None


async def learned(bank, payment_id):
    """The payment is resolved by the next start, and paid once."""
    async with bank.terminal() as terminal:
        await terminal.recovered
        journey = await terminal.spool.read(lambda tx: bill_store.find(tx, payment_id))
        await bank.known(terminal, journey, Ending.PAID)
        assert (await bank.settled(terminal)).agree


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.usefixtures("_silent")
async def test_the_caller_of_an_agent_that_ends_knows_that_the_payment_is_on_its_way(bank, number):
    serving = await Process.start(bank, "agent")
    await serving.says("agent.listening")
    paying = await Process.start(bank, "pay", *PAY)
    await on_its_way(bank, paying)
    serving.signal(number)
    serving.signal(number)  # systemd and a person at once
    code, out, told = await paying.end()
    script = json.loads(out)
    assert (code, script["ending"]) == (11, "in_processing"), told
    assert script["payment_id"]
    assert "do not pay again" in told
    assert (await serving.end())[0] == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    await learned(bank, script["payment_id"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("_silent")
async def test_a_payment_that_is_stopped_on_its_way_says_so_and_is_resolved_later(bank, number):
    paying = await Process.start(bank, "pay", *PAY)
    await on_its_way(bank, paying)
    paying.signal(number)
    code, out, told = await paying.end()
    script = json.loads(out)
    assert (code, script["ending"]) == (11, "in_processing"), told
    await learned(bank, script["payment_id"])


@pytest.mark.usefixtures("_silent")
async def test_an_agent_that_stops_before_the_card_was_read_abandons_the_payment(bank):
    bank.sandbox.faults.rules.append(
        Rule(Fault(FaultName.SILENCE, Position.BEFORE), operation="bank_account")
    )
    serving = await Process.start(bank, "agent")
    await serving.says("agent.listening")
    paying = await Process.start(bank, "pay", *PAY)
    await paying.says("check")
    serving.signal(signal.SIGTERM)
    code, out, told = await paying.end()
    assert (code, json.loads(out)["ending"]) == (12, "out_of_service"), told
    assert (await serving.end())[0] == 0
    assert not bank.sandbox.card_rows()


async def test_a_terminal_that_stops_gives_the_card_back_and_begins_nothing_for_who_waits(terminal):
    terminal.devices.emulators.slot.auto_card = None
    commands = TerminalCommands(terminal)
    order = {"product": "dala-mobile", "requisites": {"account": "7011234567"}, "sum": "1500.00"}
    waits_for_card = asyncio.Event()

    async def told():
        try:
            async for item in commands.table["pay"](order):
                if item["state"] == State.CONSENTED:
                    waits_for_card.set()
        except ControlError as error:
            return error.code
        return None

    callers = [asyncio.create_task(told()) for _ in range(2)]
    await waits_for_card.wait()
    await commands.stop()
    assert await asyncio.gather(*callers) == [STOPPING, STOPPING]
    [only] = await terminal.spool.read(lambda tx: bill_store.latest(tx, 5))
    assert (only.state, only.ending) == (State.ABANDONED, Ending.CANCELLED)


async def test_every_part_of_a_process_that_e_port_keeps_waiting_shares_one_deadline(bank):
    """The journey, the API's answers, the terminal's forwarder and the gateway's: each of them waits."""
    bank.sandbox.faults.rules.append(Rule(Fault(FaultName.SILENCE, Position.AFTER), operation="bank_payment"))
    seconds = bank.timers["shutdown_seconds"] = 2.0
    loop = asyncio.get_running_loop()
    async with bank.terminal() as terminal:
        commands = TerminalCommands(terminal)
        order = {"product": "dala-mobile", "requisites": {"account": "7011234567"}, "sum": "1500.00"}
        seen = []
        paying = asyncio.create_task(_told(commands.table["pay"](order), seen))
        await eventually(bank.sandbox.eport_rows)
        begun = loop.time()
        await commands.stop()
    assert loop.time() - begun < 2 * seconds
    assert await paying == STOPPING
    await learned(bank, seen[-1]["payment_id"])
