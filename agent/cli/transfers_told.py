"""What `tolem transfers` asks the gateway for, and how it tells it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.payment_search import items, transfer_asked_of_gateway
from agent.settings import gateway_part, load

_COLUMNS: Final = (
    "began_at",
    "role",
    "terminal",
    "amount",
    "state",
    "reason",
    "creditor_name",
    "end_to_end_id",
)
_LISTS: Final = frozenset({"history", "messages", "alarms"})
_HISTORY: Final = ("at", "event", "state", "note")
_ALARM: Final = ("name", "detail", "times", "last_at")
_ARROWS: Final[Mapping[str, str]] = {"in": "← in", "out": "→ out"}
_OF_MESSAGE: Final = ("kind", "status", "reason", "msg_id", "original_msg_id", "query_msg_id", "signer", "http", "attempts")  # fmt: skip


async def tell_newest(config: Path, limit: int, *, as_json: bool) -> None:
    settings = load(config)
    gateway_part(settings)
    rows = await items(owner.gateway_store(settings), "transfers.list", {"limit": limit})
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        Console(stderr=True).print("Nobody has paid by a link yet.")
    zone = ZoneInfo(settings.node.time_zone)
    _table(Console(), zone, _COLUMNS, rows)


async def tell_chain(config: Path, identifier: str, *, as_json: bool) -> None:
    settings = load(config)
    gateway_part(settings)
    asked = await transfer_asked_of_gateway(settings, identifier)
    found = await items(owner.gateway_store(settings), "transfers.show", asked)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console, zone = Console(), ZoneInfo(settings.node.time_zone)
    for item in found:
        for kind, told in item.items():
            _TELL[kind](console, zone, told)


def _tell_sale(console: Console, zone: ZoneInfo, sale: owner.Item) -> None:
    console.print("The sale", style="bold underline")
    _facts(console, zone, sale)
    _table(console, zone, _HISTORY, sale["history"])


def _tell_transfer(console: Console, zone: ZoneInfo, transfer: owner.Item) -> None:
    console.print(f"As the {transfer['role']}'s bank", style="bold underline")
    _facts(console, zone, transfer)
    _table(console, zone, _HISTORY, transfer["history"])
    messages = [{**one, "direction": _ARROWS[one["direction"]]} for one in transfer["messages"]]
    _table(console, zone, ("at", "direction", *_OF_MESSAGE), messages)
    _table(console, zone, _ALARM, transfer["alarms"])


_TELL: Final = {"sale": _tell_sale, "transfer": _tell_transfer}


def _facts(console: Console, zone: ZoneInfo, told: owner.Item) -> None:
    show_facts(console, {name: local(value, zone) for name, value in told.items() if name not in _LISTS})
    console.print()


def _table(console: Console, zone: ZoneInfo, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        show_rows(console, columns, ([local(row[column], zone) for column in columns] for row in rows))
        console.print()
