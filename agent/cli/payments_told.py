"""What `tolem payments` asks both stores for, and how it tells it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.payment_search import NO_SUCH_PAYMENT, asked_of_gateway, find_payment, items
from agent.cli.private_file import write_ours_alone
from agent.dispute import bundle, dispute_of
from agent.settings import gateway_part, load
from gateway.contract import Money
from spool import ControlError

_GATEWAY_COLUMNS: Final = ("accepted_at", "terminal", "product", "total", "state", "reason", "rrn")
_TERMINAL_COLUMNS: Final = (
    "started_at",
    "receipt_number",
    "product",
    "total",
    "state",
    "ending",
    "reason",
    "rrn",
)
_STORY_ONLY: Final = frozenset({"history", "entries", "alarms", "requisites", "fields", "listed", "cases"})
_JOURNEY_TOLD: Final = (
    "receipt_number",
    "journey_id",
    "payment_id",
    "product",
    "sum",
    "fee",
    "total",
    "state",
    "ending",
    "reason",
    "comment",
    "started_at",
    "sent_at",
    "masked_pan",
    "application",
    "language",
)
_OF_GATEWAY: Final = ("rrn", "txn_id", "eport_id", "check_id", "approval_code")


async def tell_newest(config: Path, limit: int, *, journeys: bool, as_json: bool) -> None:
    settings = load(config)
    of_terminal = journeys or not settings.role.has_gateway
    command = "journeys.list" if of_terminal else "payments.list"
    store = owner.agent_store if of_terminal else owner.gateway_store
    rows = await items(store(settings), command, {"limit": limit})
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        Console(stderr=True).print("Nothing was paid yet.")
    columns = _TERMINAL_COLUMNS if of_terminal else _GATEWAY_COLUMNS
    zone = ZoneInfo(settings.node.time_zone)
    facts = map(_journey_facts, rows) if of_terminal else rows
    show_rows(Console(), columns, ([local(row[column], zone) for column in columns] for row in facts))


async def tell_story(config: Path, identifier: str, *, as_json: bool) -> None:
    settings = load(config)
    story = {
        name: item
        for name, item in zip(("payment", "journey"), await find_payment(settings, identifier), strict=True)
        if item is not None
    }
    if as_json:
        typer.echo(json.dumps(story, ensure_ascii=False))
    else:
        _tell(story, ZoneInfo(settings.node.time_zone))


async def order_cancel(config: Path, identifier: str, *, by: str, reason: str, as_json: bool) -> None:
    settings = load(config)
    gateway_part(settings)
    zone = ZoneInfo(settings.node.time_zone)
    asked = await asked_of_gateway(settings, identifier)
    [row] = await items(
        owner.gateway_store(settings), "payments.cancel", {**asked, "by": by, "reason": reason}
    )
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        show_facts(Console(), {name: local(value, zone) for name, value in row.items()})


async def write_dispute(config: Path, identifier: str, output: Path) -> None:
    settings = load(config)
    part = gateway_part(settings)
    payment, _ = await find_payment(settings, identifier)
    if payment is None:
        raise ControlError(NO_SUCH_PAYMENT, "the gateway has no payment of that number or time")
    facts = dispute_of(
        payment, point=part.eport.point, zone=ZoneInfo(settings.node.time_zone), now=owner.now()
    )
    zipped = bundle(facts)
    write_ours_alone(output, zipped)
    Console().print(f"{output}: {len(zipped)} bytes", soft_wrap=True)


def _tell(story: dict[str, owner.Item], zone: ZoneInfo) -> None:
    console = Console()
    if payment := story.get("payment"):
        console.print("At the gateway", style="bold underline")
        told = {name: local(value, zone) for name, value in payment.items() if name not in _STORY_ONLY}
        show_facts(console, told)
        console.print()
        _table(console, zone, ("at", "event", "state", "note"), payment["history"])
        _table(console, zone, ("entry", "kind", "state", "attempts", "due_at", "note"), payment["entries"])
        _table(console, zone, ("name", "detail", "times", "last_at", "closed_by"), payment["alarms"])
        _table(
            console, zone, ("registry_id", "line", "eport_id", "sum", "fee", "finished_at"), payment["listed"]
        )
        _table(console, zone, ("case", "day", "class", "owner", "detail", "closed_at"), payment["cases"])
    if journey := story.get("journey"):
        console.print("At the terminal", style="bold underline")
        facts = _journey_facts(journey)
        names = (*_JOURNEY_TOLD, *(() if payment else _OF_GATEWAY))
        show_facts(console, {name: local(facts[name], zone) for name in names})


def _journey_facts(journey: owner.Item) -> owner.Item:
    """Its record with sums as the gateway writes them, and with what the gateway's last word told."""
    view = journey["view"] or {}
    sums = {"sum": journey["amount"], "fee": journey["fee"], "total": journey["total"]}
    return {
        **journey,
        **{name: view.get(name) for name in _OF_GATEWAY},
        **{name: money and str(Money.model_validate(money).amount()) for name, money in sums.items()},
    }


def _table(console: Console, zone: ZoneInfo, columns: Sequence[str], items: Sequence[dict[str, Any]]) -> None:
    if items:
        show_rows(console, columns, ([local(item[column], zone) for column in columns] for item in items))
        console.print()
