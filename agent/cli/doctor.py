# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem doctor`: is this node in service? Exit 0: yes; 1: yes, but somebody should look; 2: no."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import show_rows
from agent.cli.options import AsJson, Config
from agent.cli.process import run
from agent.doctor import report
from agent.settings import Settings, load
from agent.technician.checked import EXIT_CODES, Checked
from agent.technician.report import Report, paper_lines
from agent.texts.advice import step_text, visit_text
from devices.actions import Who

_EXIT_CODES: Final = EXIT_CODES
_STANDING: Final = ("in service", "in service; somebody should look at the above", "out of service")
_COLUMNS: Final = ("part", "result", "measured", "next step", "who comes")

OnPaper = Annotated[bool, typer.Option("--print", help="Print it on the terminal's own printer too.")]


def doctor(config: Config, as_json: AsJson = False, on_paper: OnPaper = False) -> None:
    """Examine devices, stores, certificates, gateway and clock. Exit 0 well, 1 warnings, 2 out of service."""
    run(_doctor(load(config), as_json=as_json, on_paper=on_paper))


async def _doctor(settings: Settings, *, as_json: bool, on_paper: bool) -> int:
    seen = await report(settings)
    if as_json:
        typer.echo(json.dumps(seen.as_json(), ensure_ascii=False))
    else:
        _show(seen, Console())
    if on_paper:
        await _print(settings, seen)
    return seen.exit


def _show(seen: Report, console: Console) -> None:
    show_rows(console, _COLUMNS, _rows(seen.findings))
    comes = visit_text(seen.who, seen.when).en
    told = "nobody has to come" if seen.who is Who.NOBODY else f"must come: {comes}"
    console.print(f"→ {_STANDING[seen.exit]}; {told}", style="bold", soft_wrap=True)


def _rows(found: Sequence[Checked]) -> Iterator[tuple[str, ...]]:
    for one in found:
        state = one.code.rpartition(".")[2].replace("_", " ")
        measured = f"{state}: {one.detail}" if one.detail else state
        yield one.part, one.verdict, measured, step_text(one.next_step).en, visit_text(one.who, one.when).en


async def _print(settings: Settings, seen: Report) -> None:
    language = settings.agent.languages[0]
    async with owner.examined(settings) as call:
        async for answer in call("report.print", {"lines": list(paper_lines(seen, language))}):
            told = "printed" if answer["printed"] else f"not printed: {answer['error'] or answer['detail']}"
            Console(stderr=True).print(f"report: {told}")
