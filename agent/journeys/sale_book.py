"""Sales in `agent.db`: their rows, and each move committed with all that the table's row causes."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from agent.journal import Journal
from agent.journeys.merchant_sale import RESOLVABLE, TABLE, Event, Step
from agent.journeys.sale_record import Changes, Happened, Sale, moved
from gateway.state_table import advance
from gateway.transfer_contract import SaleView
from spool import NewEntry, Spool, Transaction, enqueue, next_number
from spool.transaction import milliseconds

SALE_KIND: Final = "gateway.sale"
Observer = Callable[[Sale], None]

_INSERT = """
INSERT INTO sale (sale_id, state, slip_number, changed_ms, record)
VALUES (:sale_id, :state, :slip_number, :changed_ms, :record)
"""
_UPDATE = """
UPDATE sale SET state = :state, slip_number = :slip_number, changed_ms = :changed_ms, record = :record
WHERE sale_id = :sale_id AND state = :before
"""
_FIND = "SELECT record FROM sale WHERE sale_id = :it OR slip_number = :it"
_OPEN = "SELECT record FROM sale WHERE state NOT IN ('SLIP_DONE', 'CLOSED') ORDER BY sale_id"
_LATEST = "SELECT record FROM sale ORDER BY sale_id DESC LIMIT ?"


class SaleMovedError(Exception):
    """The stored sale is no longer in the state from which it was to move."""


class SaleBook:
    """`agent.journeys.sale_run.Book` over the spool's store. `observers` are told of each committed record."""

    def __init__(self, spool: Spool, journal: Journal, observers: Sequence[Observer] = ()) -> None:
        self._spool = spool
        self._journal = journal
        self._observers = tuple(observers)
        self._steps: Mapping[Step, Callable[[Transaction, Sale], Changes]] = {
            Step.NUMBER: _number,
            Step.ASK_LATER: _ask_later,
        }

    async def begin(self, sale: Sale) -> None:
        def write(tx: Transaction) -> None:
            tx.execute(_INSERT, _row(sale))
            self._tell(tx, sale, "BEGUN")

        await self._spool.write(write)

    async def move(self, sale: Sale, happened: Happened) -> Sale:
        """The record after the event. NoSuchRowError, SaleMovedError: nothing was changed."""
        return await self._spool.write(lambda tx: self._move(tx, sale, happened))

    def resolved(self, tx: Transaction, view: SaleView) -> None:
        """What the answer to a spooled question changes, in the transaction that acknowledges it."""
        sale = find(tx, view.sale_id)
        if sale is None or sale.state not in RESOLVABLE:
            return
        if sale.view is None or sale.view.told is not view.told:
            self._move(tx, sale, Happened(Event.RESOLVED, {"view": view}))

    def _move(self, tx: Transaction, sale: Sale, happened: Happened) -> Sale:
        """From the stored record, not from the caller's copy: a late answer may have come between."""
        stored = find(tx, sale.sale_id)
        if stored is None or stored.state is not sale.state:
            raise SaleMovedError(f"sale {sale.sale_id} is no longer {sale.state}")
        after = moved(stored, happened, at=tx.now)
        for step in advance(TABLE, stored.state, happened.event).steps:
            after = after.model_copy(update=self._steps[step](tx, after))
        tx.execute(_UPDATE, {**_row(after), "before": stored.state})
        self._tell(tx, after, happened.event)
        return after

    def _tell(self, tx: Transaction, sale: Sale, event: str) -> None:
        told = None if sale.view is None else sale.view.told
        data = {"sale_id": sale.sale_id, "event": event, "told": told, "reason": sale.reason}
        self._journal.write(tx, f"sale.{sale.state.lower()}", data)
        for observe in self._observers:
            tx.after_commit(partial(observe, sale))


def find(tx: Transaction, identifier: str) -> Sale | None:
    """By sale_id or slip number."""
    return next(
        (Sale.model_validate_json(record) for (record,) in tx.execute(_FIND, {"it": identifier})), None
    )


def unfinished(tx: Transaction) -> list[Sale]:
    """Oldest first: a sale_id begins with its time."""
    return [Sale.model_validate_json(record) for (record,) in tx.execute(_OPEN)]


def latest(tx: Transaction, limit: int) -> list[Sale]:
    """Newest first."""
    return [Sale.model_validate_json(record) for (record,) in tx.execute(_LATEST, (limit,))]


def _number(tx: Transaction, _sale: Sale) -> Changes:
    return {"slip_number": f"{next_number(tx, 'receipt_number'):06d}"}


def _ask_later(tx: Transaction, sale: Sale) -> Changes:
    payload, key = json.dumps({"sale_id": sale.sale_id}).encode(), f"sale-{sale.sale_id}"
    enqueue(tx, NewEntry(kind=SALE_KIND, destination="gateway", lane="resolve", key=key, payload=payload))
    return {}


def _row(sale: Sale) -> dict[str, str | int | None]:
    return {
        "sale_id": sale.sale_id,
        "state": sale.state,
        "slip_number": sale.slip_number,
        "changed_ms": milliseconds(sale.changed_at),
        "record": sale.model_dump_json(),
    }
