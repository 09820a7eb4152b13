# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem spool`: what still has to leave this machine, and the list that a person must close."""

import getpass
import json
import os
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import sqlite_utils
import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.process import run
from agent.settings import Settings, load
from spool.entry_states import State

app = typer.Typer(no_args_is_help=True, help="List what has to leave, show, retry or close an entry.")


class Store(StrEnum):
    AGENT = "agent"
    GATEWAY = "gateway"


Which = Annotated[
    Store | None, typer.Option("--store", help="Of a node that has both; without it, the gateway's.")
]
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="Its number, or its key.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the entry's history.")]
Person = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser)]
_COLUMNS: Final = ("id", "state", "kind", "destination", "attempts", "due_at", "note")


@app.command("list")
def list_(
    config: Config,
    store: Which = None,
    state: Annotated[State | None, typer.Option(help="Only these; without it, all that are open.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    as_json: AsJson = False,
) -> None:
    """The open entries: waiting for a person first, then in flight, then due."""
    arguments: dict[str, Any] = {"limit": limit} | ({} if state is None else {"state": state.value})
    run(_list(config, store, arguments, as_json=as_json))


@app.command()
def show(config: Config, entry: Entry, store: Which = None, as_json: AsJson = False) -> None:
    """One entry with its attempts and decisions; never its payload."""
    run(_one(config, store, "show", {"entry": _entry(entry)}, as_json=as_json))


@app.command()
def retry(config: Config, entry: Entry, reason: Reason, person: Person, store: Which = None) -> None:
    """Send an entry of the list again, now."""
    run(_one(config, store, "retry", _decision(entry, person, reason), as_json=False))


@app.command()
def close(config: Config, entry: Entry, reason: Reason, person: Person, store: Which = None) -> None:
    """Take an entry off the list: nothing is sent any more."""
    run(_one(config, store, "close", _decision(entry, person, reason), as_json=False))


@app.command()
def copy(
    config: Config,
    to: Annotated[Path, typer.Argument(help="A file that does not exist yet.")],
    store: Which = None,
    as_json: AsJson = False,
) -> None:
    """Take a copy of the store while it works, and count what is in it. Any tool may open the copy."""
    _must_be_makable(to.absolute())
    run(_copy(config, store, to.absolute(), as_json=as_json))


def _must_be_makable(path: Path) -> None:
    """Said here, by whoever asks: the owner of the store may be a process that only logs it."""
    if path.exists():
        raise typer.BadParameter(f"{path} exists already; name a new file")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"{path.parent} is no folder that may be written; name another one")


async def _copy(config: Path, store: Store | None, to: Path, *, as_json: bool) -> None:
    async with _open(load(config), store) as call:
        [item] = [item async for item in call("snapshot", {"path": str(to)})]
    database = sqlite_utils.Database(item["path"])
    try:
        rows = {table.name: table.count for table in database.tables}
    finally:
        database.close()
    if as_json:
        typer.echo(json.dumps({**item, "rows": rows}, ensure_ascii=False))
    else:
        console = Console()
        console.print(f"[green]✓[/] {item['path']}", soft_wrap=True)
        show_rows(console, ("table", "rows"), ([name, str(count)] for name, count in rows.items()))


async def _list(config: Path, store: Store | None, arguments: owner.Item, *, as_json: bool) -> None:
    settings = load(config)
    async with _open(settings, store) as call:
        items = [item async for item in call("list", arguments)]
    if as_json:
        typer.echo(json.dumps(items, ensure_ascii=False))
    elif items:
        zone = ZoneInfo(settings.node.time_zone)
        show_rows(Console(), _COLUMNS, ([local(item[column], zone) for column in _COLUMNS] for item in items))
    else:
        Console(stderr=True).print("Nothing waits.")


async def _one(
    config: Path, store: Store | None, command: str, arguments: owner.Item, *, as_json: bool
) -> None:
    settings = load(config)
    async with _open(settings, store) as call:
        [item] = [item async for item in call(command, arguments)]
    if as_json:
        typer.echo(json.dumps(item, ensure_ascii=False))
        return
    console = Console()
    history, described = item.pop("history"), item.pop("described")
    zone = ZoneInfo(settings.node.time_zone)
    show_facts(console, {name: local(value, zone) for name, value in {**item, **described}.items()})
    console.print()
    columns = ("at", "event", "state", "person", "note")
    show_rows(console, columns, ([local(line[column], zone) for column in columns] for line in history))


def _open(settings: Settings, store: Store | None) -> AbstractAsyncContextManager[owner.Call]:
    of_gateway = settings.role.has_gateway if store is None else store is Store.GATEWAY
    return owner.gateway_store(settings) if of_gateway else owner.agent_store(settings)


def _decision(entry: str, person: str, reason: str) -> owner.Item:
    return {"entry": _entry(entry), "person": person, "reason": reason}


def _entry(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text
