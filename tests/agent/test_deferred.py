"""A command's modules are loaded when it runs; the list of commands knows their help without them."""

import subprocess
import sys
from pathlib import Path

import pytest

import agent
from agent.cli.app import COMMANDS
from agent.cli.deferred import Deferred

ROOT = Path(agent.__file__).parent.parent
HEAVY = ("aiohttp", "apsw", "cryptography", "lxml", "PIL", "pydantic")
TYPERS_OWN = "pydantic"  # with which it reads a command's options
LOOK = f"""
import sys
from agent.cli.app import app
try:
    app(sys.argv[1:], prog_name="tolem")
finally:
    print("loaded:", *(name for name in {HEAVY} if name in sys.modules))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_tells_the_first_line_of_each_commands_own_help(name):
    target, told = COMMANDS[name]
    command = Deferred(name, target, told).load()
    assert (command.name, (command.help or "").splitlines()[0]) == (name, told)


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [(["--version"], []), (["--help"], []), (["payments", "list", "--help"], [TYPERS_OWN])],
)
def test_what_runs_no_command_loads_nothing_that_does_the_work(arguments, loaded):
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].split() == ["loaded:", *loaded]


def test_usage_names_the_product_however_it_was_started():
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "pay"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Usage: tolem pay" in done.stderr
