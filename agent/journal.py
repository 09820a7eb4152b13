"""The terminal's journal: numbered lines, written with what they tell of, forwarded in batches.

A line is written inside the transaction of its cause, so the journal neither forgets nor invents. Its
data are words and numbers for a person and for the gateway; they never hold card data.
"""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from gateway.contract import Events, JournalEvent
from spool import (
    CommitFailed,
    NewEntry,
    SpoolError,
    Store,
    StoreOverloaded,
    Transaction,
    enqueue,
    next_number,
)

log = logging.getLogger(__name__)
Data = Mapping[str, str | int | bool | None]

BATCH_LARGEST: Final = 500  # lines of one POST /v1/events
KIND: Final = "gateway.events"
_STORE_PAUSE_SECONDS: Final = 1.0

_INSERT = "INSERT INTO journal VALUES (:number, :at_ms, :name, :data)"
_WAITING = """
SELECT number, at_ms, name, data FROM journal
WHERE number > (SELECT up_to FROM journal_handed) ORDER BY number LIMIT :largest
"""
_HANDED = "UPDATE journal_handed SET up_to = ?"
_LATEST = "SELECT number, at_ms, name, data FROM journal ORDER BY number DESC LIMIT ?"


class Journal:
    """Writes lines, and hands them to the spool a little later, many in one entry."""

    def __init__(self, spool: Store, *, batch_seconds: float) -> None:
        self._spool = spool
        self._batch_seconds = batch_seconds
        self._written = asyncio.Event()
        self._written.set()  # lines of an earlier life may wait

    def write(self, tx: Transaction, name: str, data: Data) -> None:
        number = next_number(tx, "journal")
        tx.execute(_INSERT, {"number": number, "at_ms": tx.now_ms, "name": name, "data": json.dumps(data)})
        tx.after_commit(self._written.set)

    async def run(self) -> None:
        """For ever: when lines were written, wait for more of them, then hand them over.

        What the store cannot take now waits for it, and loses no line.
        """
        while True:
            await self._written.wait()
            await asyncio.sleep(self._batch_seconds)
            try:
                await self.hand_over()
            except (CommitFailed, StoreOverloaded) as error:
                log.warning("journal.not_handed_over", extra={"why": str(error)})
                self._written.set()
                await asyncio.sleep(_STORE_PAUSE_SECONDS)

    async def hand_over(self) -> None:
        """Give everything that waits to the spool now."""
        self._written.clear()
        while await self._spool.write(_hand_over):
            pass

    async def close(self) -> None:
        """Give what waits to the spool; what that cannot take now is the next life's first."""
        try:
            await self.hand_over()
        except (CommitFailed, StoreOverloaded) as error:
            log.warning("journal.not_handed_over", extra={"why": str(error)})


async def noted(spool: Store, journal: Journal, name: str, data: Data) -> None:
    """A line of its own, of what somebody did. A store that cannot write keeps nobody from going on."""
    try:
        await spool.write(lambda tx: journal.write(tx, name, data))
    except SpoolError as error:
        log.error("journal.not_written", extra={"line": name, "why": str(error)})  # noqa: TRY400 - a full disk is no defect, its trace says nothing


def latest(tx: Transaction, limit: int) -> list[JournalEvent]:
    """Newest first."""
    return list(_events(tx.execute(_LATEST, (limit,))))


def _hand_over(tx: Transaction) -> bool:
    """One batch; True if there may be another."""
    lines = list(_events(tx.execute(_WAITING, {"largest": BATCH_LARGEST})))
    if not lines:
        return False
    first, last = lines[0].number, lines[-1].number
    payload = Events(events=lines).model_dump_json().encode()
    enqueue(
        tx,
        NewEntry(
            kind=KIND, destination="gateway", lane="journal", key=f"events-{first}-{last}", payload=payload
        ),
    )
    tx.execute(_HANDED, (last,))
    return len(lines) == BATCH_LARGEST


def _events(rows: Iterator[tuple[int, int, str, str]]) -> Iterator[JournalEvent]:
    return (
        JournalEvent(
            number=number, at=datetime.fromtimestamp(at_ms / 1000, UTC), name=name, data=json.loads(data)
        )
        for number, at_ms, name, data in rows
    )
