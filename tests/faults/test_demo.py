"""`tolem demo --pay` as real processes: the books agree, nothing secret stays, and nobody is left running."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from secrets import randbelow

import pytest

import agent
from gateway.providers import luhn

pytestmark = pytest.mark.processes

EVERY_FAULT = "silence,delay,cut,duplicate,garbage,refuse,5xx"
CARD_NUMBER = re.compile(rb"(?<![0-9])400000[0-9]{10}(?![0-9])")  # of the emulated cards' range


async def eventually(condition):
    """Once `condition` holds; the kernel's list of processes tells nobody when it changes."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


class Demo:
    """A running demo and everything that it started."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = folder

    async def ended(self, seconds=90):
        async with asyncio.timeout(seconds):
            out, _ = await self.process.communicate()
        return self.process.returncode, out.decode()

    def left(self):
        """Command lines of processes that know the run's folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue
            if os.fsencode(self.folder) in line and path.parent.name != str(self.process.pid):
                found.append(line.replace(b"\0", b" ").decode())
        return found


@pytest.fixture
def demo(tmp_path):
    async def _demo(*options):
        folder = tmp_path / "run"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent.cli", "demo", "--pay", "--folder", str(folder), *options),
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(agent.__file__).parent.parent)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return Demo(process, folder)

    return _demo


def assert_no_card_number(folder):
    """The exact numbers, and PIN blocks, are looked for in tests/journeys; here they are not known."""
    for path in folder.rglob("*"):
        found = CARD_NUMBER.findall(path.read_bytes()) if path.is_file() else []
        assert not any(luhn.is_valid(number.decode()) for number in found), path.name


async def test_one_payment_is_shown_and_the_books_agree(demo):
    running = await demo()
    code, told = await running.ended()
    assert code == 0, told
    for word in ("account", "debt", "total", "PIN", "hold", "payment", "capture", "the books agree", ".png"):
        assert word in told.replace("\n", " ")
    assert list(running.folder.rglob("receipts/000001.png"))
    assert_no_card_number(running.folder)
    assert not running.left()


async def test_one_payment_is_shown_with_its_card_behind_a_real_pcscd(demo, virtual_reader):
    running = await demo("--card", "pcsc")
    code, told = await running.ended()
    assert code == 0, told
    assert "the books agree" in told
    assert 'driver = "pcsc"' in (running.folder / "ATM00001.toml").read_text()
    assert_no_card_number(running.folder)
    assert not running.left()


async def assert_a_campaign_ends_with_equal_books(demo, seed, *, payments, terminals, seconds):
    options = ("--payments", payments, "--terminals", terminals, "--seed", seed, "--faults", EVERY_FAULT)
    print("tolem demo --pay", *options)  # noqa: T201 - pytest shows it with a failure, to be replayed
    running = await demo(*map(str, options))
    code, told = await running.ended(seconds)
    assert code == 0, told
    assert "the books agree" in told
    assert "0 contradictions" in told
    assert_no_card_number(running.folder)
    assert not running.left()


async def test_a_campaign_under_faults_ends_with_equal_books_whatever_its_seed(demo):
    seed = randbelow(2**31)
    await assert_a_campaign_ends_with_equal_books(demo, seed, payments=24, terminals=2, seconds=90)


@pytest.mark.long
@pytest.mark.parametrize("_campaign", range(5))
async def test_five_long_campaigns_under_faults_end_with_equal_books_whatever_their_seeds(demo, _campaign):
    seed = randbelow(2**31)
    await assert_a_campaign_ends_with_equal_books(demo, seed, payments=40, terminals=4, seconds=300)


async def test_ctrl_c_stops_everything_that_was_started(demo):
    running = await demo("--payments", "500")
    await eventually(lambda: len(running.left()) == 3)
    running.process.send_signal(signal.SIGINT)
    code, _ = await running.ended()
    assert code == 130
    assert not running.left()


async def test_even_a_killed_demo_leaves_no_orphans(demo):
    running = await demo("--payments", "500")
    await eventually(lambda: len(running.left()) == 3)
    running.process.kill()
    await running.process.wait()
    await eventually(lambda: not running.left())
