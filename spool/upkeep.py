"""What a store does for itself while it is open: note the time, take its reserve back, purge.

Purging goes in slices, each a short write of its own, so that it never holds the writer for long. Bodies
of ended entries go after a week; keys, results, history and idempotent answers after ninety days.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from spool.errors import SpoolError
from spool.moves import BODY_MS, KEY_MS
from spool.transaction import Transaction

log = logging.getLogger(__name__)

SLICE: Final = 100

_NOTE_TIME = "UPDATE store SET clock_ms = :clock_ms, wall_ms = :now_ms"
_RIPE = (
    "SELECT id FROM entry WHERE purge_ms IS NOT NULL AND purge_ms <= :clock_ms ORDER BY purge_ms LIMIT :slice"
)
_FORGET_BODY = "DELETE FROM body WHERE entry_id = :id"
_LATER = "UPDATE entry SET purge_ms = purge_ms + :rest_ms WHERE id = :id"
_FORGET_HISTORY = "DELETE FROM history WHERE entry_id = :id"
_FORGET = "DELETE FROM entry WHERE id = :id"
_FORGET_ANSWERS = """
DELETE FROM answer WHERE (scope, key) IN
    (SELECT scope, key FROM answer WHERE purge_ms <= :clock_ms ORDER BY purge_ms LIMIT :slice)
"""


class Write(Protocol):
    def __call__(self, fn: Callable[[Transaction], int], *, durable: bool) -> Awaitable[int]: ...


def note_time(tx: Transaction) -> int:
    """Write down how late it is: the next life goes on from there."""
    tx.execute(_NOTE_TIME, {"clock_ms": tx.clock_ms, "now_ms": tx.now_ms})
    return 0


def purge_entries(tx: Transaction) -> int:
    """Take the next step with at most a slice of ended entries: first their bodies go, later they do."""
    ids = [row[0] for row in tx.execute(_RIPE, {"clock_ms": tx.clock_ms, "slice": SLICE})]
    for entry_id in ids:
        tx.execute(_FORGET_BODY, {"id": entry_id})
        if tx.changed():
            tx.execute(_LATER, {"id": entry_id, "rest_ms": KEY_MS - BODY_MS})
        else:
            tx.execute(_FORGET_HISTORY, {"id": entry_id})
            tx.execute(_FORGET, {"id": entry_id})
    return len(ids)


def purge_answers(tx: Transaction) -> int:
    """Forget at most a slice of idempotent answers that are past their ninety days."""
    tx.execute(_FORGET_ANSWERS, {"clock_ms": tx.clock_ms, "slice": SLICE})
    return tx.changed()


class Upkeep:
    def __init__(self, write: Write, take_reserve: Callable[[], Awaitable[None]], *, seconds: float) -> None:
        self._write = write
        self._take_reserve = take_reserve
        self._seconds = seconds

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.once()
            except (SpoolError, OSError):
                log.exception("spool.upkeep_failed")

    async def once(self) -> None:
        await self._take_reserve()
        await self._write(note_time, durable=False)
        for purge in (purge_entries, purge_answers):
            while await self._write(purge, durable=False) == SLICE:
                pass
