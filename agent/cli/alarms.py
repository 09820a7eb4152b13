# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem alarms`: what a person must know although nothing waits for it, and must close."""

import getpass
import json
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.payment_search import subject_of
from agent.cli.process import run
from agent.settings import load

app = typer.Typer(no_args_is_help=True, help="List the gateway's alarms, close one.")

_COLUMNS: Final = ("alarm", "name", "subject", "detail", "times", "last_at", "closed_by")


@app.command("list")
def list_(
    config: Config,
    about: Annotated[
        str | None,
        typer.Option(
            help="Any number of a payment, or a terminal; closed ones too. Without it, all open ones."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The open alarms, the oldest first."""
    run(_list(config, about, as_json=as_json))


@app.command()
def close(
    config: Config,
    alarm: Annotated[int, typer.Argument(metavar="ALARM", help="Its number.")],
    remark: Annotated[str, typer.Option(help="What was done about it; it is kept.")],
    by: Annotated[str, typer.Option(help="Who closes it.", default_factory=getpass.getuser)],
) -> None:
    """Say that a person has dealt with an alarm."""
    run(_close(config, {"alarm": alarm, "remark": remark, "by": by}))


async def _list(config: Path, about: str | None, *, as_json: bool) -> None:
    settings = load(config)
    arguments = {} if about is None else {"about": await subject_of(settings, about)}
    async with owner.gateway_store(settings) as call:
        alarms = [alarm async for alarm in call("alarms.list", arguments)]
    if as_json:
        typer.echo(json.dumps(alarms, ensure_ascii=False))
    elif alarms:
        zone = ZoneInfo(settings.node.time_zone)
        rows = ([local(alarm[column], zone) for column in _COLUMNS] for alarm in alarms)
        show_rows(Console(), _COLUMNS, rows)
    else:
        told = f"No alarm was ever raised about {about}." if about else "No alarm is open."
        Console(stderr=True).print(told)


async def _close(config: Path, arguments: owner.Item) -> None:
    settings = load(config)
    async with owner.gateway_store(settings) as call:
        [closed] = [item async for item in call("alarms.close", arguments)]
    zone = ZoneInfo(settings.node.time_zone)
    show_facts(Console(), {name: local(value, zone) for name, value in closed.items()})
