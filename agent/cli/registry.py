# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem registry`: what leaves every half hour, and whether it was acknowledged; and e-port's own, of a day."""

import getpass
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.failures import IN_PROCESSING, OUT_OF_SERVICE, REFUSED
from agent.cli.look import local, show_facts, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.process import run
from agent.settings import Settings, load

app = typer.Typer(
    no_args_is_help=True,
    help="List the registries that leave, show one, build what is due, send again; fetch e-port's of a day.",
)


class Store(StrEnum):
    AGENT = "agent"
    GATEWAY = "gateway"


Which = Annotated[
    Store | None, typer.Option("--store", help="Of a node that has both; without it, the gateway's.")
]
Identifier = Annotated[str, typer.Argument(metavar="ID", help="A registry's id, such as 10001-TECH-17.")]
_FETCH_EXITS: Final = {"refused": REFUSED, "not_closed": IN_PROCESSING, "unanswered": OUT_OF_SERVICE}
_COLUMNS: Final = ("registry_id", "from", "to", "count", "sum", "fee", "total", "state", "note")


@app.command("list")
def list_(
    config: Config,
    store: Which = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest windows first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Windows with count, sums and state: acknowledged, waiting, or at a person."""
    run(_rows(load(config), store, "registry.list", {"limit": limit}, nothing="None yet.", as_json=as_json))


@app.command()
def show(config: Config, identifier: Identifier, store: Which = None, as_json: AsJson = False) -> None:
    """One registry, line by line as it is sent."""
    run(_show(load(config), store, identifier, as_json=as_json))


@app.command()
def build(
    config: Config,
    store: Which = None,
    ahead: Annotated[
        bool,
        typer.Option(
            "--ahead", help="Close the window that is still open too: what follows is in the next one."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build what is due now, as every half hour does by itself."""
    nothing = "Nothing is due: a window ends at every :00 and :30."
    run(_rows(load(config), store, "registry.build", {"ahead": ahead}, nothing=nothing, as_json=as_json))


@app.command()
def send(
    config: Config,
    by: Annotated[str, typer.Option(help="Who orders it.", default_factory=getpass.getuser)],
    identifier: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Only this one, in whatever state; without it, all that wait."),
    ] = None,
    store: Which = None,
    as_json: AsJson = False,
) -> None:
    """Send now what waits for its next attempt; with ID, that one again, with the same bytes."""
    arguments = {"by": by} | ({} if identifier is None else {"id": identifier})
    run(_rows(load(config), store, "registry.send", arguments, nothing="Nothing waits.", as_json=as_json))


@app.command()
def fetch(
    config: Config,
    day: Annotated[str, typer.Argument(metavar="DAY", help="A day that is over, such as 2026-11-22.")],
    as_json: AsJson = False,
) -> None:
    """Get e-port's registry of a closed day now, as every day does by itself."""
    run(_fetch(load(config), day, as_json=as_json))


async def _rows(  # noqa: PLR0913 - one command and how its answer is told
    settings: Settings,
    store: Store | None,
    command: str,
    arguments: owner.Item,
    *,
    nothing: str,
    as_json: bool,
) -> None:
    items = await _items(settings, store, command, arguments)
    if as_json:
        typer.echo(json.dumps(items, ensure_ascii=False))
    elif items:
        zone = ZoneInfo(settings.node.time_zone)
        show_rows(Console(), _COLUMNS, ([local(item[column], zone) for column in _COLUMNS] for item in items))
    else:
        Console(stderr=True).print(nothing)


async def _fetch(settings: Settings, day: str, *, as_json: bool) -> None:
    async with owner.reconciliation(settings) as call:
        [told] = [item async for item in call("registry.fetch", {"day": day})]
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show_facts(Console(), told)
    if told["outcome"] not in {"taken", "known"}:
        raise typer.Exit(_FETCH_EXITS[told["outcome"]])


async def _show(settings: Settings, store: Store | None, identifier: str, *, as_json: bool) -> None:
    facts, *lines = await _items(settings, store, "registry.show", {"id": identifier})
    if as_json:
        typer.echo(json.dumps({**facts, "lines": [item["line"] for item in lines]}, ensure_ascii=False))
        return
    zone = ZoneInfo(settings.node.time_zone)
    show_facts(Console(), {name: local(value, zone) for name, value in facts.items() if value != ""})
    for item in lines:
        typer.echo(item["line"])


async def _items(
    settings: Settings, store: Store | None, command: str, arguments: owner.Item
) -> Sequence[owner.Item]:
    of_gateway = settings.role.has_gateway if store is None else store is Store.GATEWAY
    async with owner.registries(settings, of_gateway=of_gateway) as call:
        return [item async for item in call(command, arguments)]
