# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem doctor`: is this node in service? Exit 0: yes; 1: yes, but somebody should look; 2: no."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import typer
from rich.console import Console

from agent.cli.look import show_lines
from agent.cli.options import AsJson, Config
from agent.cli.pay_lines import Line, Mark
from agent.cli.process import run
from agent.doctor import examine
from agent.readiness import Finding, Level
from agent.settings import load

_MARKS: Final[Mapping[Level, Mark]] = {
    Level.READY: Mark.DONE,
    Level.WARNING: Mark.ATTENTION,
    Level.OBSTACLE: Mark.NO,
}
_EXIT_CODES: Final[Mapping[Level, int]] = {Level.READY: 0, Level.WARNING: 1, Level.OBSTACLE: 2}
_VERDICTS: Final = ("in service", "in service; somebody should look at the above", "out of service")


def doctor(config: Config, as_json: AsJson = False) -> None:
    """Examine devices, stores, certificates, gateway and clock. Exit 0 well, 1 warnings, 2 out of service."""
    run(_doctor(config, as_json=as_json))


async def _doctor(config: Config, *, as_json: bool) -> int:
    findings = await examine(load(config))
    code = max((_EXIT_CODES[finding.level] for finding in findings), default=0)
    if as_json:
        typer.echo(json.dumps({"exit": code, "findings": [asdict(finding) for finding in findings]}))
        return code
    console = Console()
    show_lines(console, [_line(finding) for finding in findings])
    console.print(f"→ {_VERDICTS[code]}", style="bold")
    return code


def _line(finding: Finding) -> Line:
    state = finding.code.partition(".")[2].replace("_", " ")
    text = f"{state}: {finding.detail}" if finding.detail else state
    return Line(_MARKS[finding.level], finding.part, text)
