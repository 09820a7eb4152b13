"""What is seen of a stage while it runs: devices as they change, books as they are once a second."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import aiohttp

from agent.demo.comparison import Compared, compare_books
from agent.demo.panel.board import Board
from agent.demo.stage import Stage
from gateway.sandbox.books import CardRow, Line
from spool import ControlError

log = logging.getLogger(__name__)
LINES: Final = 8  # of the books, the newest
_LOOK_AGAIN_SECONDS: Final = 1.0
_POWER_OFF: Final[Mapping[str, Any]] = {"power": False}
_GONE: Final = (ControlError, OSError, aiohttp.ClientError)


async def follow(stage: Stage, board: Board) -> None:
    """For ever. A terminal without power, or a gateway that is gone, is looked for again."""
    async with asyncio.TaskGroup() as looking:
        looking.create_task(_again(lambda: _devices(stage, board)))
        looking.create_task(_again(lambda: _books(stage, board)))


async def _again(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await look()
        except _GONE as error:
            log.debug("panel.not_seen", extra={"why": str(error)})
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _devices(stage: Stage, board: Board) -> None:
    try:
        async for item in stage.terminals[0].call("hands.watch"):
            board.put("devices", {"power": True, **item})
    finally:
        board.put("devices", _POWER_OFF)


async def _books(stage: Stage, board: Board) -> None:
    board.put("books", told(await compare_books(stage)))


def told(compared: Compared) -> Mapping[str, Any]:
    """The newest payments first, and whether the books agree."""
    lines = list(reversed(compared.books.lines))
    return {
        "lines": [_line(line) for line in lines[:LINES]],
        "payments": len(lines),
        "open": compared.books.open,
        "agree": compared.agree,
        "contradictions": list(compared.contradictions),
    }


def _line(line: Line) -> Mapping[str, Any]:
    ours, theirs = next(iter(line.gateway), None), next(iter(line.eport), None)
    return {
        "rrn": ours.rrn if ours else next((card.rrn for card in line.cards), ""),
        "txn_id": theirs.txn_id if theirs else None,
        "total": ours.total if ours else None,
        "paid_for": f"{theirs.product} {theirs.account}" if theirs else "",
        "gateway": _states([row.state for row in line.gateway]),
        "eport": _states([row.status for row in line.eport]),
        "card_host": _states([_card(row) for row in line.cards]),
        "open": line.open,
        "findings": [f"{finding.kind}: {finding.says}" for finding in line.findings],
    }


def _states(states: Sequence[str]) -> str:
    return ", ".join(states) or "–"


def _card(row: CardRow) -> str:
    for name, tiyn in (("captured", row.captured), ("released", row.released), ("held", row.held)):
        if tiyn:
            return name
    return "not held" if row.response_code is None else f"declined {row.response_code}"
