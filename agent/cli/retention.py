# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem retention`: what was forgotten because its time was over."""

import json
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.payment_search import items
from agent.cli.process import run
from agent.settings import load

_COLUMNS: Final = ("day", "kind", "rows", "before")


def retention(config: Config, as_json: AsJson = False) -> None:
    """What was forgotten because its time was over, by day and kind; [retention] says how long what is kept."""
    run(_tell(config, as_json=as_json))


async def _tell(config: Path, *, as_json: bool) -> None:
    settings = load(config)
    store = owner.gateway_store if settings.role.has_gateway else owner.agent_store
    found = await items(store(settings), "retention", {})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif found:
        zone = ZoneInfo(settings.node.time_zone)
        show_rows(Console(), _COLUMNS, ([local(row[name], zone) for name in _COLUMNS] for row in found))
    else:
        Console(stderr=True).print("Nothing was forgotten yet.")
