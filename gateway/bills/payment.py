"""Bill payments in the store, read. What changes one is in `moves`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.bills import checks
from gateway.bills.checks import Check
from gateway.bills.payment_states import Event, State
from gateway.funds.interface import HoldIdentifiers
from gateway.money import Amount
from gateway.times import from_ms, to_ms
from spool import Transaction

COLUMNS: Final = (
    "payment_id",
    "terminal",
    "request_digest",
    "state",
    "moves",
    "reason",
    "amount_minor",
    "fee_minor",
    "total_minor",
    "txn_id",
    "rrn",
    "stan",
    "acquirer",
    "merchant",
    "advice_stan",
    "response_code",
    "approval_code",
    "eport_id",
    "provider_finished_at",
    "accepted_ms",
    "changed_ms",
    "finished_ms",
)
_SELECT: Final = (
    f"SELECT {', '.join(f'p.{name}' for name in COLUMNS)}, {', '.join(f'c.{name}' for name in checks.COLUMNS)}"  # noqa: S608 - our own names
    " FROM payment p JOIN account_check c ON c.check_id = p.check_id"
)
FINDABLE: Final = ("payment_id", "txn_id", "rrn", "eport_id", "check_id")
_WITH_PREFIX: Final = 11  # digits of a phone number with its 7 or 8
_HAS_REQUISITE: Final = "p.payment_id IN (SELECT payment_id FROM payment_requisite WHERE value = :value)"


@dataclass(frozen=True, kw_only=True)
class Payment:
    payment_id: str
    terminal: str
    request_digest: bytes
    state: State
    moves: int
    reason: str | None = None
    amount: Amount
    fee: Amount
    total: Amount
    txn_id: str
    rrn: str
    stan: str
    acquirer: str
    merchant: str
    advice_stan: str | None = None
    response_code: str | None = None
    approval_code: str | None = None
    eport_id: str | None = None
    provider_finished_at: str | None = None
    accepted_at: datetime
    changed_at: datetime
    finished_at: datetime | None = None
    check: Check

    @property
    def hold(self) -> HoldIdentifiers:
        """What its messages to the card host are built from, also after a restart."""
        return HoldIdentifiers(
            stan=self.stan,
            rrn=self.rrn,
            terminal=self.terminal,
            total=self.total,
            sent_at=self.accepted_at,
            acquirer=self.acquirer,
            merchant=self.merchant,
        )


@dataclass(frozen=True)
class HistoryLine:
    event: str
    state: State
    at: datetime
    note: str


def load(tx: Transaction, payment_id: str) -> Payment | None:
    return next(_read(tx, "WHERE p.payment_id = :payment_id", {"payment_id": payment_id}), None)


def find(tx: Transaction, value: str) -> list[Payment]:
    """By whichever identifier it is; by a requisite if it is none. An RRN comes again after ten years, an account often."""
    by = " OR ".join(
        f"p.payment_id IN (SELECT payment_id FROM payment WHERE {name} = :value)"  # noqa: S608 - our own names
        for name in FINDABLE
    )
    found = list(_read(tx, f"WHERE {by} ORDER BY p.accepted_ms", {"value": value}))
    return found or _of_account(tx, value)


def _of_account(tx: Transaction, value: str) -> list[Payment]:
    """By a requisite as it is kept, or as a person writes a phone number: +7 701 123-45-67. The newest first."""
    digits = "".join(filter(str.isdecimal, value))
    kept = digits[1:] if len(digits) == _WITH_PREFIX else digits
    for spelling in dict.fromkeys((value, digits, kept)):
        if found := list(
            _read(tx, f"WHERE {_HAS_REQUISITE} ORDER BY p.accepted_ms DESC", {"value": spelling})
        ):
            return found
    return []


def find_stan(tx: Transaction, terminal: str, stan: str) -> list[Payment]:
    """By field 11 of its 0100 or of its advice, which come again: the newest first."""
    return list(
        _read(
            tx,
            "WHERE p.terminal = :terminal AND :stan IN (p.stan, p.advice_stan) ORDER BY p.accepted_ms DESC",
            {"terminal": terminal, "stan": stan},
        )
    )


def find_time(tx: Transaction, terminal: str, begin: datetime, end: datetime) -> list[Payment]:
    """Those that a terminal brought within [begin, end), the oldest first."""
    return list(
        _read(
            tx,
            "WHERE p.terminal = :terminal AND p.accepted_ms >= :begin AND p.accepted_ms < :end"
            " ORDER BY p.accepted_ms",
            {"terminal": terminal, "begin": to_ms(begin), "end": to_ms(end)},
        )
    )


def newest(tx: Transaction, *, limit: int, state: State | None = None) -> list[Payment]:
    where = "" if state is None else "WHERE p.state = :state"
    return list(
        _read(
            tx,
            f"{where} ORDER BY p.accepted_ms DESC, p.payment_id LIMIT :limit",
            {"limit": limit, "state": state},
        )
    )


def every(tx: Transaction) -> Iterator[Payment]:
    """The whole book, the oldest first. Read them inside the transaction."""
    return _read(tx, "ORDER BY p.accepted_ms, p.payment_id", {})


def interrupted(tx: Transaction, *, limit: int) -> list[str]:
    """Payments that the end of the process left in HOLDING or PAYING."""
    rows = tx.execute(
        "SELECT payment_id FROM payment WHERE state IN ('HOLDING', 'PAYING') LIMIT :limit", {"limit": limit}
    )
    return [payment_id for (payment_id,) in rows]


def history(tx: Transaction, payment_id: str) -> list[HistoryLine]:
    rows = tx.execute(
        "SELECT event, state, at_ms, note FROM payment_move WHERE payment_id = :payment_id ORDER BY n",
        {"payment_id": payment_id},
    )
    return [HistoryLine(event, State(state), from_ms(at_ms), note) for event, state, at_ms, note in rows]


def happened(tx: Transaction, payment_id: str, event: Event) -> bool:
    """Whether the payment's history holds this event."""
    found = tx.one(
        "SELECT 1 FROM payment_move WHERE payment_id = :payment_id AND event = :event LIMIT 1",
        {"payment_id": payment_id, "event": event},
    )
    return found is not None


