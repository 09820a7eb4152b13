"""What `tolem payments` asks both stores for, and how it tells it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.payment_numbers import Arguments, read_number
from agent.settings import Settings, gateway_part, load
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
_STORY_ONLY: Final = frozenset({"history", "entries", "alarms", "requisites", "fields"})
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
_NO_SUCH_JOURNEY: Final = "no_such_journey"


async def tell_newest(config: Path, limit: int, *, journeys: bool, as_json: bool) -> None:
    settings = load(config)
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
    facts = map(_journey_facts, rows) if of_terminal else rows
    show_rows(Console(), columns, ([local(row[column], zone) for column in columns] for row in facts))


async def tell_story(config: Path, identifier: str, *, as_json: bool) -> None:
    """The terminal may know it by its receipt; the gateway then knows it by its payment_id."""
    settings = load(config)
    wanted = read_number(identifier, ZoneInfo(settings.node.time_zone))
    story: dict[str, owner.Item] = {}
    journey = await _journey(settings, wanted)
    if settings.role.has_gateway:
        try:
            story["payment"] = await _of_gateway(settings, "payments.show", _asked(journey, wanted))
        except (ControlError, owner.NoStoreError):
            if journey is None:
                raise
    elif journey is None:
        raise ControlError(_NO_SUCH_JOURNEY, f"this terminal has nothing called {identifier!r}")
    if journey is not None:
        story["journey"] = journey
    if as_json:
        typer.echo(json.dumps(story, ensure_ascii=False))
    else:
        _tell(story, ZoneInfo(settings.node.time_zone))


async def order_cancel(config: Path, identifier: str, *, by: str, reason: str, as_json: bool) -> None:
    settings = load(config)
    gateway_part(settings)
    zone = ZoneInfo(settings.node.time_zone)
    wanted = read_number(identifier, zone)
    asked = _asked(await _journey(settings, wanted), wanted)
    row = await _of_gateway(settings, "payments.cancel", {**asked, "by": by, "reason": reason})
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        show_facts(Console(), {name: local(value, zone) for name, value in row.items()})


async def _journey(settings: Settings, wanted: Arguments) -> owner.Item | None:
    """None: this node's terminal does not know it, was never started, or is not there."""
    if not settings.role.has_terminal or wanted.get("terminal", settings.node.id) != settings.node.id:
        return None
    try:
        [journey] = await _items(_store(settings, of_terminal=True), "journeys.show", wanted)
    except owner.NoStoreError:
        if settings.role.has_gateway:
            return None
        raise
    except ControlError as error:
        if error.code == _NO_SUCH_JOURNEY:
            return None
        raise
    return journey


def _asked(journey: Mapping[str, Any] | None, wanted: Arguments) -> Arguments:
    """What the gateway is asked for: it knows nothing of receipts, so their payment_id."""
    return {"id": journey["payment_id"]} if journey and journey["payment_id"] else wanted


async def _of_gateway(settings: Settings, command: str, arguments: Arguments) -> owner.Item:
    [item] = await _items(_store(settings, of_terminal=False), command, arguments)
    return item


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


def _store(settings: Settings, *, of_terminal: bool) -> AbstractAsyncContextManager[owner.Call]:
    return owner.agent_store(settings) if of_terminal else owner.gateway_store(settings)


async def _items(
    store: AbstractAsyncContextManager[owner.Call], command: str, arguments: Mapping[str, Any]
) -> list[owner.Item]:
    async with store as call:
        return [item async for item in call(command, dict(arguments))]
