"""What `tolem reconcile` asks the gateway's store for, and how it tells it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.payment_search import items
from agent.settings import Settings, load

_DAY_COLUMNS: Final = (
    "day",
    "registry_id",
    "count",
    "total",
    "differences",
    "open_cases",
    "state",
    "closed_by",
)
_TOTAL_COLUMNS: Final = ("provider", "class", "our_count", "our_total", "eport_count", "eport_total")
_CASE_COLUMNS: Final = ("case", "day", "class", "owner", "age", "txn_id", "ours", "eport", "detail", "may")
_DECIDED_COLUMNS: Final = ("at", "decision", "person", "reason")
_NOT_A_FACT: Final = frozenset({"decisions", "may", "age_days"})


async def tell_day(config: Path, day: str, *, close: bool, by: str, as_json: bool) -> None:
    settings = load(config)
    found = await _asked(settings, "reconcile.day", {"day": day, "close": close, "by": by})
    told, totals = found[0], [item for item in found if "our_count" in item]
    cases = [item for item in found if "case" in item]
    if as_json:
        typer.echo(json.dumps({**told, "totals": totals, "cases": cases}, ensure_ascii=False))
        return
    console, zone = Console(), ZoneInfo(settings.node.time_zone)
    show_facts(console, {name: local(value, zone) for name, value in told.items()})
    if totals:
        console.print()
        _table(console, _TOTAL_COLUMNS, [{**row, "provider": row["provider"] or "–"} for row in totals])
    if cases:
        console.print()
        _cases(console, cases)


async def tell_days(config: Path, limit: int, *, as_json: bool) -> None:
    found = await _asked(load(config), "reconcile.days", {"limit": limit})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif found:
        _table(Console(), _DAY_COLUMNS, found)
    else:
        Console(stderr=True).print("No day was compared yet.")


async def tell_worklist(config: Path, limit: int, *, as_json: bool) -> None:
    found = await _asked(load(config), "reconcile.worklist", {"limit": limit})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif found:
        _cases(Console(), found)
    else:
        Console(stderr=True).print("Nothing waits for a decision.")


async def tell_case(config: Path, command: str, arguments: owner.Item, *, as_json: bool) -> None:
    settings = load(config)
    [case] = await _asked(settings, command, arguments)
    if as_json:
        typer.echo(json.dumps(case, ensure_ascii=False))
        return
    console, zone = Console(), ZoneInfo(settings.node.time_zone)
    show_facts(
        console,
        {name: local(value, zone) for name, value in case.items() if name not in _NOT_A_FACT and value != ""},
    )
    if case["decisions"]:
        console.print()
        rows = [{name: local(one[name], zone) for name in _DECIDED_COLUMNS} for one in case["decisions"]]
        _table(console, _DECIDED_COLUMNS, rows)


async def _asked(settings: Settings, command: str, arguments: owner.Item) -> list[owner.Item]:
    return await items(owner.reconciliation(settings), command, arguments)


def _cases(console: Console, cases: Sequence[owner.Item]) -> None:
    rows = [
        {
            **case,
            "age": f"{case['age_days']} d",
            "may": ", ".join(case["may"]).lower() or case["decisions"][-1]["decision"].lower(),
        }
        for case in cases
    ]
    _table(console, _CASE_COLUMNS, rows)


def _table(console: Console, columns: Sequence[str], rows: Sequence[owner.Item]) -> None:
    show_rows(console, columns, ([row[column] for column in columns] for row in rows))
