# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem payments`: what was paid, as the gateway's book and the terminal's own journeys have it."""

import getpass
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.process import run
from agent.settings import Settings, load
from spool import ControlError

app = typer.Typer(no_args_is_help=True, help="List payments, show one's whole story, order a cancel.")

Identifier = Annotated[
    str,
    typer.Argument(metavar="ID", help="payment_id, txn_id, RRN, eport_id, check_id, or a receipt's number."),
]
_GATEWAY_COLUMNS: Final = ("accepted_at", "terminal", "product", "total", "state", "reason", "payment_id")
_TERMINAL_COLUMNS: Final = (
    "started_at",
    "receipt_number",
    "product",
    "state",
    "ending",
    "reason",
    "payment_id",
)
_STORY_ONLY: Final = frozenset({"history", "entries", "alarms", "requisites", "fields"})


@app.command("list")
def list_(
    config: Config,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 20,
    journeys: Annotated[
        bool, typer.Option("--journeys", help="The terminal's journeys, abandoned ones too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The newest payments of this node's gateway, or of its terminal."""
    run(_list(load(config), limit, journeys=journeys, as_json=as_json))


@app.command()
def show(config: Config, identifier: Identifier, as_json: AsJson = False) -> None:
    """One payment's whole story: identifiers, history, what the spool still has to send."""
    run(_show(load(config), identifier, as_json=as_json))


@app.command()
def cancel(
    config: Config,
    identifier: Identifier,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the payment's history.")],
    by: Annotated[str, typer.Option(help="Who orders it.", default_factory=getpass.getuser)],
) -> None:
    """Order e-port to cancel a payment whose fate is not decided yet."""
    run(_cancel(load(config), {"id": identifier, "reason": reason, "by": by}))


async def _list(settings: Settings, limit: int, *, journeys: bool, as_json: bool) -> None:
    of_terminal = journeys or not settings.role.has_gateway
    command = "journeys.list" if of_terminal else "payments.list"
    rows = await _items(_store(settings, of_terminal=of_terminal), command, {"limit": limit})
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        Console(stderr=True).print("Nothing was paid yet.")
    columns = _TERMINAL_COLUMNS if of_terminal else _GATEWAY_COLUMNS
    zone = ZoneInfo(settings.node.time_zone)
    show_rows(Console(), columns, ([local(row[column], zone) for column in columns] for row in rows))


async def _show(settings: Settings, identifier: str, *, as_json: bool) -> None:
    """The terminal may know it by its receipt; the gateway then knows it by its payment_id."""
    story: dict[str, Any] = {}
    missing: ControlError | None = None
    if settings.role.has_terminal:
        try:
            [story["journey"]] = await _items(
                _store(settings, of_terminal=True), "journeys.show", {"id": identifier}
            )
            identifier = story["journey"]["payment_id"] or identifier
        except ControlError as error:
            missing = error
    if settings.role.has_gateway:
        try:
            [story["payment"]] = await _items(
                _store(settings, of_terminal=False), "payments.show", {"id": identifier}
            )
        except ControlError as error:
            missing = error
    if not story and missing is not None:
        raise missing
    if as_json:
        typer.echo(json.dumps(story, ensure_ascii=False))
    else:
        _tell(story, ZoneInfo(settings.node.time_zone))


async def _cancel(settings: Settings, order: dict[str, str]) -> None:
    [row] = await _items(_store(settings, of_terminal=False), "payments.cancel", order)
    show_facts(Console(), row)


def _tell(story: dict[str, dict[str, Any]], zone: ZoneInfo) -> None:
    console = Console()
    if payment := story.get("payment"):
        show_facts(
            console, {name: local(value, zone) for name, value in payment.items() if name not in _STORY_ONLY}
        )
        console.print()
        _table(console, zone, ("at", "event", "state", "note"), payment["history"])
        _table(console, zone, ("entry", "kind", "state", "attempts", "due_at", "note"), payment["entries"])
        _table(console, zone, ("name", "detail", "times", "last_at", "closed_by"), payment["alarms"])
    if journey := story.get("journey"):
        told = (
            "receipt_number",
            "state",
            "ending",
            "reason",
            "comment",
            "masked_pan",
            "application",
            "language",
        )
        show_facts(console, {f"journey {name}": journey[name] for name in told})


def _table(console: Console, zone: ZoneInfo, columns: Sequence[str], items: Sequence[dict[str, Any]]) -> None:
    if items:
        show_rows(console, columns, ([local(item[column], zone) for column in columns] for item in items))
        console.print()


def _store(settings: Settings, *, of_terminal: bool) -> AbstractAsyncContextManager[owner.Call]:
    return owner.agent_store(settings) if of_terminal else owner.gateway_store(settings)


async def _items(
    store: AbstractAsyncContextManager[owner.Call], command: str, arguments: owner.Item
) -> list[owner.Item]:
    async with store as call:
        return [item async for item in call(command, arguments)]