def is_buried(tx: Transaction, payment_id: str) -> bool:
    """Whether the terminal was told that this payment never arrived."""
    return tx.one("SELECT 1 FROM tombstone WHERE payment_id = :id", {"id": payment_id}) is not None


def bury(tx: Transaction, payment_id: str, *, terminal: str) -> None:
    """From now on nothing of this id, which its terminal chose, has ever arrived; orders have such ids too."""
    tx.execute(
        """INSERT INTO tombstone (payment_id, terminal, at_ms) VALUES (:payment_id, :terminal, :now)
           ON CONFLICT (payment_id) DO NOTHING""",
        {"payment_id": payment_id, "terminal": terminal, "now": tx.now_ms},
    )


def last_change_ms(tx: Transaction) -> int:
    """When a payment or a transfer last moved; 0 in a new store."""
    found = tx.one(
        """SELECT max(changed_ms) FROM
           (SELECT changed_ms FROM payment UNION ALL SELECT changed_ms FROM transfer)"""
    )
    return 0 if found is None or found[0] is None else int(found[0])


def _read(tx: Transaction, where: str, bindings: Mapping[str, Any]) -> Iterator[Payment]:
    for row in tx.execute(f"{_SELECT} {where}", bindings):
        yield _from_row(row)


def _from_row(row: tuple[Any, ...]) -> Payment:
    column = dict(zip(COLUMNS, row, strict=False))
    return Payment(
        check=checks.from_row(row[len(COLUMNS) :]),
        state=State(column.pop("state")),
        amount=Amount(column.pop("amount_minor")),
        fee=Amount(column.pop("fee_minor")),
        total=Amount(column.pop("total_minor")),
        accepted_at=from_ms(column.pop("accepted_ms")),
        changed_at=from_ms(column.pop("changed_ms")),
        finished_at=_instant(column.pop("finished_ms")),
        **column,
    )


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
