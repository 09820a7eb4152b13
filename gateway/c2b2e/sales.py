"""Sales and their links in the store: the only place that changes a sale's state, and what reads one."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from gateway.c2b2e.entries import closing_entry
from gateway.c2b2e.sale_states import FINAL, PAID, START, TABLE, Event, State, Step
from gateway.c2b2e.transfer import HistoryLine
from gateway.money import Amount
from gateway.state_table import advance
from gateway.times import from_ms, to_ms
from spool import Transaction, enqueue

_log = logging.getLogger(__name__)
MADE: Final = "MADE"  # the event that brings a sale into the table


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One link, and whose money it asks for; the merchant as it was when the link was made."""

    sale_id: str
    terminal: str
    request_digest: bytes
    link_id: str
    link: str
    state: State = START
    moves: int = 1
    reason: str | None = None
    amount: Amount
    purpose: str | None = None
    merchant_order: str | None = None
    name: str
    bin: str
    iban: str
    knp: str
    kbe: str | None = None
    end_to_end_id: str | None = None
    made: datetime
    expires: datetime
    changed: datetime
    paid: datetime | None = None

    def takes_orders(self, now: datetime) -> bool:
        """Whether a pacs.008 may reserve the link."""
        return self.state is State.OPEN and now < self.expires

    def gives_details(self, now: datetime) -> bool:
        """Links may be asked any number of times, while somebody's order is on its way too."""
        return self.state not in FINAL and now < self.expires


Observer = Callable[[Sale], None]
_COLUMNS: Final = tuple(
    {
        "sale_id": "sale_id",
        "terminal": "terminal",
        "request_digest": "request_digest",
        "link_id": "link_id",
        "link": "link",
        "state": "state",
        "moves": "moves",
        "reason": "reason",
        "amount_minor": "amount",
        "purpose": "purpose",
        "merchant_order": "merchant_order",
        "name": "name",
        "bin": "bin",
        "iban": "iban",
        "knp": "knp",
        "kbe": "kbe",
        "end_to_end_id": "end_to_end_id",
        "made_ms": "made",
        "expires_ms": "expires",
        "changed_ms": "changed",
        "paid_ms": "paid",
    }.items()
)
_NAMES: Final = ", ".join(column for column, _ in _COLUMNS)
_INSERT: Final = f"INSERT INTO sale ({_NAMES}) VALUES ({', '.join(f':{column}' for column, _ in _COLUMNS)})"  # noqa: S608 - our own names
_MOVE: Final = """
UPDATE sale SET state = :next, moves = :n, changed_ms = :now, reason = :reason,
    end_to_end_id = :end_to_end_id, paid_ms = :paid
WHERE sale_id = :sale_id AND state = :state
"""
_NOTE: Final = """
INSERT INTO sale_move (sale_id, n, event, state, at_ms, note)
VALUES (:sale_id, :n, :event, :next, :now, :note)
"""


class Sales:
    """Whoever watches is told of a sale as it is after its move, after the commit, on the loop."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = observers

    def make(self, tx: Transaction, sale: Sale) -> None:
        """The sale, its link, and the end of the link's time."""
        tx.execute(_INSERT, {column: _stored(getattr(sale, name)) for column, name in _COLUMNS})
        self._note(tx, sale, event=MADE, note="")
        enqueue(tx, closing_entry(sale.sale_id, "time", lane=sale.terminal, due_at=sale.expires))

    def play(
        self,
        tx: Transaction,
        sale: Sale,
        event: Event,
        *,
        end_to_end_id: str | None = None,
        reason: str | None = None,
    ) -> Sale:
        """The sale as it is then. An order that is rejected after the link's time leaves nothing to pay."""
        row = advance(TABLE, sale.state, event)
        if row.next is sale.state:
            return sale
        after = replace(
            sale,
            state=row.next,
            moves=sale.moves + 1,
            changed=tx.now,
            reason=reason or sale.reason,
            end_to_end_id=end_to_end_id or sale.end_to_end_id,
            paid=tx.now if row.next in PAID else sale.paid,
        )
        tx.execute(
            _MOVE,
            {
                "next": after.state,
                "n": after.moves,
                "now": tx.now_ms,
                "reason": after.reason,
                "end_to_end_id": after.end_to_end_id,
                "paid": _stored(after.paid),
                "sale_id": sale.sale_id,
                "state": sale.state,
            },
        )
        assert tx.changed() == 1, "one transaction at a time moves a sale"
        self._note(tx, after, event=event, note=reason or "")
        if Step.CLOSE_CHAINS in row.steps:
            enqueue(tx, closing_entry(sale.sale_id, "end", lane=sale.terminal))
        if after.state is State.OPEN and tx.now >= after.expires:
            return self.play(tx, after, Event.TIME_OVER)
        return after

    def _note(self, tx: Transaction, after: Sale, *, event: str, note: str) -> None:
        tx.execute(
            _NOTE,
            {
                "sale_id": after.sale_id,
                "n": after.moves,
                "event": event,
                "next": after.state,
                "now": tx.now_ms,
                "note": note,
            },
        )
        tx.after_commit(lambda: self._tell(after, event))

    def _tell(self, after: Sale, event: str) -> None:
        told = {"sale_id": after.sale_id, "terminal": after.terminal, "cause": event, "after": after.state}
        _log.info("sale.moved", extra=told)
        for observer in self._observers:
            observer(after)


def load(tx: Transaction, sale_id: str) -> Sale | None:
    return next(_read(tx, "WHERE sale_id = :sale_id", {"sale_id": sale_id}), None)


def of_link(tx: Transaction, link_id: str) -> Sale | None:
    return next(_read(tx, "WHERE link_id = :link_id", {"link_id": link_id}), None)


def made_within(tx: Transaction, terminal: str, begin: datetime, end: datetime) -> list[Sale]:
    """Those that a terminal made within [begin, end), the oldest first."""
    where = "WHERE terminal = :terminal AND made_ms >= :begin AND made_ms < :end ORDER BY made_ms"
    return list(_read(tx, where, {"terminal": terminal, "begin": to_ms(begin), "end": to_ms(end)}))


def history(tx: Transaction, sale_id: str) -> list[HistoryLine]:
    rows = tx.execute(
        "SELECT event, state, at_ms, note FROM sale_move WHERE sale_id = :sale_id ORDER BY n",
        {"sale_id": sale_id},
    )
    return [HistoryLine(event, state, from_ms(at_ms), note) for event, state, at_ms, note in rows]


def _read(tx: Transaction, where: str, bindings: Mapping[str, Any]) -> Iterator[Sale]:
    for row in tx.execute(f"SELECT {_NAMES} FROM sale {where}", bindings):  # noqa: S608 - our own names
        values = {
            name: _read_value(column, content) for (column, name), content in zip(_COLUMNS, row, strict=True)
        }
        yield Sale(**{**values, "state": State(values["state"])})


def _read_value(column: str, content: Any) -> Any:
    if content is None:
        return None
    if column == "amount_minor":
        return Amount(content)
    return from_ms(content) if column.endswith("_ms") else content


def _stored(content: object) -> object:
    if isinstance(content, Amount):
        return content.minor
    return to_ms(content) if isinstance(content, datetime) else content
