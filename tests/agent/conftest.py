import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

import agent
from agent.cli.app import app
from agent.migrations import ROOMS
from agent.sample_settings import hundredth
from spool import Spool

ROOT = Path(agent.__file__).parent.parent
NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)


@pytest.fixture
async def spool(tmp_path):
    """The terminal's store, with its own tables."""
    rooms = ROOMS
    opened = await Spool.open(
        tmp_path / "agent.db", rooms=rooms, now=lambda: NOW, random=Random(1), threaded=False
    )
    async with opened:
        yield opened


class Process:
    """`tolem …` as a process; `heard` is what it said until it was ready."""

    def __init__(self, *arguments, ready):
        command = (sys.executable, "-m", "agent.cli", *map(str, arguments))
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.heard = []
        for line in self._process.stdout:
            self.heard.append(line)
            if ready in line:
                return
        raise AssertionError("".join(self.heard))

    def stop(self):
        """Its exit code; harmless when it has ended."""
        if self._process.returncode is None:
            self._process.terminate()
            self.heard.append(self._process.communicate(timeout=30)[0])
        return self._process.returncode


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """The folder of a running `tolem sandbox`."""
    folder = tmp_path_factory.mktemp("sb")
    process = Process("sandbox", "--folder", folder, ready="Ready.")
    yield folder
    assert process.stop() == 0


@pytest.fixture
def config(sandbox, tmp_path):
    """The example that the sandbox wrote, for a node of its own and with short repeats."""
    path = tmp_path / "node.toml"
    repeats = {name: seconds for name, seconds in hundredth().items() if "resend" in name or "status" in name}
    lines = "".join(f"{name} = {seconds}\n" for name, seconds in repeats.items())
    path.write_text((sandbox / "node.toml").read_text() + f"[timers]\nin_processing_seconds = 2\n{lines}")
    return path


@pytest.fixture
def tolem():
    def _tolem(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return _tolem


@pytest.fixture
def pay(tolem, config):
    def _pay(account, *more, config=config):
        return tolem(
            *("pay", "--config", config, "--product", "dala-mobile"),
            *("--requisite", f"account={account}", "--sum", "1500.00", *more),
        )

    return _pay


@pytest.fixture
def process():
    """Start `tolem …`; whatever still runs is stopped at the end."""
    started = []

    def start(*arguments, ready):
        started.append(Process(*arguments, ready=ready))
        return started[-1]

    yield start
    for one in started:
        one.stop()
